#include "api/kener_classic/routes.h"

#include "api/kener_classic/incidents.h"
#include "api/kener_classic/monitors.h"
#include "api/kener_classic/shapes.h"
#include "api/kener_classic/status.h"

namespace pharos::api::kener_classic {
namespace {

std::vector<Endpoint> SiteRows() {
  return {
      {.method = "GET",
       .pattern = "/me",
       .operation = "me.get",
       .scope = kAnyKeyScope,
       .execution = Execution::kLoop,
       .summary = "The key that asks",
       .response = &MeShape(),
       .act = ReadMe},
      {.method = "GET",
       .pattern = "/status",
       .operation = "status.get",
       .scope = kPublicScope,
       .summary = "Current status of everything that is public",
       .response = &StatusShape(),
       .act = ReadStatus},
  };
}

// The order of the methods of one path is the order of the Allow header.
std::vector<Endpoint> MonitorRows() {  // tidy: table
  return {
      {.method = "GET",
       .pattern = "/monitors",
       .operation = "monitor.list",
       .scope = "monitors:read",
       .summary = "List monitors",
       .query = MonitorListQuery(),
       .response = &MonitorListShape(),
       .act = ListMonitors},
      {.method = "POST",
       .pattern = "/monitors",
       .operation = "monitor.create",
       .scope = "monitors:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Create a monitor",
       .request = &NewMonitorShape(),
       .response = &MonitorCreatedShape(),
       .act = CreateMonitor},
      {.method = "GET",
       .pattern = "/monitors/{monitor_id}",
       .operation = "monitor.get",
       .scope = "monitors:read",
       .summary = "Read a monitor",
       .response = &MonitorShape(),
       .act = GetMonitor},
      {.method = "PUT",
       .pattern = "/monitors/{monitor_id}",
       .operation = "monitor.update",
       .scope = "monitors:write",
       .reads_body = true,
       .summary = "Change a monitor; what is not sent stays",
       .request = &NewMonitorShape(),
       .partial_request = true,
       .response = &MonitorShape(),
       .act = UpdateMonitor},
      {.method = "DELETE",
       .pattern = "/monitors/{monitor_id}",
       .operation = "monitor.delete",
       .scope = "monitors:delete",
       .summary = "Delete a monitor and its history",
       .response = &DeletedMonitorShape(),
       .act = DeleteMonitor},
      {.method = "GET",
       .pattern = "/monitors/{monitor_id}/history",
       .operation = "monitor.history",
       .scope = "monitors:read",
       .summary = "Status over time, in buckets",
       .query = HistoryQuery(),
       .response = &HistoryShape(),
       .act = ReadHistory},
      {.method = "POST",
       .pattern = "/monitors/{monitor_id}/pause",
       .operation = "monitor.pause",
       .scope = "monitors:write",
       .summary = "Stop checking a monitor",
       .response = &MonitorStateShape(),
       .act = PauseMonitor},
      {.method = "POST",
       .pattern = "/monitors/{monitor_id}/resume",
       .operation = "monitor.resume",
       .scope = "monitors:write",
       .summary = "Check a paused monitor again",
       .response = &MonitorStateShape(),
       .act = ResumeMonitor},
  };
}

std::vector<Endpoint> IncidentRows() {  // tidy: table
  return {
      {.method = "GET",
       .pattern = "/incidents",
       .operation = "incident.list",
       .scope = "incidents:read",
       .summary = "List incidents, newest first",
       .query = IncidentListQuery(),
       .response = &IncidentListShape(),
       .act = ListIncidents},
      {.method = "POST",
       .pattern = "/incidents",
       .operation = "incident.create",
       .scope = "incidents:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Open an incident, or schedule a maintenance",
       .request = &NewIncidentShape(),
       .response = &MadeIncidentShape(),
       .act = CreateIncident},
      {.method = "GET",
       .pattern = "/incidents/{incident_id}",
       .operation = "incident.get",
       .scope = "incidents:read",
       .summary = "Read an incident with its updates",
       .response = &IncidentShape(),
       .act = GetIncident},
      {.method = "PUT",
       .pattern = "/incidents/{incident_id}",
       .operation = "incident.update",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Change an incident; what is not sent stays",
       .request = &IncidentEditShape(),
       .partial_request = true,
       .response = &IncidentShape(),
       .act = UpdateIncident},
      {.method = "DELETE",
       .pattern = "/incidents/{incident_id}",
       .operation = "incident.delete",
       // No word of this dialect grants it but "admin" (kener-classic.md 3.3).
       .scope = "incidents:delete",
       .summary = "Delete an incident; for admin keys",
       .response = &DeletedIncidentShape(),
       .act = DeleteIncident},
      {.method = "POST",
       .pattern = "/incidents/{incident_id}/updates",
       .operation = "incident.update.add",
       .scope = "incidents:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Add an update; the incident takes its status",
       .request = &NewUpdateShape(),
       .response = &UpdateShape(),
       .act = AddUpdate},
  };
}

}  // namespace

std::vector<Endpoint> Endpoints() {
  std::vector<Endpoint> all = SiteRows();
  for (auto part : {MonitorRows(), IncidentRows()}) {
    for (Endpoint& row : part) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace pharos::api::kener_classic
