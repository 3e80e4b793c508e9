#pragma once

#include "api/schema.h"

namespace pharos::api::is0k {

// Bodies (is0k.md 3.2, 5.4, 6, 7). "Create" ones for POST; changes use the same rows, all of them
// optional.
const Shape& MonitorCreate();
const Shape& ChannelCreate();
const Shape& PageCreate();
const Shape& IncidentCreate();
const Shape& IncidentChange();
const Shape& UpdateCreate();

// Replies, envelope included.
const Shape& MonitorReply();
const Shape& MonitorsReply();
const Shape& ChecksReply();
const Shape& StatsReply();
const Shape& ChannelReply();
const Shape& ChannelsReply();
const Shape& TestReply();
const Shape& PageReply();
const Shape& PagesReply();
const Shape& IncidentReply();
const Shape& IncidentsReply();
const Shape& DeletedReply();
const Shape& ErrorReply();

}  // namespace pharos::api::is0k
