#pragma once

#include "base/id.h"

namespace pharos::model {

using OrgId = Id<struct OrgTag>;
using MonitorId = Id<struct MonitorTag>;
using KeyId = Id<struct KeyTag>;
using IncidentId = Id<struct IncidentTag>;
using IncidentUpdateId = Id<struct IncidentUpdateTag>;
using TransitionId = Id<struct TransitionTag>;
using ChannelId = Id<struct ChannelTag>;
using DeliveryId = Id<struct DeliveryTag>;
using AuditId = Id<struct AuditTag>;
using MaintenanceId = Id<struct MaintenanceTag>;
using OccurrenceId = Id<struct OccurrenceTag>;
using PageId = Id<struct PageTag>;
using EventId = Id<struct EventTag>;
using RecordId = Id<struct RecordTag>;
using AttemptId = Id<struct AttemptTag>;

}  // namespace pharos::model
