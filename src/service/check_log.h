#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/monitor.h"
#include "model/sample.h"
#include "service/context.h"

namespace pharos::service {

struct CheckLogQuery {
  std::optional<Timestamp> from = {};        // at or after
  std::optional<Timestamp> to = {};          // before
  std::vector<model::Status> statuses = {};  // shown; empty = all
  std::string text = {};                     // part of the error text, ASCII case ignored
  bool with_receipts = false;                // of heartbeats
  int64_t limit = 100;                       // 1 to kMaxCheckLogPage
  std::optional<Timestamp> before = {};      // go on below this entry of the page before
};
inline constexpr int64_t kMaxCheckLogPage = 1'000;

struct CheckLogPage {
  std::vector<model::Sample> checks;  // newest first
  // Where the next page begins; nullopt at the end. A page may hold fewer than `limit` and yet have
  // a next one, when much had to be looked through for little.
  std::optional<Timestamp> next;
};

// The single checks of one monitor with code, attempts, latency and error text. The monitor must
// come from MonitorService of the asking organisation. Thread-safe; blocks on the store.
class CheckLogService {
 public:
  explicit CheckLogService(const Context& context) : context_(context) {}
  // Error: kInvalid naming `limit`.
  Result<CheckLogPage> Read(const model::Monitor& monitor, const CheckLogQuery& query) const;
  // How many checks of a window there are, of one shown status or of all; counted from roll-ups but
  // for the quarter hours at both ends. Receipts and blind time do not count.
  Result<int64_t> Count(const model::Monitor& monitor, Timestamp from, Timestamp to,
                        std::optional<model::Status> status) const;

 private:
  Context context_;
};

// A receipt is no check, and neither is time in which we could not look.
inline bool IsCheck(const model::Sample& sample) {
  return sample.origin != model::SampleOrigin::kSignal &&
         sample.origin != model::SampleOrigin::kBlind;
}

}  // namespace pharos::service
