#include "notify/teams/teams_channel.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "net/url.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxDetail = 4'000;

// The card's own words for colours.
const char* ColourWord(Mood mood) {
  switch (mood) {
    case Mood::kBad:
      return "Attention";
    case Mood::kWarning:
      return "Warning";
    case Mood::kGood:
      return "Good";
    case Mood::kPlanned:
      return "Accent";
    case Mood::kNeutral:
      return "Default";
  }
  return "Default";
}

Value CardOf(const Wording& wording) {
  Value title;
  title.Set("type", "TextBlock");
  title.Set("size", "Large");
  title.Set("weight", "Bolder");
  title.Set("color", ColourWord(wording.mood));
  title.Set("text", wording.headline);
  title.Set("wrap", true);
  Value::List blocks = {std::move(title)};
  if (!wording.detail.empty()) {
    Value detail;
    detail.Set("type", "TextBlock");
    detail.Set("text", Ellipsize(wording.detail, kMaxDetail));
    detail.Set("wrap", true);
    blocks.push_back(std::move(detail));
  }
  Value::List facts;
  for (const auto& [name, value] : wording.facts) {
    Value fact;
    fact.Set("title", name);
    fact.Set("value", value);
    facts.push_back(std::move(fact));
  }
  Value set;
  set.Set("type", "FactSet");
  set.Set("facts", std::move(facts));
  blocks.push_back(std::move(set));
  Value card;
  card.Set("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  card.Set("type", "AdaptiveCard");
  card.Set("version", "1.4");
  card.Set("body", std::move(blocks));
  if (!wording.link.empty()) {
    Value open;
    open.Set("type", "Action.OpenUrl");
    open.Set("title", wording.link_text);
    open.Set("url", wording.link);
    card.Set("actions", Value::List{std::move(open)});
  }
  return card;
}

std::string BodyOf(const Wording& wording) {
  Value attachment;
  attachment.Set("contentType", "application/vnd.microsoft.card.adaptive");
  attachment.Set("contentUrl", Value());
  attachment.Set("content", CardOf(wording));
  Value body;
  body.Set("type", "message");
  body.Set("attachments", Value::List{std::move(attachment)});
  return WriteJson(body);
}

class TeamsChannel : public Channel {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    if (auto url = net::Url::Parse(config.StringOr("webhook_url", "")); !url) {
      problems.push_back({"webhook_url", url.error().message});
    }
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    PostToWebhook(config, BodyOf(WordingOf(outgoing)), timeout, tools, std::move(done));
  }

 private:
  const Descriptor descriptor_{
      "teams",
      "Microsoft Teams",
      {{.name = "webhook_url",
        .required = true,
        .max = 2048,
        .secret = true,
        .help = "Address of a workflow that posts to a channel when a webhook request comes."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeTeamsChannel(const Addresses&) {
  return std::make_unique<TeamsChannel>();
}

}  // namespace pharos::notify
