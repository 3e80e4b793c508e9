#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "model/rollup.h"
#include "model/status.h"

namespace pharos::service {

// One day of one monitor.
struct DayBar {
  CivilDate date;
  model::StatusCounts counts;
  double latency_avg_ms = 0;
  model::Status status = model::Status::kNoData;  // worst of the day
};

// The days of one monitor, oldest first, without a gap. Packed, since a page may hold those of a
// hundred thousand monitors: next to nothing for days without samples, about nine bytes for others
// (of the latency seven digits). Immutable; copies share what they hold.
class DayBars {
 public:
  DayBars() = default;
  explicit DayBars(const std::vector<DayBar>& days);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::vector<DayBar> Unpack() const;
  // Calls with the index and the day, for days that have samples.
  void VisitSampled(const std::function<void(size_t index, const DayBar& day)>& visit) const;
  // The last `n` of them.
  DayBars Last(size_t n) const;

 private:
  size_t size_ = 0;
  CivilDate last_{};
  std::shared_ptr<const std::string> packed_;  // null: no day has samples
};

}  // namespace pharos::service
