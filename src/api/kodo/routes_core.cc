#include "api/kodo/routes_core.h"

#include <utility>

#include "api/kodo/domains.h"
#include "api/kodo/heartbeats.h"
#include "api/kodo/house.h"
#include "api/kodo/incidents.h"
#include "api/kodo/keys.h"
#include "api/kodo/maintenance.h"
#include "api/kodo/services.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/ssl.h"
#include "api/kodo/uptime.h"
#include "api/kodo/words.h"

namespace pharos::api::kodo {
namespace {

using Rows = std::vector<Endpoint>;

const Field kLimit = {.name = "limit", .type = FieldType::kInt};
const Field kOffset = {.name = "offset", .type = FieldType::kInt};

// Rows that change something: how their replies and bodies differ from those that read.
Endpoint Creates(Endpoint row) {
  row.success_status = 201;
  row.reads_body = true;
  return row;
}

Endpoint Changes(Endpoint row) {
  row.reads_body = true;
  row.partial_request = true;
  return row;
}

Endpoint Deletes(Endpoint row) {
  row.response = &SuccessReply();
  return row;
}

Endpoint Checks(Endpoint row) {
  row.execution = Execution::kAsync;
  return row;
}

void AddServices(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/services",
                  .operation = "service.list",
                  .scope = "services:read",
                  .summary = "All services by display order",
                  .response = &ServiceListReply(),
                  .act = ListServiceObjects});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/services",
                          .operation = "service.create",
                          .scope = "services:write",
                          .summary = "Make a service",
                          .request = &ServiceBody(),
                          .response = &ServiceReply(),
                          .act = CreateService}));
  rows.push_back({.method = "GET",
                  .pattern = "/services/{id}",
                  .operation = "service.get",
                  .scope = "services:read",
                  .summary = "One service",
                  .response = &ServiceReply(),
                  .act = GetService});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/services/{id}",
                          .operation = "service.update",
                          .scope = "services:write",
                          .summary = "Change a service or set its status",
                          .request = &ServiceBody(),
                          .response = &ServiceReply(),
                          .act = UpdateService}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/services/{id}",
                          .operation = "service.delete",
                          .scope = "services:write",
                          .summary = "Remove a service; monitors are unlinked, incidents stay",
                          .act = DeleteService}));
}

void AddIncidents(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/incidents",
                  .operation = "incident.list",
                  .scope = "incidents:read",
                  .summary = "Incidents, newest start first, drafts too",
                  .query = {{.name = "status", .choices = kIncidentStates},
                            {.name = "active", .help = "true: those not resolved"},
                            kLimit,
                            kOffset},
                  .response = &IncidentListReply(),
                  .act = ListIncidents});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/incidents",
                          .operation = "incident.create",
                          .scope = "incidents:write",
                          .summary = "Open an incident",
                          .request = &IncidentBody(),
                          .response = &IncidentReply(),
                          .act = CreateIncident}));
  rows.push_back({.method = "GET",
                  .pattern = "/incidents/{id}",
                  .operation = "incident.get",
                  .scope = "incidents:read",
                  .summary = "One incident with all updates",
                  .response = &IncidentReply(),
                  .act = GetIncident});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/incidents/{id}",
                          .operation = "incident.update",
                          .scope = "incidents:write",
                          .summary = "Change an incident; a message becomes an update",
                          .request = &IncidentChangeBody(),
                          .response = &IncidentReply(),
                          .act = UpdateIncident}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/incidents/{id}",
                          .operation = "incident.delete",
                          .scope = "incidents:write",
                          .summary = "Remove an incident",
                          .act = DeleteIncident}));
  rows.push_back({.method = "POST",
                  .pattern = "/incidents/{id}/publish",
                  .operation = "incident.publish",
                  .scope = "incidents:write",
                  .summary = "Make a draft public for good",
                  .response = &SuccessReply(),
                  .act = PublishIncident});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/incidents/{id}/updates",
                          .operation = "incident.comment",
                          .scope = "incidents:write",
                          .extension = true,
                          .summary = "Add an update",
                          .request = &IncidentUpdateBody(),
                          .response = &IncidentUpdateReply(),
                          .act = AddIncidentUpdate}));
}

