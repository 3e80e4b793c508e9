#include <algorithm>
#include <array>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/channel_config.h"
#include "api/kodo/channels.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "base/crypto.h"
#include "base/text.h"
#include "service/channels.h"
#include "service/webhook_events.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Webhook";
constexpr std::string_view kFormat = "kodo";
constexpr std::string_view kMaskedSecret = "whsec_...";
constexpr int kDeliveries = 10;

// Sent when no events are named (kodo.md 16.1).
constexpr std::array kUsualEvents = {"incident.created",  "incident.updated",
                                     "incident.resolved", "service.status_changed",
                                     "monitor.down",      "monitor.up"};

std::string KodoEvent(std::string_view ours) {
  return std::string(service::WebhookEventWord(kFormat, ours));
}

bool IsOurs(const model::Channel& channel) {
  return channel.scope == model::ChannelScope::kSubscription && channel.kind == "webhook" &&
         channel.config.StringOr("format", "") == kFormat;
}

void PrintWebhook(JsonWriter& json, const model::Channel& channel, bool with_secrets) {
  json.BeginObject();
  PutText(json, "id", channel.uid);
  PutText(json, "name", channel.name);
  PutText(json, "url", channel.config.StringOr("url", ""));
  json.Key("events").BeginList();
  for (const std::string& event : channel.events) json.String(KodoEvent(event));
  json.EndList();
  json.Key("is_active").Bool(channel.enabled);
  json.Key("enabled").Bool(channel.enabled);
  const Value* headers = channel.config.Find("headers");
  json.Key("headers").Tree(PairsToHeaders(headers != nullptr ? *headers : Value(), !with_secrets));
  PutText(json, "secret", with_secrets ? channel.config.StringOr("secret", "") : kMaskedSecret);
  PutTime(json, "created_at", channel.created_at);
  PutTime(json, "updated_at", channel.updated_at);
  json.EndObject();
}

std::string OneWebhook(const model::Channel& channel, bool with_secrets) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("webhook");
  PrintWebhook(json, channel, with_secrets);
  json.EndObject();
  return out;
}

Result<model::Channel> OfPath(const Call& call) {
  auto found = call.services.channels.GetByUid(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  if (!IsOurs(*found)) return NotFound(kWhat);
  return found;
}

Error InWebhookWords(Error error) {
  if (error.kind == ErrorKind::kNotFound) return NotFound(kWhat);
  for (FieldError& field : error.fields) {
    constexpr std::string_view kPrefix = "config.";
    if (field.field.starts_with(kPrefix)) field.field = field.field.substr(kPrefix.size());
  }
  return error;
}

Result<std::vector<std::string>> EventsOf(const std::vector<std::string>& names) {
  const auto known = service::WebhookEvents(kFormat);
  std::vector<std::string> events;
  for (const std::string& name : names) {
    const auto it = std::find_if(known.begin(), known.end(), [&](const service::WebhookEvent& row) {
      return row.word == name;
    });
    if (it == known.end()) return BadField("events", "Invalid event: " + name);
    events.emplace_back(it->event);
  }
  return events;
}

Status ApplyBody(const Value& body, model::Channel& channel) {
  if (const auto name = TextOf(body, "name")) channel.name = std::string(Trim(*name));
  if (const auto url = TextOf(body, "url")) channel.config.Set("url", *url);
  if (const auto names = TextsOf(body, "events")) {
    PHAROS_ASSIGN_OR_RETURN(channel.events, EventsOf(*names));
  }
  if (const Value* headers = body.Find("headers")) {
    channel.config.Set("headers", HeadersToPairs(*headers, channel.config.Find("headers")));
  }
  const auto secret = TextOf(body, "secret");
  if (secret && !secret->empty() && *secret != kMaskedSecret) {
    channel.config.Set("secret", *secret);
  }
  Assign(channel.enabled, BoolOf(body, "enabled"));
  Assign(channel.enabled, BoolOf(body, "is_active"));
  return Ok();
}

}  // namespace

Result<std::string> ListWebhooks(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto channels, call.services.channels.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("webhooks").BeginList();
  for (const model::Channel& channel : channels) {
    if (IsOurs(channel)) PrintWebhook(json, channel, false);
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateWebhook(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(WebhookBody(), call.body));
  model::Channel draft;
  draft.kind = "webhook";
  draft.scope = model::ChannelScope::kSubscription;
  draft.config.Set("format", kFormat);
  draft.config.Set("secret", "whsec_" + HexLower(RandomBytes(24)));
  draft.events.assign(kUsualEvents.begin(), kUsualEvents.end());
  PHAROS_RETURN_IF_ERROR(ApplyBody(call.body, draft));
  auto made = call.services.channels.Create(*call.who, std::move(draft));
  if (!made) return InWebhookWords(std::move(made).error());
  return OneWebhook(*made, true);
}

Result<std::string> GetWebhook(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const auto attempts,
                          call.services.channels.Attempts(*call.who, channel.id, kDeliveries));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("webhook");
  PrintWebhook(json, channel, false);
  json.Key("deliveries").BeginList();
  for (const model::DeliveryAttempt& attempt : attempts) {
    json.BeginObject();
    PutText(json, "id", attempt.uid);
    PutText(json, "event_type", KodoEvent(attempt.event));
    // The body as sent; one that was too long to keep whole stands as text.
    Result<Value> payload = ParseJson(attempt.payload);
    json.Key("payload").Tree(payload ? *payload : Value(attempt.payload));
    json.Key("status_code");
    if (attempt.status_code == 0) {
      json.Null();
    } else {
      json.Int(attempt.status_code);
    }
    PutTextOrNull(json, "error_message", attempt.error);
    PutTime(json, "created_at", attempt.at);
    json.EndObject();
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> UpdateWebhook(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(WebhookChangeBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  const auto change = [&](model::Channel& stored) { return ApplyBody(call.body, stored); };
  auto changed = call.services.channels.Update(*call.who, channel.id, change);
  if (!changed) return InWebhookWords(std::move(changed).error());
  return OneWebhook(*changed, false);
}

Result<std::string> DeleteWebhook(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  if (Status gone = call.services.channels.Delete(*call.who, channel.id); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

void TestWebhook(Call& call, Answer answer) {
  const auto channel = OfPath(call);
  if (!channel) return answer.Send(channel.error());
  SendTest(call, channel->id, std::move(answer));
}

}  // namespace pharos::api::kodo
