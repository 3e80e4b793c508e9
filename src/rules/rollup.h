#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/rollup.h"
#include "model/sample.h"
#include "model/status.h"

namespace pharos::rules {

// Worst wins; no_data only when nothing reported (product.md 1.10).
model::Status WorstOf(std::span<const model::Status> statuses);

// The banner of a page (product.md 1.10): the collapsed status and whether it is the state of at
// least three quarters of the monitors that reported.
struct Banner {
  model::Status status = model::Status::kNoData;
  bool major = false;
};
Banner ComputeBanner(std::span<const model::Status> statuses);
// "All Systems Operational", "Partial System Outage", ...
std::string_view BannerText(const Banner& banner);

// Counts one day (or any window) out of quarter-hour roll-ups: [from, to).
model::Rollup SumRollups(std::span<const model::Rollup> rollups, Timestamp from, Timestamp to);

// The status that a bar of a day has: worst of its counts, no_data when empty.
model::Status StatusOfCounts(const model::StatusCounts& counts);

}  // namespace pharos::rules
