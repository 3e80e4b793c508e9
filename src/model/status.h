#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pharos::model {

// The inner status words. Persisted as numbers: never renumber. Each dialect has its own words.
enum class Status : uint8_t {
  kUp = 0,
  kDegraded = 1,
  kPartialOutage = 2,
  kDown = 3,
  kMaintenance = 4,
  kNoData = 5,
};
inline constexpr int kStatusCount = 6;
inline constexpr std::array<Status, kStatusCount> kAllStatuses = {
    Status::kUp,   Status::kDegraded,    Status::kPartialOutage,
    Status::kDown, Status::kMaintenance, Status::kNoData};

// "up", "degraded", "partial_outage", "down", "maintenance", "no_data".
std::string_view StatusName(Status status);
std::optional<Status> ParseStatus(std::string_view name);

// Rank for roll-ups, worst highest: no_data < up < maintenance < degraded < partial_outage < down
// (product.md 1.10).
int Severity(Status status);

// Which side of "healthy or not" a status is on; confirmation counts changes of side
// (product.md 1.9).
enum class Side : uint8_t { kHealthy, kUnhealthy, kNeutral };
Side SideOf(Status status);

}  // namespace pharos::model
