#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
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
enum class IncidentSeverity : uint8_t { kNone = 0, kMinor = 1, kMajor = 2, kCritical = 3 };
// Who opened it. Only those opened by people or their programs (kApi, kConsole) mask monitors
// (product.md 1.7); the others follow from what was observed.
enum class IncidentSource : uint8_t {
  kApi = 0,
  kConsole = 1,
  kAlert = 2,
  kMonitor = 3,  // a failing probe
  kHeartbeat = 4,
  kIntegration = 5,
  kBeacon = 6,
  kMetrics = 7,
  kWorkflow = 8,
};
bool IsAutomatic(IncidentSource source);

struct IncidentImpact {
  MonitorId monitor;
  Status impact = Status::kDown;

  bool operator==(const IncidentImpact&) const = default;
};

struct IncidentUpdate {
  IncidentUpdateId id;
  std::string uid;
  IncidentId incident;
  IncidentState state = IncidentState::kInvestigating;
  std::string text;     // Markdown
  bool hidden = false;  // kept but shown nowhere
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
  IncidentSeverity severity = IncidentSeverity::kMinor;
  IncidentSource source = IncidentSource::kApi;
  bool draft = false;                   // shown to nobody outside until it is published
  std::optional<Timestamp> publish_at;  // of a draft: when it is published by itself
  std::optional<Timestamp> closed_at;   // put away: on no page and in no list of open ones
  MonitorId cause;                      // the monitor whose failure opened it; unset for others
  Timestamp started_at{};
  std::optional<Timestamp> ended_at;
  std::vector<IncidentImpact> impacts;
  std::vector<PageId> pages;  // the only pages that show it; empty = every page it concerns
  Value notes;                // what one dialect alone knows, by dialect name
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
