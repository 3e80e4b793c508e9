#include "notify/catalog.h"

#include <utility>

#include "model/field_spec.h"
#include "notify/discord/discord_channel.h"
#include "notify/email/email_channel.h"
#include "notify/opsgenie/opsgenie_channel.h"
#include "notify/pagerduty/pagerduty_channel.h"
#include "notify/slack/slack_channel.h"
#include "notify/sms/sms_channel.h"
#include "notify/teams/teams_channel.h"
#include "notify/telegram/telegram_channel.h"
#include "notify/voice/voice_channel.h"
#include "notify/webhook/webhook_channel.h"

namespace pharos::notify {

Catalog::Catalog(const Addresses& addresses) {
  channels_.push_back(MakeWebhookChannel());
  channels_.push_back(MakeEmailChannel());
  channels_.push_back(MakeSlackChannel(addresses));
  channels_.push_back(MakeDiscordChannel(addresses));
  channels_.push_back(MakeTelegramChannel(addresses));
  channels_.push_back(MakeTeamsChannel(addresses));
  channels_.push_back(MakeSmsChannel(addresses));
  channels_.push_back(MakeVoiceChannel(addresses));
  channels_.push_back(MakePagerdutyChannel(addresses));
  channels_.push_back(MakeOpsgenieChannel(addresses));
}

Catalog::~Catalog() = default;

const Channel* Catalog::Find(std::string_view kind) const {
  for (const auto& channel : channels_) {
    if (channel->descriptor().kind == kind) return channel.get();
  }
  return nullptr;
}

std::vector<const Channel*> Catalog::List() const {
  std::vector<const Channel*> list;
  for (const auto& channel : channels_) list.push_back(channel.get());
  return list;
}

Result<Value> Catalog::ValidateConfig(std::string_view kind, const Value& config) const {
  const Channel* channel = Find(kind);
  if (channel == nullptr)
    return Error::Field("kind", "kind '" + std::string(kind) + "' is unknown");
  model::ValidatedSpec validated =
      model::ValidateSpec(channel->descriptor().fields, config, "config.");
  std::vector<FieldError> more;
  if (validated.problems.empty()) channel->Validate(validated.spec, more);
  for (FieldError& problem : more) {
    problem.field = "config." + problem.field;
    validated.problems.push_back(std::move(problem));
  }
  if (validated.problems.empty()) return std::move(validated.spec);
  Error error(ErrorKind::kInvalid, validated.problems.front().message);
  error.fields = std::move(validated.problems);
  return error;
}

}  // namespace pharos::notify
