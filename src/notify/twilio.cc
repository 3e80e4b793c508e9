#include "notify/twilio.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::notify {
namespace {

using model::FieldSpec;
using model::FieldType;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What the channel says, else what the organisation says.
std::string Configured(const Value& config, const Value& defaults, std::string_view field) {
  std::string text = config.StringOr(field, "");
  return text.empty() ? defaults.StringOr(field, "") : text;
}

}  // namespace

// tidy: table
std::vector<FieldSpec> TwilioFields() {
  return {{.name = "to",
           .type = FieldType::kTextList,
           .required = true,
           .max = 20,
           .help = "Phone numbers like +4915112345678."},
          {.name = "from",
           .fallback = "",
           .max = 32,
           .help = "Number or sender name of the account; empty: the organisation's."},
          {.name = "account_sid",
           .fallback = "",
           .max = 64,
           .help = "Twilio account; empty: the organisation's."},
          {.name = "auth_token",
           .fallback = "",
           .max = 128,
           .secret = true,
           .help = "Token of the account; empty: the organisation's."}};
}

bool IsPhoneNumber(std::string_view number) {
  return number.size() >= 8 && number.size() <= 16 && number[0] == '+' &&
         std::all_of(number.begin() + 1, number.end(), IsDigit);
}

void ValidateTwilio(const Value& config, std::vector<FieldError>& problems) {
  const std::vector<std::string> phones = TextsIn(config, "to");
  if (phones.empty()) problems.push_back({"to", "needs at least one phone number"});
  for (const std::string& phone : phones) {
    if (IsPhoneNumber(phone)) continue;
    problems.push_back({"to", "'" + Ellipsize(phone, 40) + "' is no number like +4915112345678"});
  }
  const std::string sid = config.StringOr("account_sid", "");
  const bool plain = std::all_of(sid.begin(), sid.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!plain) problems.push_back({"account_sid", "must be letters and digits"});
}

void SendByTwilio(const std::string& base, const std::string& resource,
                  const std::vector<std::pair<std::string, std::string>>& fields,
                  const Outgoing& outgoing, const Value& config, Duration timeout,
                  const Tools& tools, SendDone done) {
  const Value defaults = tools.phone_account ? tools.phone_account(outgoing.org) : Value();
  const std::string sid = Configured(config, defaults, "account_sid");
  const std::string token = Configured(config, defaults, "auth_token");
  std::string from = Configured(config, defaults, "from");
  if (from.empty()) from = defaults.StringOr("phone_number", "");
  const std::vector<std::string> phones = TextsIn(config, "to");
  if (sid.empty() || token.empty() || from.empty() || phones.empty()) {
    return done({SendOutcome::Kind::kRejected, "no Twilio account is set up"});
  }
  std::vector<HttpPost> posts;
  for (const std::string& phone : phones) {
    std::vector<std::pair<std::string, std::string>> form = {{"To", phone}, {"From", from}};
    form.insert(form.end(), fields.begin(), fields.end());
    HttpPost post;
    post.url = base + "/2010-04-01/Accounts/" + PercentEncode(sid) + "/" + resource;
    post.body = EncodeForm(form);
    post.content_type = "application/x-www-form-urlencoded";
    post.headers = {{"Authorization", "Basic " + Base64Encode(sid + ":" + token)}};
    post.secrets = {token};
    post.refusals = Refusals::kReject;
    post.at_most = Seconds(10);
    posts.push_back(std::move(post));
  }
  SendPosts(std::move(posts), timeout, tools, std::move(done));
}

}  // namespace pharos::notify
