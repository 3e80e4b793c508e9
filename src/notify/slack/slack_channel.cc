#include "notify/slack/slack_channel.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr std::string_view kDocumented = "https://hooks.slack.com/services/";
constexpr size_t kMaxHeader = 150;  // Slack's own limits
constexpr size_t kMaxField = 2'000;
constexpr size_t kMaxFields = 10;
constexpr size_t kMaxSection = 3'000;

// Slack gives a meaning to these three only.
std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

Value TextObject(const char* type, std::string text) {
  Value object;
  object.Set("type", type);
  object.Set("text", std::move(text));
  return object;
}

Value Header(const Wording& wording) {
  Value block;
  block.Set("type", "header");
  block.Set("text", TextObject("plain_text", Ellipsize(wording.headline, kMaxHeader)));
  return block;
}

Value Section(const Wording& wording) {
  Value block;
  block.Set("type", "section");
  if (!wording.detail.empty()) {
    block.Set("text", TextObject("mrkdwn", Escape(Ellipsize(wording.detail, kMaxSection / 2))));
  }
  Value::List fields;
  for (const auto& [name, value] : wording.facts) {
    if (fields.size() == kMaxFields) break;
    fields.push_back(
        TextObject("mrkdwn", "*" + name + "*\n" + Escape(Ellipsize(value, kMaxField / 2))));
  }
  if (!fields.empty()) block.Set("fields", std::move(fields));
  return block;
}

Value Actions(const Wording& wording) {
  Value button;
  button.Set("type", "button");
  button.Set("text", TextObject("plain_text", wording.link_text));
  button.Set("url", wording.link);
  Value block;
  block.Set("type", "actions");
  block.Set("elements", Value::List{std::move(button)});
  return block;
}

std::string BodyOf(const Wording& wording) {
  Value::List blocks = {Header(wording)};
  if (!wording.detail.empty() || !wording.facts.empty()) blocks.push_back(Section(wording));
  if (!wording.link.empty()) blocks.push_back(Actions(wording));
  constexpr const char* kDigits = "0123456789abcdef";
  std::string colour = "#";
  for (int shift = 20; shift >= 0; shift -= 4) {
    colour += kDigits[(ColourOf(wording.mood) >> shift) & 15];
  }
  Value attachment;
  attachment.Set("color", std::move(colour));
  attachment.Set("blocks", std::move(blocks));
  Value body;
  body.Set("text", Escape(SubjectLine(wording)));
  body.Set("attachments", Value::List{std::move(attachment)});
  return WriteJson(body);
}

class SlackChannel : public Channel {
 public:
  explicit SlackChannel(const Addresses& addresses) : hosts_(addresses.slack_hosts) {}
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
  const Descriptor descriptor_{"slack",
                               "Slack",
                               {{.name = "webhook_url",
                                 .required = true,
                                 .max = 2048,
                                 .secret = true,
                                 .help = "Address of an incoming webhook of the workspace."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeSlackChannel(const Addresses& addresses) {
  return std::make_unique<SlackChannel>(addresses);
}

}  // namespace pharos::notify
