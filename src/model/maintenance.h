#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"
#include "model/incident.h"

namespace pharos::model {

// Planned work: a rule that says when, and what it does to monitors meanwhile. What really takes
// place are its occurrences.
struct Maintenance {
  MaintenanceId id;
  OrgId org;
  std::string uid;
  std::string title;
  std::optional<std::string> description;  // HTML or Markdown as given; sanitised when shown
  Timestamp starts_at{};                   // first occurrence; whole seconds
  std::string rrule;      // RFC 5545 without "RRULE:"; "FREQ=MINUTELY;COUNT=1" = once
  std::string time_zone;  // the rule's zone; empty = UTC
  Duration duration{};    // of each occurrence, above 0
  bool active = true;     // false: occurrences neither begin nor mask
  std::vector<IncidentImpact> impacts;
  bool notify_scheduled = true;
  bool notify_started = true;
  bool notify_ended = true;
  Value notes;  // what one dialect alone knows, by dialect name
  Timestamp created_at{};
  Timestamp updated_at{};
};

// Persisted: never renumber.
enum class OccurrenceState : uint8_t {
  kScheduled = 0,
  kReady = 1,  // soon: within the reminder's lead
  kOngoing = 2,
  kCompleted = 3,
  kCancelled = 4,
};

struct Occurrence {
  OccurrenceId id;
  MaintenanceId maintenance;
  OrgId org;
  Timestamp starts_at{};
  Timestamp ends_at{};
  OccurrenceState state = OccurrenceState::kScheduled;
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
