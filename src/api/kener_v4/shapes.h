#pragma once

#include "api/schema.h"

namespace pharos::api::kener_v4 {

// What bodies and replies of this dialect hold. Members that the contract leaves unchecked are of
// any type here, and the decoders say what becomes of them (kener-v4.md 4.7, 4.8).

// shapes_request.cc
const Shape& MonitorBody();
const Shape& MonitorChangeBody();
const Shape& RangeBody();
const Shape& PointBody();
const Shape& IncidentBody();
const Shape& IncidentChangeBody();
const Shape& CommentBody();
const Shape& CommentChangeBody();
const Shape& MaintenanceBody();
const Shape& MaintenanceChangeBody();
const Shape& EventChangeBody();
const Shape& PageBody();
const Shape& PageChangeBody();
const Shape& SiteKeyBody();

// shapes_reply.cc
const Shape& ErrorReply();
const Shape& PushErrorReply();
const Shape& MessageShape();
const Shape& MonitorReply();
const Shape& MonitorListReply();
const Shape& SampleReply();
const Shape& SampleListReply();
const Shape& RangeReply();
const Shape& IncidentReply();
const Shape& IncidentListReply();
const Shape& CommentReply();
const Shape& CommentListReply();
const Shape& MaintenanceReply();
const Shape& MaintenanceListReply();
const Shape& EventReply();
const Shape& EventListReply();
const Shape& DetailedEventListReply();
const Shape& PageReply();
const Shape& PageListReply();
const Shape& SiteKeyReply();
const Shape& SiteListReply();
const Shape& PushReply();

// The settings of a page, of a body or of a reply (12.2).
const Shape& PageSettingsShape(bool reply);

}  // namespace pharos::api::kener_v4
