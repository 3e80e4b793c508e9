#include "api/kodo/channels.h"

#include <algorithm>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/channel_config.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "base/text.h"
#include "service/channels.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Channel";
constexpr std::string_view kFormat = "kodo";

// Kodo's channels are those of any scope but subscriptions, of a type that it knows.
bool IsOurs(const model::Channel& channel) {
  return channel.scope != model::ChannelScope::kSubscription &&
         std::find(kChannelTypes.begin(), kChannelTypes.end(), channel.kind) != kChannelTypes.end();
}

enum class Shown : uint8_t { kListed, kOne, kCreated };

void PrintChannel(JsonWriter& json, const model::Channel& channel, Shown shown) {
  json.BeginObject();
  PutText(json, "id", channel.uid);
  if (shown != Shown::kListed) {
    PutText(json, "organization_id", "org_" + std::to_string(channel.org.value()));
  }
  PutText(json, "type", channel.kind);
  PutText(json, "name", channel.name);
  json.Key("enabled").Bool(channel.enabled);
  json.Key("config").Tree(
      FromChannelConfig(channel.kind, channel.config, shown != Shown::kCreated));
  json.Key("notify_on_incident").Bool(channel.on_incident);
  json.Key("notify_on_maintenance").Bool(channel.on_maintenance);
  PutTime(json, "created_at", channel.created_at);
  PutTime(json, "updated_at", channel.updated_at);
  json.EndObject();
}

std::string OneChannel(const model::Channel& channel, Shown shown) {
  std::string out;
  JsonWriter json(out);
  PrintChannel(json, channel, shown);
  return out;
}

Result<model::Channel> OfPath(const Call& call) {
  auto found = call.services.channels.GetByUid(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  if (!IsOurs(*found)) return NotFound(kWhat);
  return found;
}

Error InChannelWords(Error error, std::string_view type) {
  if (error.kind == ErrorKind::kNotFound) return NotFound(kWhat);
  for (FieldError& field : error.fields) {
    field.field = field.field == "kind" ? "type" : KodoConfigField(type, field.field);
  }
  return error;
}

void ApplyBody(const Value& body, model::Channel& channel) {
  if (const auto name = TextOf(body, "name")) channel.name = std::string(Trim(*name));
  Assign(channel.enabled, BoolOf(body, "enabled"));
  Assign(channel.on_incident, BoolOf(body, "notify_on_incident"));
  Assign(channel.on_maintenance, BoolOf(body, "notify_on_maintenance"));
  if (const Value* config = body.Find("config")) {
    const Value format =
        channel.config.Find("format") != nullptr ? *channel.config.Find("format") : Value(kFormat);
    channel.config = ToChannelConfig(channel.kind, *config, channel.config);
    if (channel.kind == "webhook") channel.config.Set("format", format);
  }
}

}  // namespace

Result<std::string> ListChannels(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto channels, call.services.channels.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("channels").BeginList();
  for (const model::Channel& channel : channels) {
    if (IsOurs(channel)) PrintChannel(json, channel, Shown::kListed);
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateChannel(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(ChannelBody(), call.body));
  model::Channel draft;
  draft.kind = TextOf(call.body, "type").value_or(std::string());
  draft.scope = model::ChannelScope::kIncidents;
  ApplyBody(call.body, draft);
  auto made = call.services.channels.Create(*call.who, draft);
  if (!made) return InChannelWords(std::move(made).error(), draft.kind);
  return OneChannel(*made, Shown::kCreated);
}

Result<std::string> GetChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  return OneChannel(channel, Shown::kOne);
}

Result<std::string> UpdateChannel(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(ChannelChangeBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  const auto change = [&](model::Channel& stored) -> Status {
    ApplyBody(call.body, stored);
    return Ok();
  };
  auto changed = call.services.channels.Update(*call.who, channel.id, change);
  if (!changed) return InChannelWords(std::move(changed).error(), channel.kind);
  return OneChannel(*changed, Shown::kOne);
}

Result<std::string> DeleteChannel(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Channel channel, OfPath(call));
  if (Status gone = call.services.channels.Delete(*call.who, channel.id); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

void TestChannel(Call& call, Answer answer) {
  const auto channel = OfPath(call);
  if (!channel) return answer.Send(channel.error());
  SendTest(call, channel->id, std::move(answer));
}

void SendTest(const Call& call, model::ChannelId channel, Answer answer) {
  call.services.channels.Test(
      *call.who, channel,
      [answer = std::move(answer)](Result<service::ChannelService::TestOutcome> done) {
        if (!done) return answer.Send(std::move(done).error());
        if (done->delivered) return answer.Send(std::string(kSuccess));
        std::string out;
        JsonWriter json(out);
        json.BeginObject().Key("success").Bool(false);
        PutText(json, "error", done->error);
        json.EndObject();
        answer.Send(std::move(out));
      });
}

}  // namespace pharos::api::kodo
