#include "rules/heartbeat_policy.h"

#include <algorithm>
#include <string_view>

namespace pharos::rules {
namespace {

constexpr int64_t kDegradedAfterS = 300;
constexpr int64_t kDownAfterS = 600;

Duration LimitOf(const model::Monitor& monitor, std::string_view field, int64_t fallback_s) {
  constexpr int64_t kLongestS = int64_t{10} * 365 * 86400;
  const int64_t seconds = monitor.spec.IntOr(field, fallback_s);
  return Seconds(seconds > 0 ? std::min(seconds, kLongestS) : fallback_s);
}

// Contract text (product.md 2.10); limits that are no whole minutes, which other dialects can set,
// are told in seconds.
std::string SilenceText(Duration limit) {
  const int64_t seconds = limit / Seconds(1);
  const bool whole_minutes = seconds % 60 == 0;
  return "No heartbeat received in the last " +
         std::to_string(whole_minutes ? seconds / 60 : seconds) +
         (whole_minutes ? " minutes" : " seconds");
}

}  // namespace

SilenceVerdict JudgeSilence(const model::Monitor& monitor, const model::MonitorState& state,
                            Timestamp now, Timestamp watching_since) {
  SilenceVerdict verdict;
  if (state.last_signal_at == Timestamp{}) {
    verdict.message = "No heartbeat received yet";
    return verdict;
  }
  verdict.age_ms = std::max(0.0, ToMillis(now - state.last_signal_at));
  verdict.status = state.last_signal_status;
  if (verdict.status != model::Status::kUp) {
    verdict.message = "Last heartbeat reported " + std::string(model::StatusName(verdict.status));
  }
  // What was judged before a restart stands: the server's absence is no sign of life.
  const Duration whole_silence = now - state.last_signal_at;
  const Duration silence = now - std::max(state.last_signal_at, watching_since);
  const auto is_over = [&](Duration limit, bool was_over) {
    return silence > limit || (was_over && whole_silence > limit);
  };
  const bool was_down = state.observed == model::Status::kDown;
  const bool was_degraded = was_down || state.observed == model::Status::kDegraded;
  const Duration down_after = LimitOf(monitor, "down_after_s", kDownAfterS);
  // 0: silence is down or nothing (kodo.md 11.3).
  const bool knows_degraded = monitor.spec.IntOr("degraded_after_s", kDegradedAfterS) != 0;
  const Duration degraded_after =
      knows_degraded ? LimitOf(monitor, "degraded_after_s", kDegradedAfterS) : Duration::zero();
  if (is_over(down_after, was_down)) {
    verdict.status = model::Status::kDown;
    verdict.message = SilenceText(down_after);
  } else if (degraded_after > Duration::zero() && is_over(degraded_after, was_degraded) &&
             model::Severity(verdict.status) < model::Severity(model::Status::kDegraded)) {
    // A monitor that reported itself down does not get better by falling silent.
    verdict.status = model::Status::kDegraded;
    verdict.message = SilenceText(degraded_after);
  }
  return verdict;
}

}  // namespace pharos::rules
