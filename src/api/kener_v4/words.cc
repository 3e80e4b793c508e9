#include "api/kener_v4/words.h"

namespace pharos::api::kener_v4 {

std::string_view IncidentSourceWord(model::IncidentSource source) {
  if (model::IsAutomatic(source)) return "ALERT";
  return source == model::IncidentSource::kConsole ? "DASHBOARD" : "API";
}

std::string_view OccurrenceStateWord(model::OccurrenceState state) {
  switch (state) {
    case model::OccurrenceState::kScheduled:
      return "SCHEDULED";
    case model::OccurrenceState::kReady:
      return "READY";
    case model::OccurrenceState::kOngoing:
      return "ONGOING";
    case model::OccurrenceState::kCompleted:
      return "COMPLETED";
    case model::OccurrenceState::kCancelled:
      return "CANCELLED";
  }
  return "SCHEDULED";
}

std::optional<model::OccurrenceState> ParseOccurrenceStateWord(std::string_view word) {
  using enum model::OccurrenceState;
  for (const model::OccurrenceState state :
       {kScheduled, kReady, kOngoing, kCompleted, kCancelled}) {
    if (OccurrenceStateWord(state) == word) return state;
  }
  return std::nullopt;
}

std::string_view OriginWord(model::SampleOrigin origin) {
  switch (origin) {
    case model::SampleOrigin::kRealtime:
      return "REALTIME";
    case model::SampleOrigin::kTimeout:
      return "TIMEOUT";
    case model::SampleOrigin::kError:
      return "ERROR";
    case model::SampleOrigin::kManual:
      return "MANUAL";
    case model::SampleOrigin::kDefault:
      return "DEFAULT";
    case model::SampleOrigin::kSignal:
      return "SIGNAL";
    case model::SampleOrigin::kIncident:
      return "INCIDENT";
    case model::SampleOrigin::kMaintenance:
      return "MAINTENANCE";
    case model::SampleOrigin::kBlind:
    case model::SampleOrigin::kUnreachable:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace pharos::api::kener_v4