void AddUptimeMonitors(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/uptime-monitors",
                  .operation = "uptime_monitor.list",
                  .scope = "monitors:read",
                  .execution = Execution::kLoop,
                  .summary = "All uptime monitors",
                  .response = &UptimeListReply(),
                  .act = ListUptimeMonitors});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/uptime-monitors",
                          .operation = "uptime_monitor.create",
                          .scope = "monitors:write",
                          .summary = "Watch a web address",
                          .request = &UptimeBody(),
                          .response = &UptimeReply(),
                          .act = CreateUptimeMonitor}));
  rows.push_back({.method = "GET",
                  .pattern = "/uptime-monitors/{id}",
                  .operation = "uptime_monitor.get",
                  .scope = "monitors:read",
                  .summary = "One uptime monitor with figures of 30 days",
                  .response = &UptimeReply(),
                  .act = GetUptimeMonitor});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/uptime-monitors/{id}",
                          .operation = "uptime_monitor.update",
                          .scope = "monitors:write",
                          .summary = "Change an uptime monitor",
                          .request = &UptimeBody(),
                          .response = &UptimeReply(),
                          .act = UpdateUptimeMonitor}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/uptime-monitors/{id}",
                          .operation = "uptime_monitor.delete",
                          .scope = "monitors:write",
                          .summary = "Remove an uptime monitor",
                          .act = DeleteUptimeMonitor}));
  rows.push_back(Checks({.method = "POST",
                         .pattern = "/uptime-monitors/{id}",
                         .operation = "uptime_monitor.check",
                         .scope = "monitors:write",
                         .summary = "Check now",
                         .response = &UptimeCheckReply(),
                         .act_async = CheckUptimeMonitor}));
}

void AddSslMonitors(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/ssl-monitors",
                  .operation = "ssl_monitor.list",
                  .scope = "monitors:read",
                  .execution = Execution::kLoop,
                  .summary = "SSL monitors, oldest first",
                  .query = {kLimit, kOffset},
                  .response = &SslListReply(),
                  .act = ListSslMonitors});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/ssl-monitors",
                          .operation = "ssl_monitor.create",
                          .scope = "monitors:write",
                          .execution = Execution::kWorkerAsync,
                          .summary = "Watch a certificate",
                          .request = &SslBody(),
                          .response = &SslReply(),
                          .act_async = CreateSslMonitor}));
  rows.push_back({.method = "GET",
                  .pattern = "/ssl-monitors/{id}",
                  .operation = "ssl_monitor.get",
                  .scope = "monitors:read",
                  .summary = "One SSL monitor with the checks of 30 days",
                  .response = &SslReply(),
                  .act = GetSslMonitor});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/ssl-monitors/{id}",
                          .operation = "ssl_monitor.update",
                          .scope = "monitors:write",
                          .summary = "Change an SSL monitor",
                          .request = &SslChangeBody(),
                          .response = &SslReply(),
                          .act = UpdateSslMonitor}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/ssl-monitors/{id}",
                          .operation = "ssl_monitor.delete",
                          .scope = "monitors:write",
                          .summary = "Remove an SSL monitor",
                          .act = DeleteSslMonitor}));
  rows.push_back(Checks({.method = "POST",
                         .pattern = "/ssl-monitors/{id}",
                         .operation = "ssl_monitor.check",
                         .scope = "monitors:write",
                         .summary = "Check now",
                         .response = &SslCheckReply(),
                         .act_async = CheckSslMonitor}));
}

