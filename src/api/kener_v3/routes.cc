#include "api/kener_v3/routes.h"

#include <utility>

#include "api/kener_v3/envelope.h"
#include "api/kener_v3/incidents.h"
#include "api/kener_v3/incidents_v2.h"
#include "api/kener_v3/monitors.h"
#include "api/kener_v3/shapes.h"
#include "api/kener_v3/status.h"
#include "api/kener_v3/today.h"

namespace pharos::api::kener_v3 {
namespace {

std::vector<Endpoint> StatusRows() {
  Endpoint beat = {.method = "GET",
                   .pattern = "/{signal}",
                   .operation = "heartbeat.push",
                   .scope = kPublicScope,
                   .execution = Execution::kAsync,
                   .rate_class = "heartbeat",
                   .area = "push",
                   .summary = "Report that a job ran; the path holds the secret",
                   .response = &HeartbeatShape(),
                   .act_async = PushHeartbeat};
  Endpoint posted_beat = beat;
  posted_beat.method = "POST";
  return {
      {.method = "GET",
       .pattern = "/status",
       .operation = "status.get",
       .scope = "monitors:read",
       .summary = "A monitor's status and its uptime today",
       .query = {{.name = "tag", .required = true},
                 {.name = "timestamp", .type = FieldType::kUnixTime, .help = "of another day"}},
       .response = &StatusShape(),
       .act = ReadStatus},
      {.method = "POST",
       .pattern = "/status",
       .operation = "status.push",
       .scope = "monitors:write",
       .reads_body = true,
       .summary = "Write a sample for one minute",
       .request = &SampleShape(),
       .response = &PushedShape(),
       .act = PushStatus},
      std::move(beat),
      std::move(posted_beat),
  };
}

// The order of the methods of one path is the order of the Allow header.
std::vector<Endpoint> MonitorRows() {
  return {
      {.method = "GET",
       .pattern = "/monitor",
       .operation = "monitor.list",
       .scope = "monitors:read",
       .execution = Execution::kLoop,
       .summary = "List monitors as raw rows",
       .query = {{.name = "tag"}},
       .response = &MonitorRowShape(),
       .response_is_list = true,
       .act = ListMonitors},
      {.method = "POST",
       .pattern = "/monitor",
       .operation = "monitor.create",
       .scope = "monitors:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Create a monitor",
       .request = &MonitorRowShape(),
       .response = &MonitorRowShape(),
       .act = CreateMonitor},
      {.method = "GET",
       .pattern = "/monitor/{id}",
       .operation = "monitor.get",
       .scope = "monitors:read",
       .execution = Execution::kLoop,
       .summary = "Read a monitor",
       .response = &MonitorRowShape(),
       .act = GetMonitor},
      {.method = "PUT",
       .pattern = "/monitor/{id}",
       .operation = "monitor.update",
       .scope = "monitors:write",
       .reads_body = true,
       .summary = "Change a monitor; absent columns stay",
       .request = &MonitorRowShape(),
       .partial_request = true,
       .response = &MonitorRowShape(),
       .act = UpdateMonitor},
      {.method = "DELETE",
       .pattern = "/monitor/{id}",
       .operation = "monitor.delete",
       .scope = "monitors:delete",
       .summary = "Delete a monitor and its history",
       .response = &NothingShape(),
       .act = DeleteMonitor},
  };
}

std::vector<Field> IncidentListQuery() {
  return {{.name = "status", .choices = {"OPEN", "CLOSED"}, .help = "OPEN unless given"},
          {.name = "state", .help = "a state, or in version 2 open or closed"},
          {.name = "page", .type = FieldType::kInt, .min = 1},
          {.name = "limit", .type = FieldType::kInt, .min = 1, .max = 100},
          {.name = "start_date_time", .type = FieldType::kUnixTime},
          {.name = "end_date_time", .type = FieldType::kUnixTime},
          {.name = "per_page",
           .type = FieldType::kInt,
           .min = 1,
           .max = 100,
           .help = "version 2, as all below"},
          {.name = "tags"},
          {.name = "created_after_utc", .type = FieldType::kUnixTime},
          {.name = "created_before_utc", .type = FieldType::kUnixTime},
          {.name = "title_like"}};
}

std::vector<Endpoint> IncidentRows() {
  return {
      {.method = "GET",
       .pattern = "/incident",
       .operation = "incident.list",
       .scope = "incidents:read",
       .summary = "List incidents, newest first",
       .query = IncidentListQuery(),
       .response = &IncidentShape(),
       .response_is_list = true,
       .act = ListIncidents},
      {.method = "POST",
       .pattern = "/incident",
       .operation = "incident.create",
       .scope = "incidents:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Open an incident",
       .request = &IncidentWriteShape(),
       .response = &IncidentShape(),
       .act = CreateIncident},
      {.method = "GET",
       .pattern = "/incident/{id}",
       .operation = "incident.get",
       .scope = "incidents:read",
       .summary = "Read an incident",
       .response = &IncidentShape(),
       .act = GetIncident},
      {.method = "PATCH",
       .pattern = "/incident/{id}",
       .operation = "incident.update",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Change an incident",
       .request = &IncidentWriteShape(),
       .partial_request = true,
       .response = &IncidentShape(),
       .act = UpdateIncident},
  };
}

std::vector<Endpoint> UpdateRows() {
  return {
      {.method = "GET",
       .pattern = "/incident/{id}/updates",
       .operation = "incident.update.list",
       .scope = "incidents:read",
       .summary = "List updates, newest first",
       .response = &UpdateShape(),
       .response_is_list = true,
       .act = ListUpdates},
      {.method = "POST",
       .pattern = "/incident/{id}/updates",
       .operation = "incident.update.add",
       .scope = "incidents:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Add an update; the incident takes its state",
       .request = &UpdateWriteShape(),
       .response = &UpdateShape(),
       .response_is_list = true,
       .act = AddUpdate},
      {.method = "PATCH",
       .pattern = "/incident/{id}/updates",
       .operation = "incident.update.edit",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Change or hide an update",
       .query = {{.name = "comment_id", .type = FieldType::kInt, .required = true}},
       .request = &UpdateWriteShape(),
       .partial_request = true,
       .response = &UpdateShape(),
       .response_is_list = true,
       .act = EditUpdate},
      {.method = "GET",
       .pattern = "/incident/{id}/comment",
       .operation = "incident.comment.list",
       .scope = "incidents:read",
       .summary = "List comments (version 2)",
       .response = &CommentShape(),
       .response_is_list = true,
       .act = ListComments},
      {.method = "POST",
       .pattern = "/incident/{id}/comment",
       .operation = "incident.comment.add",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Add a comment (version 2)",
       .request = &CommentWriteShape(),
       .response = &CommentShape(),
       .act = AddComment},
      {.method = "POST",
       .pattern = "/incident/{id}/status",
       .operation = "incident.status.set",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Identify or resolve an incident (version 2)",
       .request = &StatusWriteShape(),
       .response = &IncidentShape(),
       .act = SetStatus},
  };
}

std::vector<Endpoint> ImpactRows() {
  return {
      {.method = "GET",
       .pattern = "/incident/{id}/monitors",
       .operation = "incident.monitor.list",
       .scope = "incidents:read",
       .summary = "List the affected monitors",
       .response = &ImpactShape(),
       .response_is_list = true,
       .act = ListImpacts},
      {.method = "POST",
       .pattern = "/incident/{id}/monitors",
       .operation = "incident.monitor.set",
       .scope = "incidents:write",
       .reads_body = true,
       .summary = "Add a monitor, or change its impact",
       .request = &ImpactWriteShape(),
       .response = &ImpactShape(),
       .response_is_list = true,
       .act = SetImpact},
      {.method = "DELETE",
       .pattern = "/incident/{id}/monitors",
       .operation = "incident.monitor.remove",
       .scope = "incidents:write",
       .summary = "Take a monitor out",
       .query = {{.name = "tag", .required = true}},
       .response = &ImpactShape(),
       .response_is_list = true,
       .act = RemoveImpact},
  };
}

// Public, so limited per address.
std::vector<Endpoint> PageRows() {
  return {
      {.method = "POST",
       .pattern = "/today",
       .operation = "today.get",
       .scope = kPublicScope,
       .reads_body = true,
       .rate_class = "page",
       .summary = "A monitor's day by the minute",
       .request = &TodayAskShape(),
       .response = &TodayShape(),
       .act = ReadToday},
      {.method = "POST",
       .pattern = "/today/aggregated",
       .operation = "today.uptime",
       .scope = kPublicScope,
       .reads_body = true,
       .rate_class = "page",
       .summary = "A monitor's uptime between two times",
       .request = &TodayAskShape(),
       .response = &AggregateShape(),
       .act = ReadAggregate},
      {.method = "POST",
       .pattern = "/today/incidents",
       .operation = "today.incidents",
       .scope = kPublicScope,
       .reads_body = true,
       .rate_class = "page",
       .summary = "A monitor's incidents by the day",
       .request = &DaysAskShape(),
       .free_response = true,
       .act = ReadIncidentDays},
  };
}

}  // namespace

std::vector<Endpoint> Endpoints() {
  std::vector<Endpoint> all = StatusRows();
  for (auto part : {MonitorRows(), IncidentRows(), UpdateRows(), ImpactRows(), PageRows()}) {
    for (Endpoint& row : part) all.push_back(std::move(row));
  }
  for (Endpoint& row : all) {
    if (!row.reads_body) continue;
    row.act = [act = std::move(row.act)](Call& call) -> Result<std::string> {
      if (!call.body.IsObject()) return BadRequest("Invalid JSON body");
      return act(call);
    };
  }
  return all;
}

}  // namespace pharos::api::kener_v3
