#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::model {

// Persisted: never renumber.
enum class IncidentState : uint8_t {
  kInvestigating = 0,
  kIdentified = 1,
  kMonitoring = 2,
  kResolved = 3,
};
enum class IncidentSource : uint8_t { kApi = 0, kConsole = 1, kAlert = 2 };

struct IncidentImpact {
  MonitorId monitor;
  Status impact = Status::kDown;
};

struct IncidentUpdate {
  IncidentUpdateId id;
  IncidentId incident;
  IncidentState state = IncidentState::kInvestigating;
  std::string text;  // Markdown
  Timestamp at{};
  Timestamp created_at{};
  Timestamp updated_at{};
};

// A published problem with a timeline. Affects the listed monitors, each with an impact.
struct Incident {
  IncidentId id;
  OrgId org;
  std::string uid;
  std::string title;
  IncidentState state = IncidentState::kInvestigating;
  IncidentSource source = IncidentSource::kApi;
  Timestamp started_at{};
  std::optional<Timestamp> ended_at;
  std::vector<IncidentImpact> impacts;
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
