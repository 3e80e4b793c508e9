#pragma once

#include <vector>

#include "api/schema.h"

namespace pharos::api::kener_classic {

// Smallest interval (kener-classic.md 5) and largest, in seconds.
inline constexpr int64_t kMinInterval = 30;
inline constexpr int64_t kMaxInterval = 30 * 86'400;
inline constexpr int64_t kDefaultInterval = 60;
inline constexpr int64_t kDefaultTimeoutMs = 10'000;

// Bodies.
const Shape& NewMonitorShape();    // 6.4, 6.5
const Shape& NewIncidentShape();   // 6.10
const Shape& IncidentEditShape();  // 6.12
const Shape& NewUpdateShape();     // 6.11

// Replies, envelope included.
const Shape& FailureShape();
const Shape& MeShape();
const Shape& MonitorListShape();
const Shape& MonitorShape();
const Shape& MonitorCreatedShape();
const Shape& MonitorStateShape();  // pause, resume
const Shape& DeletedMonitorShape();
const Shape& DeletedIncidentShape();
const Shape& HistoryShape();
const Shape& IncidentListShape();
const Shape& IncidentShape();
const Shape& MadeIncidentShape();
const Shape& UpdateShape();
const Shape& StatusShape();

// Queries.
std::vector<Field> MonitorListQuery();
std::vector<Field> HistoryQuery();
std::vector<Field> IncidentListQuery();

}  // namespace pharos::api::kener_classic
