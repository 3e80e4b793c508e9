#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "model/principal.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "service/context.h"
#include "service/monitors.h"

namespace pharos::service {

// Minutes to be set by hand, from the one that `from` lies in to the one before `to`.
struct MinuteEdit {
  Timestamp from{};
  Timestamp to{};
  model::Status status = model::Status::kUp;
  double latency_ms = 0;
  double deviation_ms = 0;  // each minute's latency is moved by up to this, evenly at random
  std::string message = {};
};

// One local day of a monitor, minute by minute.
struct DayMinutes {
  Timestamp start{};
  Timestamp end{};  // of the day: 23, 24 or 25 hours after its start, or what the zone does
  // One per minute from the start on, up to now at most; kNoData where nothing is known.
  std::vector<model::Status> statuses;
  std::vector<model::Sample> samples;  // of the minutes that have one, receipts left out
  model::StatusCounts counts;          // of those samples
};

// Samples of one monitor, read and written through an API. Thread-safe; every call blocks on the
// store. The monitor must come from MonitorService of the same organisation.
class SampleService {
 public:
  explicit SampleService(const Context& context) : context_(context) {}

  // One sample per minute, the newest of each, at the start of its minute; heartbeat receipts one
  // per second, as they stand (kener-v4.md 7.1, 7.2). from <= at < to, ascending.
  Result<std::vector<model::Sample>> ReadMinutes(const model::Monitor& monitor, Timestamp from,
                                                 Timestamp to) const;
  Result<std::optional<model::Sample>> FindMinute(const model::Monitor& monitor,
                                                  Timestamp minute) const;

  // The minutes of one day of a time zone (product.md 1.12), days of a clock change and zones of
  // quarter hours included. Error: kInvalid naming `zone`.
  Result<DayMinutes> ReadDay(const model::Monitor& monitor, std::string_view zone,
                             CivilDate date) const;

  // Writes one manual sample per entry (already whole minutes), all or none, and replaces whatever
  // else stood in those minutes. Waits until it is durable. At most kMaxManualSamples.
  static constexpr size_t kMaxManualSamples = 600'000;
  Status WriteManual(const model::Monitor& monitor, std::vector<model::Sample> samples);

  // Sets every minute of a range (product.md 2.15), with an audit entry; single checks of a monitor
  // that is checked faster make way. Returns how many minutes. Errors: kInvalid naming `from`,
  // `to`, `latency_ms` or `deviation_ms`.
  Result<int64_t> SetMinutes(const model::Principal& who, const model::Monitor& monitor,
                             const MinuteEdit& edit) const;
  // Takes away all samples with from <= at < to, or only those shown with `status`, with all that
  // was counted of them and an audit entry. A range beyond kDaysPerErase, or of more samples than
  // those days have minutes, goes in parts from the oldest on, each of which is seen as a whole.
  // Returns how many. Error: kInvalid naming `to`.
  static constexpr int64_t kDaysPerErase = 31;
  Result<int64_t> Erase(const model::Principal& who, const model::Monitor& monitor, Timestamp from,
                        Timestamp to, std::optional<model::Status> status) const;

 private:
  // What to write in the transaction that took a part away; may be empty.
  using ThenWrite = std::function<Status(store::Transaction&, Timestamp, Timestamp)>;
  Result<int64_t> EraseInParts(model::MonitorId monitor, Timestamp from, Timestamp to,
                               std::optional<model::Status> status, const ThenWrite& then) const;
  Result<std::vector<model::Sample>> MinutesOf(const MinuteEdit& edit) const;
  Status Note(const model::Principal& who, const model::Monitor& monitor, std::string_view action,
              Value detail) const;

  Context context_;
};

}  // namespace pharos::service
