#pragma once

#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// Something that happened and that others may have to hear of: written in the transaction of the
// change, read in order of id by whoever reacts (automation). `kind` is one of kEventKinds.
//
// data of "monitor.transition": monitor (id), tag, from, to (status names), cause, ordinal, at
// (µs),
//   failures (checks in a row that found it down), alert (whether people
//   are to be told: false for changes to and from no_data that are no news, and during
//   maintenance).
// data of "monitor.notice": as of "monitor.transition", without being one: people are to be told of
//   where the monitor stands. notice: "late" (the change with this ordinal, which waited for a look
//   at the parents), "flapping" (the change with this ordinal, after which no change is told until
//   it settles), "settled"; changes (of side in the last checks).
// data of "monitor.failing": monitor (id), failures, at (µs), cause: as many checks in a row found
//   it down as open an automatic incident (kodo.md 7.1).
// data of "incident.*": incident (id), update (id, absent when none), notify (bool).
// data of "maintenance.*": occurrence (id), maintenance (id).
struct Event {
  EventId id;
  OrgId org;
  Timestamp at{};
  std::string kind;
  Value data;
};

inline constexpr const char* kMonitorTransition = "monitor.transition";
inline constexpr const char* kMonitorNotice = "monitor.notice";
inline constexpr const char* kMonitorFailing = "monitor.failing";
inline constexpr const char* kIncidentCreated = "incident.created";
inline constexpr const char* kIncidentUpdated = "incident.updated";
inline constexpr const char* kIncidentResolved = "incident.resolved";
inline constexpr const char* kIncidentPublished = "incident.published";
inline constexpr const char* kMaintenanceScheduled = "maintenance.scheduled";
inline constexpr const char* kMaintenanceReminder = "maintenance.reminder";
inline constexpr const char* kMaintenanceStarted = "maintenance.started";
inline constexpr const char* kMaintenanceCompleted = "maintenance.completed";
inline constexpr const char* kMaintenanceCancelled = "maintenance.cancelled";
inline constexpr const char* kErrorThresholdExceeded = "error_threshold.exceeded";
inline constexpr const char* kAlertFired = "alert.fired";
inline constexpr const char* kAlertResolved = "alert.resolved";

}  // namespace pharos::model
