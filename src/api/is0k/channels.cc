#include "api/is0k/channels.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/is0k/body.h"
#include "api/is0k/channel_config.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/links.h"
#include "api/is0k/plans.h"
#include "api/is0k/shapes.h"
#include "service/channels.h"
#include "service/monitors.h"

namespace pharos::api::is0k {
namespace {

// Outgoing webhooks of other dialects are no alert channels.
bool IsAlertChannel(const model::Channel& channel) {
  return channel.scope != model::ChannelScope::kSubscription;
}

Status PrintChannel(JsonWriter& json, const Call& call, const model::Channel& channel) {
  PHAROS_ASSIGN_OR_RETURN(const auto attempts,
                          call.services.channels.Attempts(*call.who, channel.id, 1));
  json.BeginObject();
  PutText(json, "id", PrintId(kChannelId, channel.id.value()));
  PutText(json, "name", channel.name);
  PutText(json, "type", channel.kind);
  json.Key("config").Tree(PrintConfig(channel.kind, channel.config));
  json.Key("enabled").Bool(channel.enabled);
  json.Key("monitor_ids").BeginList();
  for (const model::MonitorId id : channel.monitors) {
    const auto monitor = call.services.monitors.FindById(*call.who, id);
    if (monitor != nullptr && IsShown(*monitor)) json.String(PrintId(kMonitorId, id.value()));
  }
  json.EndList();
  PutSecondOrNull(json, "last_tested_at", channel.last_tested_at);
  json.Key("last_delivery");
  if (attempts.empty()) {
    json.Null();
  } else {
    const model::DeliveryAttempt& last = attempts.front();
    json.BeginObject();
    PutText(json, "status", last.error.empty() ? "sent" : "failed");
    PutSecond(json, "at", last.at);
    PutTextOrNull(json, "error", last.error);
    json.EndObject();
  }
  PutSecond(json, "created_at", channel.created_at);
  PutSecond(json, "updated_at", channel.updated_at);
  json.EndObject();
  return Ok();
}

Result<std::string> OneChannel(const Call& call, const model::Channel& channel) {
  Status printed;
  std::string body =
      Enveloped([&](JsonWriter& json) { printed = PrintChannel(json, call, channel); });
  if (!printed) return std::move(printed).error();
  return body;
}

Result<model::Channel> FindChannel(Call& call) {
  const auto id = ParseId<model::ChannelId>(kChannelId, call.params.Find("id"));
  if (!id) return NotFound(call, kChannel);
  auto channel = call.services.channels.Get(*call.who, *id);
  if (!channel && channel.error().kind == ErrorKind::kNotFound) return NotFound(call, kChannel);
  if (channel && !IsAlertChannel(*channel)) return NotFound(call, kChannel);
  return channel;
}

Status CheckPlan(Call& call, std::string_view type) {
  const PlanRules& plan = PlanOfCaller(call);
  const bool included = type == "email" ? true
                        : type == "sms" ? plan.has_sms
                                        : plan.has_chat_channels;
  if (included) return Ok();
  return UpgradeRequired(call, plan, std::string(type) + " channels");
}

// A use case's field names in this dialect's words.
Error Renamed(Error error, std::string_view type) {
  constexpr std::string_view kPrefix = "config.";
  for (FieldError& field : error.fields) {
    if (!field.field.starts_with(kPrefix)) continue;
    field.field = std::string(kPrefix) + std::string(MemberOf(type, field.field.substr(7)));
  }
  return Spelled(std::move(error));
}

}  // namespace

Result<std::string> ListChannels(Call& call) {
  const std::string type = QueryText(call.request, "type");
  if (!type.empty() && call.services.channels.catalog().Find(type) == nullptr) {
    return BadField("type", "type is no kind of alert channel");
  }
  PHAROS_ASSIGN_OR_RETURN(const auto channels, call.services.channels.List(*call.who));
  Status printed;
  std::string body = EnvelopedList(nullptr, 0, [&](JsonWriter& json) {
    for (const model::Channel& channel : channels) {
      if (!IsAlertChannel(channel) || (!type.empty() && channel.kind != type)) continue;
      if (printed) printed = PrintChannel(json, call, channel);
    }
  });
  if (!printed) return std::move(printed).error();
  return body;
}

Result<std::string> CreateChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(ChannelCreate(), body, false));
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  model::Channel draft;
  draft.kind = *TextOf(body, "type");
  draft.name = *TextOf(body, "name");
  PHAROS_ASSIGN_OR_RETURN(draft.config, ReadConfig(draft.kind, *body.Find("config"), Value()));
  draft.scope = model::ChannelScope::kLinked;
  draft.monitors = monitors;
  draft.enabled = BoolOf(body, "enabled").value_or(true);
  PHAROS_RETURN_IF_ERROR(CheckPlan(call, draft.kind));
  const std::string type = draft.kind;
  auto channel = call.services.channels.Create(*call.who, std::move(draft));
  if (!channel) return Renamed(std::move(channel).error(), type);
  return OneChannel(call, *channel);
}

Result<std::string> GetChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, FindChannel(call));
  return OneChannel(call, channel);
}

Result<std::string> UpdateChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_ASSIGN_OR_RETURN(const model::Channel found, FindChannel(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(ChannelCreate(), body, true));
  const auto type = TextOf(body, "type");
  if (type && *type != found.kind) return BadField("type", "type cannot be changed");
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  auto changed =
      call.services.channels.Update(*call.who, found.id, [&](model::Channel& channel) -> Status {
        if (const auto name = TextOf(body, "name")) channel.name = *name;
        if (const Value* config = body.Find("config")) {
          PHAROS_ASSIGN_OR_RETURN(channel.config,
                                  ReadConfig(channel.kind, *config, channel.config));
        }
        if (const auto enabled = BoolOf(body, "enabled")) {
          channel.enabled = *enabled;
          if (*enabled) channel.disabled_reason.clear();
        }
        if (IsSent(body, "monitor_ids")) {
          channel.monitors = monitors;
          channel.scope = model::ChannelScope::kLinked;
        }
        return Ok();
      });
  if (!changed) return Renamed(std::move(changed).error(), found.kind);
  return OneChannel(call, *changed);
}

Result<std::string> DeleteChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, FindChannel(call));
  PHAROS_RETURN_IF_ERROR(call.services.channels.Delete(*call.who, channel.id));
  return Deleted(PrintId(kChannelId, channel.id.value()));
}

void TestChannel(Call& call, Answer answer) {
  auto channel = FindChannel(call);
  if (!channel) return answer.Send(std::move(channel).error());
  // The call lives until the answer is sent.
  call.services.channels.Test(
      *call.who, channel->id,
      [&call, answer, id = channel->id](Result<service::ChannelService::TestOutcome> outcome) {
        if (!outcome) return answer.Send(std::move(outcome).error());
        if (!outcome->delivered) {
          return answer.Send(Coded(call, 502, "ALERT_CHANNEL_TEST_FAILED",
                                   "Test notification could not be delivered: " + outcome->error));
        }
        answer.Send(Enveloped([&](JsonWriter& json) {
          json.BeginObject();
          PutText(json, "id", PrintId(kChannelId, id.value()));
          json.Key("delivered").Bool(true);
          PutSecond(json, "sent_at", outcome->at);
          json.Key("response_status");
          if (outcome->status_code > 0) {
            json.Int(outcome->status_code);
          } else {
            json.Null();
          }
          json.EndObject();
        }));
      });
}

}  // namespace pharos::api::is0k
