#include "notify/telegram/telegram_channel.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxDetail = 2'000;  // a message may have 4096 characters

std::string TextOf(const Wording& wording) {
  std::string text =
      std::string(EmojiOf(wording.mood)) + " <b>" + EscapeHtml(wording.headline) + "</b>";
  if (!wording.detail.empty()) text += "\n" + EscapeHtml(Ellipsize(wording.detail, kMaxDetail));
  text += "\n";
  for (const auto& [name, value] : wording.facts) {
    text += "\n" + name + ": " + EscapeHtml(Ellipsize(value, 300));
  }
  if (!wording.link.empty()) {
    text += "\n\n<a href=\"" + EscapeHtml(wording.link) + "\">" + wording.link_text + "</a>";
  }
  return text;
}

// The token becomes part of a path.
bool IsToken(std::string_view token) {
  return token.find(':') != std::string_view::npos &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == ':' || c == '_' || c == '-';
         });
}

class TelegramChannel : public Channel {
 public:
  explicit TelegramChannel(const Addresses& addresses) : base_(addresses.telegram) {}
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    if (!IsToken(config.StringOr("bot_token", ""))) {
      problems.push_back({"bot_token", "must be a bot token like 123456:ABC-def"});
    }
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    const std::string token = config.StringOr("bot_token", "");
    Value body;
    body.Set("chat_id", config.StringOr("chat_id", ""));
    body.Set("text", TextOf(WordingOf(outgoing)));
    body.Set("parse_mode", "HTML");
    body.Set("disable_web_page_preview", true);
    HttpPost post;
    post.url = base_ + "/bot" + token + "/sendMessage";
    post.body = WriteJson(body);
    post.secrets = {token};
    post.refusals = Refusals::kReject;
    post.at_most = Seconds(10);
    SendPost(std::move(post), timeout, tools, std::move(done));
  }

 private:
  const std::string base_;
  const Descriptor descriptor_{"telegram",
                               "Telegram",
                               {{.name = "bot_token",
                                 .required = true,
                                 .max = 128,
                                 .secret = true,
                                 .help = "Token of the bot, from BotFather."},
                                {.name = "chat_id",
                                 .required = true,
                                 .max = 64,
                                 .help = "Number of the chat, or @name of the channel."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeTelegramChannel(const Addresses& addresses) {
  return std::make_unique<TelegramChannel>(addresses);
}

}  // namespace pharos::notify
