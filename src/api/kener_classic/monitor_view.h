#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "base/time.h"
#include "model/monitor.h"
#include "model/monitor_state.h"

namespace pharos::api::kener_classic {

// With at most two decimals; null when there is none.
void WriteNumber(JsonWriter& json, std::optional<double> number);

// One element of the list (kener-classic.md 6.2).
void WriteMonitorRow(JsonWriter& json, const model::Monitor& monitor,
                     const std::optional<model::MonitorState>& state, std::optional<double> uptime);

// Figures of the single object (6.3).
struct MonitorFigures {
  std::optional<double> day, week, month;  // uptime in percent
  std::optional<double> average_ms;
};
void WriteMonitor(JsonWriter& json, const model::Monitor& monitor,
                  const std::optional<model::MonitorState>& state, const MonitorFigures& figures,
                  Timestamp now);

// Seconds between checks; for a cron expression the distance of the next two times. nullopt when
// nothing is ever due.
std::optional<int64_t> IntervalSeconds(const model::Schedule& schedule, Timestamp now);

}  // namespace pharos::api::kener_classic
