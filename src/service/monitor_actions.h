#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/monitor.h"
#include "model/principal.h"
#include "service/channels.h"
#include "service/checks.h"
#include "service/context.h"
#include "service/monitors.h"
#include "service/pages.h"

namespace pharos::service {

// Which monitors of the caller's organisation an action is for: those named, and those of the
// category. Each once, in the order named.
struct MonitorSelection {
  std::vector<std::string> tags;
  std::vector<model::MonitorId> ids;
  std::string category;  // empty = none
};
inline constexpr size_t kMaxSelected = 10'000;
inline constexpr size_t kMaxSelectedToDelete = 1'000;

struct MonitorAction {
  // kCheck begins a check of each and does not wait for them.
  enum class Kind : uint8_t {
    kPause,
    kResume,
    kShow,
    kHide,
    kSetSchedule,
    kSetCategory,
    kCheck,
    kDelete
  };
  Kind kind = Kind::kPause;
  model::Schedule schedule{};  // kSetSchedule
  std::string category{};      // kSetCategory
};

// What became of one of the selection.
struct ActionOutcome {
  enum class Kind : uint8_t { kDone, kUnchanged, kNotFound, kRefused };
  Kind kind = Kind::kDone;
  std::string tag;  // as it was asked for, when there is no such monitor
  std::string message{};
};

// What people do to monitors beside editing them (product.md 2.15). Every call is limited to the
// principal's organisation. Thread-safe; blocks on the store.
class MonitorActions {
 public:
  MonitorActions(const Context& context, MonitorService& monitors, CheckService& checks,
                 ChannelService& channels, PageService& pages)
      : context_(context),
        monitors_(monitors),
        checks_(checks),
        channels_(channels),
        pages_(pages) {}

  // A copy with a new tag and name (made of the original's when empty), on the same pages and with
  // the same channels. History, incidents and maintenances stay with the original; a heartbeat gets
  // a secret of its own. Errors: kNotFound, kInvalid, kConflict (tag).
  Result<MonitorPtr> Clone(const model::Principal& who, std::string_view tag, std::string new_tag,
                           std::string new_name);
  // One monitor. Error: kNotFound.
  Result<MonitorPtr> Apply(const model::Principal& who, std::string_view tag,
                           const MonitorAction& action);
  // Each of the selection; one that is refused does not keep the others from being changed. Errors:
  // kInvalid (empty, too large, an action that fits nobody).
  Result<std::vector<ActionOutcome>> ApplyToAll(const model::Principal& who,
                                                const MonitorSelection& selection,
                                                const MonitorAction& action);

 private:
  Status CopyLinks(const model::Principal& who, model::MonitorId from, model::MonitorId to);
  Result<std::vector<ActionOutcome>> Select(const model::Principal& who,
                                            const MonitorSelection& selection, size_t most) const;
  void ChangeEach(const model::Principal& who, const MonitorAction& action,
                  std::vector<ActionOutcome>& outcomes);
  void DeleteEach(const model::Principal& who, std::vector<ActionOutcome>& outcomes);
  void CheckEach(const model::Principal& who, std::vector<ActionOutcome>& outcomes);

  Context context_;
  MonitorService& monitors_;
  CheckService& checks_;
  ChannelService& channels_;
  PageService& pages_;
};

}  // namespace pharos::service
