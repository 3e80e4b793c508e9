#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"
#include "model/incident.h"
#include "model/status.h"

namespace pharos::model {

// When a monitor is due. Interval phases are spread by hash (architecture D20); cron expressions
// are read in `time_zone`. kNever: results are pushed, or nobody watches.
struct Schedule {
  enum class Kind : uint8_t { kNever, kInterval, kCron };
  Kind kind = Kind::kNever;
  Duration interval{};    // kInterval: 1 s to 30 days
  std::string cron;       // kCron: 5 or 6 fields
  std::string time_zone;  // kCron: IANA name, empty = UTC

  bool operator==(const Schedule&) const = default;
};

// How the uptime ratio is computed (product.md 1.11). Empty = the default formula.
struct UptimeFormula {
  std::string numerator;
  std::string denominator;

  bool operator==(const UptimeFormula&) const = default;
};

// When failures of a monitor open an incident by themselves (kodo.md 7.1).
struct AutoIncident {
  bool enabled = false;
  int failure_threshold = 3;                 // failed checks in a row; 1-20
  Duration cooldown = Seconds(900);          // least time between two automatic incidents
  std::optional<IncidentSeverity> severity;  // unset = by the kind of monitor

  bool operator==(const AutoIncident&) const = default;
};

// Anything with a status and a timeline. `kind` is a name from the probe catalog ("http"), or
// "heartbeat" (results are pushed, silence is judged), "group" (its parts) or "manual" (no probe:
// what Kener calls NONE and Kodo a service). Value type; references to other nouns are ids or tags.
struct Monitor {
  MonitorId id;
  std::string uid;  // random UUID, for dialects whose ids are opaque texts
  OrgId org;
  std::string tag;  // slug, unique in the organisation, immutable
  std::string name;
  std::string description;
  std::string image;
  std::string external_url;
  std::string category;
  std::string kind;
  Value spec;  // object; fields by the kind's field specs, already validated
  Schedule schedule;
  bool active = true;              // false: paused, history kept, not shown
  bool hidden = false;             // watched and alerted, but on no page, badge or feed
  int confirmation_threshold = 1;  // 1-60 checks in a row before a change of side is published
  std::optional<Status> default_status;  // fills minutes in which the probe has nothing to say
  UptimeFormula uptime;
  // The service (a monitor of kind "manual") whose status follows this one's; unset = none.
  MonitorId service;
  AutoIncident auto_incident;
  int position = 0;  // order on pages and in lists of services, then by id
  // What one dialect alone knows of this monitor (its own spelling of the spec, legacy fields), by
  // dialect name, so that it reads back what it wrote. Never interpreted below layer 5.
  Value notes;
  Timestamp created_at{};
  Timestamp updated_at{};
  int64_t revision = 0;  // grows with every change; assigned by the store
};

}  // namespace pharos::model
