#include "rules/rollup.h"

#include <algorithm>
#include <vector>

namespace pharos::rules {

model::Status WorstOf(std::span<const model::Status> statuses) {
  model::Status worst = model::Status::kNoData;
  for (const model::Status status : statuses) {
    if (model::Severity(status) > model::Severity(worst)) worst = status;
  }
  return worst;
}

Banner ComputeBanner(std::span<const model::Status> statuses) {
  Banner banner{.status = WorstOf(statuses)};
  if (banner.status == model::Status::kNoData) return banner;
  const auto with = std::count(statuses.begin(), statuses.end(), banner.status);
  const auto reported =
      std::ssize(statuses) - std::count(statuses.begin(), statuses.end(), model::Status::kNoData);
  banner.major = with * 4 >= reported * 3;
  return banner;
}

std::string_view BannerText(const Banner& banner) {
  switch (banner.status) {
    case model::Status::kUp:
      return "All Systems Operational";
    case model::Status::kDegraded:
      return banner.major ? "Degraded Performance" : "Partial Degraded Performance";
    case model::Status::kPartialOutage:
      return "Partial System Outage";
    case model::Status::kDown:
      return banner.major ? "Major System Outage" : "Partial System Outage";
    case model::Status::kMaintenance:
      return "Under Maintenance";
    case model::Status::kNoData:
      return "No Status Available";
  }
  return "No Status Available";
}

model::Rollup SumRollups(std::span<const model::Rollup> rollups, Timestamp from, Timestamp to) {
  model::Rollup sum;
  sum.start = from;
  for (const model::Rollup& rollup : rollups) {
    if (rollup.start < from || rollup.start >= to) continue;
    sum.counts.Merge(rollup.counts);
    sum.latency.Merge(rollup.latency);
  }
  return sum;
}

model::Status StatusOfCounts(const model::StatusCounts& counts) {
  std::vector<model::Status> present;
  for (const model::Status status : model::kAllStatuses) {
    if (counts.Of(status) > 0) present.push_back(status);
  }
  return WorstOf(present);
}

}  // namespace pharos::rules