void AddDomainMonitors(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/domain-monitors",
                  .operation = "domain_monitor.list",
                  .scope = "monitors:read",
                  .execution = Execution::kLoop,
                  .summary = "Domain monitors, oldest first",
                  .query = {kLimit, kOffset},
                  .response = &DomainListReply(),
                  .act = ListDomainMonitors});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/domain-monitors",
                          .operation = "domain_monitor.create",
                          .scope = "monitors:write",
                          .execution = Execution::kWorkerAsync,
                          .summary = "Watch a domain registration",
                          .request = &DomainBody(),
                          .response = &DomainReply(),
                          .act_async = CreateDomainMonitor}));
  rows.push_back({.method = "GET",
                  .pattern = "/domain-monitors/{id}",
                  .operation = "domain_monitor.get",
                  .scope = "monitors:read",
                  .summary = "One domain monitor with the checks of 30 days",
                  .response = &DomainReply(),
                  .act = GetDomainMonitor});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/domain-monitors/{id}",
                          .operation = "domain_monitor.update",
                          .scope = "monitors:write",
                          .summary = "Change a domain monitor",
                          .request = &DomainChangeBody(),
                          .response = &DomainReply(),
                          .act = UpdateDomainMonitor}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/domain-monitors/{id}",
                          .operation = "domain_monitor.delete",
                          .scope = "monitors:write",
                          .summary = "Remove a domain monitor",
                          .act = DeleteDomainMonitor}));
  rows.push_back(Checks({.method = "POST",
                         .pattern = "/domain-monitors/{id}",
                         .operation = "domain_monitor.check",
                         .scope = "monitors:write",
                         .summary = "Check now",
                         .response = &DomainCheckReply(),
                         .act_async = CheckDomainMonitor}));
}

// Both documented paths: below /api/v1 and below /api.
void AddHeartbeats(Rows& rows, std::string_view area) {
  rows.push_back({.method = "GET",
                  .pattern = "/heartbeat/{id}",
                  .operation = area.empty() ? "heartbeat.status" : "heartbeat.status.short",
                  .scope = "heartbeat:write",
                  .also_scope = "monitors:read",
                  .execution = Execution::kAsync,
                  .rate_class = "heartbeat",
                  .area = area,
                  .summary = "When a heartbeat was last heard of",
                  .query = {{.name = "ping", .help = "1: count this as a ping"}},
                  .response = &PingStatusReply(),
                  .keyless = TakesKeylessGet,
                  .act_async = ReadHeartbeat});
  rows.push_back({.method = "POST",
                  .pattern = "/heartbeat/{id}",
                  .operation = area.empty() ? "heartbeat.send" : "heartbeat.send.short",
                  .scope = "heartbeat:write",
                  .execution = Execution::kAsync,
                  .rate_class = "heartbeat",
                  .area = area,
                  .summary = "Send a heartbeat; the body may be empty",
                  .request = &PingBody(),
                  .partial_request = true,
                  .response = &PingReply(),
                  .keyless = TakesKeylessPing,
                  .act_async = SendHeartbeat});
}

void AddHeartbeatMonitors(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/heartbeat-monitors",
                  .operation = "heartbeat_monitor.list",
                  .scope = "monitors:read",
                  .execution = Execution::kLoop,
                  .summary = "All heartbeat monitors",
                  .response = &HeartbeatListReply(),
                  .act = ListHeartbeatMonitors});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/heartbeat-monitors",
                          .operation = "heartbeat_monitor.create",
                          .scope = "monitors:write",
                          .summary = "Expect heartbeats",
                          .request = &HeartbeatBody(),
                          .response = &HeartbeatReply(),
                          .act = CreateHeartbeatMonitor}));
  rows.push_back({.method = "GET",
                  .pattern = "/heartbeat-monitors/{id}",
                  .operation = "heartbeat_monitor.get",
                  .scope = "monitors:read",
                  .execution = Execution::kLoop,
                  .summary = "One heartbeat monitor",
                  .response = &HeartbeatReply(),
                  .act = GetHeartbeatMonitor});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/heartbeat-monitors/{id}",
                          .operation = "heartbeat_monitor.update",
                          .scope = "monitors:write",
                          .summary = "Change a heartbeat monitor",
                          .request = &HeartbeatBody(),
                          .response = &HeartbeatReply(),
                          .act = UpdateHeartbeatMonitor}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/heartbeat-monitors/{id}",
                          .operation = "heartbeat_monitor.delete",
                          .scope = "monitors:write",
                          .summary = "Remove a heartbeat monitor",
                          .act = DeleteHeartbeatMonitor}));
}

