#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// When a monitor counts as flapping (rules/flapping.h): the share of its last checks that changed
// between healthy and unhealthy, newer ones weighing more. While it flaps nobody is told of its
// changes.
struct FlapRule {
  bool enabled = true;
  int low_percent = 20;   // below this it has settled; 0-99
  int high_percent = 40;  // from this on it flaps; 1-100, above `low_percent`

  bool operator==(const FlapRule&) const = default;
};

inline constexpr size_t kMaxParents = 8;    // of one monitor
inline constexpr int kMaxParentDepth = 16;  // parents of parents
inline constexpr size_t kMaxGroupMembers = 100;

// Anything with a status and a timeline. `kind` is a name from the probe catalog ("http"), or
// "heartbeat" or "push" (results are pushed, silence is judged), "group" (its parts) or "manual"
// (no probe: what Kener calls NONE and Kodo a service). Value type; references to other nouns are
// ids or tags.
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
  FlapRule flapping;
  // The ways to this monitor, of the same organisation, without cycles: when all of them are down,
  // a failing check says nothing about the monitor itself, and it is shown as unreachable.
  std::vector<MonitorId> parents;
  int position = 0;  // order on pages and in lists of services, then by id
  // What one dialect alone knows of this monitor (its own spelling of the spec, legacy fields), by
  // dialect name, so that it reads back what it wrote. Never interpreted below layer 5.
  Value notes;
  Timestamp created_at{};
  Timestamp updated_at{};
  int64_t revision = 0;  // grows with every change; assigned by the store
};

// Kinds whose results are signalled and whose silence is judged.
inline bool TakesSignals(std::string_view kind) { return kind == "heartbeat" || kind == "push"; }

}  // namespace pharos::model
