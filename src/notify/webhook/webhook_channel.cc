#include "notify/webhook/webhook_channel.h"

#include <string>
#include <utility>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "net/url.h"

namespace pharos::notify {
namespace {

using model::FieldSpec;
using model::FieldType;

constexpr int kMaxRetryAfterS = 3'600;

SendOutcome Retry(std::string error, int retry_after_s = 0) {
  return {SendOutcome::Kind::kRetry, std::move(error), retry_after_s};
}

// Statuses that no repetition can cure; everything else that is not a success is tried again.
bool IsPermanent(int status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
         status == 410 || status == 413 || status == 415 || status == 422;
}

SendOutcome Judge(const net::HttpAnswer& answer) {
  if (answer.failure == net::HttpFailure::kBlocked || answer.failure == net::HttpFailure::kBadUrl) {
    return {SendOutcome::Kind::kPermanent, answer.message, 0};
  }
  if (answer.failure != net::HttpFailure::kNone) return Retry(answer.message);
  if (answer.status >= 200 && answer.status < 300) return {SendOutcome::Kind::kSent, {}, 0};
  const std::string error = "HTTP " + std::to_string(answer.status);
  if (IsPermanent(answer.status)) return {SendOutcome::Kind::kPermanent, error, 0};
  int wait = 0;
  if (const std::string* after = answer.FindHeader("retry-after")) {
    const auto seconds = ParseInt(Trim(*after));
    if (seconds && *seconds > 0) {
      wait = *seconds > kMaxRetryAfterS ? kMaxRetryAfterS : static_cast<int>(*seconds);
    }
  }
  return Retry(error, wait);
}

class WebhookChannel : public Channel {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    if (auto url = net::Url::Parse(config.StringOr("url", "")); !url) {
      problems.push_back({"url", url.error().message});
    }
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = config.StringOr("url", "");
    request.body = WriteJson(outgoing.message);
    request.timeout = timeout;
    request.purpose = net::Purpose::kNotify;
    request.follow_redirects = false;
    request.limits.keep_body_bytes = 0;
    request.limits.max_body_bytes = 64 * 1024;
    const std::string timestamp = std::to_string(ToUnixSeconds(tools.clock->Now()));
    request.headers = {{"Content-Type", "application/json"},
                       {"X-Pharos-Event", outgoing.event},
                       {"X-Pharos-Timestamp", timestamp},
                       {"Idempotency-Key", outgoing.dedup_key}};
    const std::string secret = config.StringOr("secret", "");
    if (!secret.empty()) {
      request.headers.emplace_back(
          "X-Pharos-Signature",
          "sha256=" + HexLower(HmacSha256(secret, timestamp + "." + request.body)));
    }
    tools.http->Start(std::move(request),
                      [done = std::move(done)](net::HttpAnswer answer) { done(Judge(answer)); });
  }

 private:
  // tidy: table
  const Descriptor descriptor_{"webhook",
                               "Webhook",
                               {
                                   {.name = "url",
                                    .type = FieldType::kText,
                                    .required = true,
                                    .max = 2048,
                                    .help = "Where the JSON is posted to, http or https."},
                                   {.name = "secret",
                                    .type = FieldType::kText,
                                    .max = 256,
                                    .secret = true,
                                    .help = "Signs each request in X-Pharos-Signature."},
                               }};
};

}  // namespace

std::unique_ptr<Channel> MakeWebhookChannel() { return std::make_unique<WebhookChannel>(); }

}  // namespace pharos::notify
