#pragma once

#include "api/schema.h"

namespace pharos::api::kodo {

// What bodies and replies of the endpoints of routes_more.h hold; ranges are those of kodo.md.

const Shape& StatusPageBody();
const Shape& StatusPageChangeBody();
const Shape& StatusPageReply();
const Shape& StatusPageListReply();
const Shape& PageServicesBody();
const Shape& PageServicesReply();

const Shape& DesignBody();
const Shape& DesignPublishBody();
const Shape& DesignStateReply();
const Shape& DesignListReply();
const Shape& DesignVersionReply();
const Shape& DesignDraftReply();
const Shape& DesignCheckReply();
const Shape& DesignPublishReply();

const Shape& ChannelBody();
const Shape& ChannelChangeBody();
const Shape& ChannelReply();
const Shape& ChannelListReply();
const Shape& TestReply();
const Shape& WebhookBody();
const Shape& WebhookChangeBody();
const Shape& WebhookReply();
const Shape& WebhookDetailReply();
const Shape& WebhookListReply();

const Shape& BeaconBody();
const Shape& BeaconReply();
const Shape& NameBody();
const Shape& BeaconKeyReply();
const Shape& BeaconKeyListReply();
const Shape& BeaconGroupListReply();
const Shape& BeaconEventListReply();
const Shape& MetricsBody();
const Shape& MetricsReply();
const Shape& MetricsSettingsBody();
const Shape& MetricsViewReply();

const Shape& WorkflowBody();
const Shape& WorkflowReply();
const Shape& WorkflowListReply();
const Shape& TriggerReply();
const Shape& RunListReply();

const Shape& AlertBody();
const Shape& AlertTakenReply();
const Shape& AlertReply();
const Shape& AlertListReply();
const Shape& AlertSourceReply();
const Shape& AlertSourceListReply();
const Shape& PolicyBody();
const Shape& PolicyReply();
const Shape& PolicyListReply();
const Shape& ScheduleBody();
const Shape& ScheduleReply();
const Shape& ScheduleListReply();
const Shape& OnCallReply();
const Shape& PageBody();
const Shape& PageReply();

const Shape& SubscriberBody();
const Shape& SubscriberChangeBody();
const Shape& SubscriberReply();
const Shape& SubscriberListReply();
const Shape& SmsReplyBody();
const Shape& SmsReplyReply();

const Shape& PublicStatusReply();
const Shape& MailSubscribeBody();

}  // namespace pharos::api::kodo
