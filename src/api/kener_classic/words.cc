#include "api/kener_classic/words.h"

#include "api/notes.h"
#include "base/opaque_id.h"
#include "base/text.h"

namespace pharos::api::kener_classic {
namespace {

constexpr std::string_view kIdPrefix = "mon_";

}  // namespace

std::string_view KindOfType(std::string_view word) {
  return kener::KindOfType(kener::UpperCase(std::string(word)));
}

std::string_view StatusWord(model::Status status) {
  switch (status) {
    case model::Status::kUp:
      return "up";
    case model::Status::kDegraded:
    case model::Status::kPartialOutage:
      return "degraded";
    case model::Status::kDown:
      return "down";
    case model::Status::kMaintenance:
      return "maintenance";
    case model::Status::kNoData:
      return "pending";
  }
  return "pending";
}

std::string_view ShownStatus(const model::Monitor& monitor,
                             const std::optional<model::MonitorState>& state) {
  if (!monitor.active) return "paused";
  if (!state) return StatusWord(model::Status::kNoData);
  // After a pause what was known before says nothing (kener-classic.md 6.8).
  const Value* resumed_at = FindNote(monitor.notes, kNotes, "resumed_at_ms");
  if (resumed_at != nullptr && resumed_at->IsInt() &&
      ToUnixMillis(state->last_result_at) < resumed_at->AsInt()) {
    return StatusWord(model::Status::kNoData);
  }
  return StatusWord(state->shown);
}

std::string_view IncidentWord(model::IncidentState state) {
  return kIncidentWords[static_cast<size_t>(state)];
}

std::optional<model::IncidentState> ParseIncidentWord(std::string_view word) {
  for (const auto state : {model::IncidentState::kInvestigating, model::IncidentState::kIdentified,
                           model::IncidentState::kMonitoring, model::IncidentState::kResolved}) {
    if (EqualsIgnoreCase(IncidentWord(state), word)) return state;
  }
  return std::nullopt;
}

std::string_view ImpactWord(model::IncidentSeverity severity) {
  return kImpactWords[static_cast<size_t>(severity)];
}

std::optional<model::IncidentSeverity> ParseImpactWord(std::string_view word) {
  for (const auto severity :
       {model::IncidentSeverity::kNone, model::IncidentSeverity::kMinor,
        model::IncidentSeverity::kMajor, model::IncidentSeverity::kCritical}) {
    if (EqualsIgnoreCase(ImpactWord(severity), word)) return severity;
  }
  return std::nullopt;
}

model::Status StatusUnder(model::IncidentSeverity severity) {
  switch (severity) {
    case model::IncidentSeverity::kNone:
      return model::Status::kUp;  // masks nothing
    case model::IncidentSeverity::kMinor:
      return model::Status::kDegraded;
    case model::IncidentSeverity::kMajor:
    case model::IncidentSeverity::kCritical:
      return model::Status::kDown;
  }
  return model::Status::kDegraded;
}

std::string MaintenanceIdText(model::MaintenanceId id) {
  return "mnt_" + EncodeOpaqueId("mnt", id.value());
}

std::string MonitorIdText(model::MonitorId id) {
  return std::string(kIdPrefix) + EncodeOpaqueId("mon", id.value());
}

std::optional<model::MonitorId> ParseMonitorIdText(std::string_view text) {
  if (text.starts_with(kIdPrefix)) text.remove_prefix(kIdPrefix.size());
  const std::optional<int64_t> number = DecodeOpaqueId("mon", text);
  if (!number) return std::nullopt;
  return model::MonitorId(*number);
}

}  // namespace pharos::api::kener_classic