void AddMaintenance(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/maintenance",
                  .operation = "maintenance.list",
                  .scope = "maintenance:read",
                  .summary = "Planned work, newest start first",
                  .response = &MaintenanceListReply(),
                  .act = ListMaintenance});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/maintenance",
                          .operation = "maintenance.create",
                          .scope = "maintenance:write",
                          .summary = "Plan work",
                          .request = &MaintenanceBody(),
                          .response = &MaintenanceReply(),
                          .act = CreateMaintenance}));
  rows.push_back({.method = "GET",
                  .pattern = "/maintenance/{id}",
                  .operation = "maintenance.get",
                  .scope = "maintenance:read",
                  .summary = "One piece of planned work",
                  .response = &MaintenanceReply(),
                  .act = GetMaintenance});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/maintenance/{id}",
                          .operation = "maintenance.update",
                          .scope = "maintenance:write",
                          .summary = "Change, start early, extend, complete or cancel",
                          .request = &MaintenanceChangeBody(),
                          .response = &MaintenanceReply(),
                          .act = UpdateMaintenance}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/maintenance/{id}",
                          .operation = "maintenance.delete",
                          .scope = "maintenance:write",
                          .summary = "Remove planned work",
                          .act = DeleteMaintenance}));
}

void AddHouse(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/config",
                  .operation = "config.get",
                  .scope = "config:read",
                  .summary = "Settings of the organisation",
                  .response = &ConfigReply(),
                  .act = GetConfig});
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/config",
                          .operation = "config.update",
                          .scope = "config:write",
                          .summary = "Change settings",
                          .request = &ConfigBody(),
                          .response = &ConfigReply(),
                          .act = UpdateConfig}));
  rows.push_back({.method = "GET",
                  .pattern = "/organization",
                  .operation = "organization.get",
                  .scope = "config:read",
                  .summary = "The organisation",
                  .response = &OrganizationReply(),
                  .act = GetOrganization});
  rows.push_back({.method = "GET",
                  .pattern = "/audit-log",
                  .operation = "audit_log.read",
                  .scope = "audit_log:read",
                  .summary = "Who did what, newest first",
                  .query = {{.name = "resource_type"},
                            {.name = "resource_id"},
                            {.name = "actor_type", .choices = {"user", "api_key", "system"}},
                            {.name = "action"},
                            {.name = "from", .type = FieldType::kTime},
                            {.name = "to", .type = FieldType::kTime},
                            kLimit,
                            kOffset},
                  .response = &AuditLogReply(),
                  .act = ReadAuditLog});
}

void AddKeys(Rows& rows) {
  rows.push_back({.method = "GET",
                  .pattern = "/api-keys",
                  .operation = "api_key.list",
                  .scope = "*:*",
                  .summary = "All API keys, newest first",
                  .response = &KeyListReply(),
                  .act = ListKeys});
  rows.push_back(Creates({.method = "POST",
                          .pattern = "/api-keys",
                          .operation = "api_key.create",
                          .scope = "*:*",
                          .summary = "Make an API key; its text is shown once",
                          .request = &KeyBody(),
                          .response = &KeyReply(),
                          .act = CreateKey}));
  rows.push_back(Changes({.method = "PATCH",
                          .pattern = "/api-keys/{id}",
                          .operation = "api_key.update",
                          .scope = "*:*",
                          .summary = "Enable, disable, rename or narrow an API key",
                          .request = &KeyChangeBody(),
                          .response = &KeyReply(),
                          .act = UpdateKey}));
  rows.push_back(Deletes({.method = "DELETE",
                          .pattern = "/api-keys/{id}",
                          .operation = "api_key.delete",
                          .scope = "*:*",
                          .summary = "Remove an API key",
                          .act = DeleteKey}));
}

}  // namespace

std::vector<Endpoint> CoreEndpoints() {
  Rows rows;
  AddServices(rows);
  AddIncidents(rows);
  AddUptimeMonitors(rows);
  AddSslMonitors(rows);
  AddDomainMonitors(rows);
  AddHeartbeats(rows, "");
  AddHeartbeats(rows, "root");
  AddHeartbeatMonitors(rows);
  AddMaintenance(rows);
  AddHouse(rows);
  AddKeys(rows);
  return rows;
}

}  // namespace pharos::api::kodo
