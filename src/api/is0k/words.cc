#include "api/is0k/words.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace pharos::api::is0k {
namespace {

using model::IncidentSeverity;
using model::IncidentState;
using model::PageVisibility;
using model::Status;

struct TypeRow {
  std::string_view word;
  std::string_view kind;
};
// The first row of a kind is the word for it; the others are aliases (is0k.md 3.1).
constexpr std::array kTypes = {
    TypeRow{"http", "http"}, TypeRow{"tcp", "tcp"},  TypeRow{"ping", "ping"},
    TypeRow{"dns", "dns"},   TypeRow{"ssl", "tls"},  TypeRow{"https", "http"},
    TypeRow{"icmp", "ping"}, TypeRow{"port", "tcp"},
};

constexpr std::array kStates = {
    std::pair{IncidentState::kInvestigating, std::string_view("investigating")},
    std::pair{IncidentState::kIdentified, std::string_view("identified")},
    std::pair{IncidentState::kMonitoring, std::string_view("monitoring")},
    std::pair{IncidentState::kResolved, std::string_view("resolved")},
};

}  // namespace

std::string_view TypeWord(std::string_view kind) {
  for (const TypeRow& row : kTypes) {
    if (row.kind == kind) return row.word;
  }
  return {};
}

std::string_view KindOfType(std::string_view type) {
  for (const TypeRow& row : kTypes) {
    if (EqualsIgnoreCase(row.word, type)) return row.kind;
  }
  return {};
}

std::string_view CheckWord(Status observed) {
  switch (observed) {
    case Status::kUp:
    case Status::kMaintenance:
      return "up";
    case Status::kDegraded:
    case Status::kPartialOutage:
      return "degraded";
    case Status::kDown:
      return "down";
    case Status::kNoData:
      return "pending";
  }
  return "pending";
}

std::optional<Status> ParseCheckWord(std::string_view word) {
  if (word == "up") return Status::kUp;
  if (word == "down") return Status::kDown;
  if (word == "degraded") return Status::kDegraded;
  return std::nullopt;
}

std::string_view MonitorWord(const model::Monitor& monitor, const model::MonitorState& state) {
  if (!monitor.active) return "paused";
  // After a resume the old verdict does not count any more.
  const Value* notes = monitor.notes.Find("is0k");
  const int64_t resumed_ms = notes == nullptr ? 0 : notes->IntOr("resumed_at_ms", 0);
  if (state.last_result_at < FromUnixMillis(resumed_ms)) return "pending";
  return CheckWord(state.shown == Status::kMaintenance ? state.observed : state.shown);
}

bool IsMonitorWord(std::string_view word) {
  return word == "pending" || word == "paused" || ParseCheckWord(word).has_value();
}

std::string_view StateWord(IncidentState state) {
  for (const auto& [value, word] : kStates) {
    if (value == state) return word;
  }
  return {};
}

std::optional<IncidentState> ParseState(std::string_view word) {
  for (const auto& [value, name] : kStates) {
    if (name == word) return value;
  }
  return std::nullopt;
}

std::string_view SeverityWord(IncidentSeverity severity) {
  switch (severity) {
    case IncidentSeverity::kNone:
    case IncidentSeverity::kMinor:
      return "minor";
    case IncidentSeverity::kMajor:
      return "major";
    case IncidentSeverity::kCritical:
      return "critical";
  }
  return "minor";
}

std::optional<IncidentSeverity> ParseSeverity(std::string_view word) {
  if (word == "minor") return IncidentSeverity::kMinor;
  if (word == "major") return IncidentSeverity::kMajor;
  if (word == "critical") return IncidentSeverity::kCritical;
  return std::nullopt;
}

std::string_view VisibilityWord(PageVisibility visibility) {
  switch (visibility) {
    case PageVisibility::kPublic:
      return "public";
    case PageVisibility::kPassword:
      return "password";
    case PageVisibility::kInternal:
      return "private";
  }
  return "public";
}

std::optional<PageVisibility> ParseVisibility(std::string_view word) {
  if (word == "public") return PageVisibility::kPublic;
  if (word == "password") return PageVisibility::kPassword;
  if (word == "private") return PageVisibility::kInternal;
  return std::nullopt;
}

}  // namespace pharos::api::is0k
