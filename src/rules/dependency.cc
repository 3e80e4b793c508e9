#include "rules/dependency.h"

#include <algorithm>

#include "base/text.h"
#include "model/check_result.h"
#include "rules/schedule_policy.h"

namespace pharos::rules {
namespace {

bool IsDown(const model::MonitorState& state) {
  return state.unreachable || state.observed == model::Status::kDown ||
         state.shown == model::Status::kDown;
}

}  // namespace

Upstream JudgeParents(std::span<const ParentView> parents, Timestamp failed_at) {
  Upstream upstream;
  if (parents.empty()) return upstream;
  bool all_down = true;
  bool is_clear = false;
  for (const ParentView& parent : parents) {
    if (IsDown(*parent.state)) {
      if (upstream.name.empty()) upstream.name = parent.monitor->name;
      continue;
    }
    all_down = false;
    const Duration period = PeriodAt(*parent.monitor, failed_at);
    if (period <= Duration::zero() || parent.state->last_result_at >= failed_at) {
      is_clear = true;
    } else {
      upstream.wait_until = std::max(upstream.wait_until,
                                     failed_at + std::min(period, kMaxParentGrace) + kParentSlack);
    }
  }
  upstream.standing = all_down   ? Upstream::Standing::kDown
                      : is_clear ? Upstream::Standing::kClear
                                 : Upstream::Standing::kUnknown;
  return upstream;
}

std::string UnreachableText(const Upstream& upstream) {
  constexpr std::string_view kBefore = "Unreachable: ";
  constexpr std::string_view kAfter = " is down";
  const size_t room = model::kMaxMessageBytes - kBefore.size() - kAfter.size();
  return std::string(kBefore) + Ellipsize(upstream.name, room) + std::string(kAfter);
}

}  // namespace pharos::rules
