#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/kener/words.h"
#include "model/ids.h"
#include "model/incident.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/status.h"

namespace pharos::api::kener_classic {

// The words of this dialect (kener-classic.md 5) and what they mean inside.

// Types that can be created. Monitors of other kinds, made through other interfaces, are shown with
// Kener's later words ("HEARTBEAT"), so every monitor has one.
inline const std::vector<std::string_view> kTypeWords = {"API", "PING", "TCP", "DNS", "SSL"};
using kener::TypeWord;
// Empty for a word that no kind is shown with. Letter case is ignored.
std::string_view KindOfType(std::string_view word);

// What can be asked for with ?status=.
inline const std::vector<std::string_view> kStatusWords = {"up",          "down",   "degraded",
                                                           "maintenance", "paused", "pending"};
// Of samples; no data reads as "pending".
std::string_view StatusWord(model::Status status);
// Of a monitor as it stands; `state` may be absent.
std::string_view ShownStatus(const model::Monitor& monitor,
                             const std::optional<model::MonitorState>& state);

inline const std::vector<std::string_view> kIncidentWords = {"investigating", "identified",
                                                             "monitoring", "resolved"};
std::string_view IncidentWord(model::IncidentState state);
std::optional<model::IncidentState> ParseIncidentWord(std::string_view word);

inline const std::vector<std::string_view> kImpactWords = {"none", "minor", "major", "critical"};
std::string_view ImpactWord(model::IncidentSeverity severity);
std::optional<model::IncidentSeverity> ParseImpactWord(std::string_view word);
// What an impact does to the monitors of an incident.
model::Status StatusUnder(model::IncidentSeverity severity);

// "mnt_q7t2kav0x3rb": unlike the numbers of incidents, with which they share an endpoint.
std::string MaintenanceIdText(model::MaintenanceId id);
// "mon_q7t2kav0x3rb"
std::string MonitorIdText(model::MonitorId id);
// With or without the prefix; nullopt for a text that is no id.
std::optional<model::MonitorId> ParseMonitorIdText(std::string_view text);

// Where this dialect keeps what the model has no field for: Monitor::notes[kNotes].
inline constexpr std::string_view kNotes = "kener_classic";

}  // namespace pharos::api::kener_classic
