#include "notify/discord/discord_channel.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr std::string_view kDocumented = "https://discord.com/api/webhooks/";
constexpr size_t kMaxTitle = 256;  // Discord's own limits
constexpr size_t kMaxDescription = 4'096;
constexpr size_t kMaxField = 1'024;
constexpr size_t kMaxFields = 25;

std::string BodyOf(const Wording& wording) {
  Value embed;
  embed.Set("title", Ellipsize(wording.headline, kMaxTitle));
  if (!wording.link.empty()) embed.Set("url", wording.link);
  if (!wording.detail.empty()) {
    embed.Set("description", Ellipsize(wording.detail, kMaxDescription));
  }
  embed.Set("color", ColourOf(wording.mood));
  Value::List fields;
  for (const auto& [name, value] : wording.facts) {
    if (fields.size() == kMaxFields) break;
    Value field;
    field.Set("name", name);
    field.Set("value", Ellipsize(value, kMaxField));
    field.Set("inline", name != "URL");
    fields.push_back(std::move(field));
  }
  embed.Set("fields", std::move(fields));
  if (wording.at) embed.Set("timestamp", FormatIsoMillis(*wording.at));
  Value body;
  body.Set("embeds", Value::List{std::move(embed)});
  return WriteJson(body);
}

class DiscordChannel : public Channel {
 public:
  explicit DiscordChannel(const Addresses& addresses) : hosts_(addresses.discord_hosts) {}
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    CheckServiceUrl(config, "webhook_url", kDocumented, hosts_, problems);
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    PostToWebhook(config, BodyOf(WordingOf(outgoing)), timeout, tools, std::move(done));
  }

 private:
  const std::vector<std::string> hosts_;
  const Descriptor descriptor_{"discord",
                               "Discord",
                               {{.name = "webhook_url",
                                 .required = true,
                                 .max = 2048,
                                 .secret = true,
                                 .help = "Address of a webhook of the channel."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeDiscordChannel(const Addresses& addresses) {
  return std::make_unique<DiscordChannel>(addresses);
}

}  // namespace pharos::notify
