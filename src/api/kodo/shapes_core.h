#pragma once

#include "api/schema.h"

namespace pharos::api::kodo {

// What bodies and replies of the endpoints of routes_core.h hold. The tables decode, describe and
// test; ranges are those of kodo.md.

const Shape& ServiceBody();
const Shape& ServiceReply();
const Shape& ServiceListReply();

const Shape& IncidentBody();
const Shape& IncidentChangeBody();
const Shape& IncidentUpdateBody();
const Shape& IncidentReply();
const Shape& IncidentUpdateReply();
const Shape& IncidentListReply();

const Shape& UptimeBody();
const Shape& UptimeReply();
const Shape& UptimeListReply();
const Shape& UptimeCheckReply();

const Shape& SslBody();
const Shape& SslChangeBody();
const Shape& SslReply();
const Shape& SslListReply();
const Shape& SslCheckReply();

const Shape& DomainBody();
const Shape& DomainChangeBody();
const Shape& DomainReply();
const Shape& DomainListReply();
const Shape& DomainCheckReply();

const Shape& HeartbeatBody();
const Shape& HeartbeatReply();
const Shape& HeartbeatListReply();
const Shape& PingBody();
const Shape& PingReply();
const Shape& PingStatusReply();

const Shape& MaintenanceBody();
const Shape& MaintenanceChangeBody();
const Shape& MaintenanceReply();
const Shape& MaintenanceListReply();

const Shape& ConfigBody();
const Shape& ConfigReply();
const Shape& OrganizationReply();
const Shape& AuditLogReply();

const Shape& KeyBody();
const Shape& KeyChangeBody();
const Shape& KeyReply();
const Shape& KeyListReply();

const Shape& SuccessReply();

}  // namespace pharos::api::kodo
