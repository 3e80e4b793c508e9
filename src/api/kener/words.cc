#include "api/kener/words.h"

namespace pharos::api::kener {
namespace {

using model::IncidentState;
using model::Status;

// The kinds of kTypeWords, in the same order.
constexpr std::array<std::string_view, kTypeWords.size()> kKinds = {
    "http", "ping", "tcp", "dns", "manual", "group", "tls", "sql", "heartbeat", "game", "grpc"};

}  // namespace

std::string TypeWord(std::string_view kind) {
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i] == kind) return std::string(kTypeWords[i]);
  }
  return UpperCase(std::string(kind));
}

std::string_view KindOfType(std::string_view word) {
  for (size_t i = 0; i < kTypeWords.size(); ++i) {
    if (kTypeWords[i] == word) return kKinds[i];
  }
  return {};
}

std::string_view StatusWord(Status status) {
  switch (status) {
    case Status::kUp:
      return "UP";
    case Status::kDegraded:
    case Status::kPartialOutage:
      return "DEGRADED";
    case Status::kDown:
      return "DOWN";
    case Status::kMaintenance:
      return "MAINTENANCE";
    case Status::kNoData:
      return "NO_DATA";
  }
  return "NO_DATA";
}

std::optional<Status> ParseStatusWord(std::string_view word) {
  for (const Status status : model::kAllStatuses) {
    if (status != Status::kPartialOutage && StatusWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view IncidentStateWord(IncidentState state) {
  switch (state) {
    case IncidentState::kInvestigating:
      return "INVESTIGATING";
    case IncidentState::kIdentified:
      return "IDENTIFIED";
    case IncidentState::kMonitoring:
      return "MONITORING";
    case IncidentState::kResolved:
      return "RESOLVED";
  }
  return "INVESTIGATING";
}

std::optional<IncidentState> ParseIncidentStateWord(std::string_view word) {
  using enum IncidentState;
  for (const IncidentState state : {kInvestigating, kIdentified, kMonitoring, kResolved}) {
    if (IncidentStateWord(state) == word) return state;
  }
  return std::nullopt;
}

std::string UpperCase(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace pharos::api::kener
