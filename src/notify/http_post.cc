#include "notify/http_post.h"

#include <algorithm>
#include <memory>

#include "base/text.h"
#include "net/url.h"

namespace pharos::notify {
namespace {

using Kind = SendOutcome::Kind;

constexpr int kMaxRetryAfterS = 3'600;
constexpr size_t kMaxPayload = 64 * 1024;

bool IsWrongAddress(int status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
         status == 410 || status == 413 || status == 415 || status == 422;
}

bool MayPass(int status) { return status == 408 || status == 425 || status == 429; }

Kind KindOf(int status, Refusals refusals) {
  if (status >= 200 && status < 300) return Kind::kSent;
  switch (refusals) {
    case Refusals::kDisable:
      return IsWrongAddress(status) ? Kind::kPermanent : Kind::kRetry;
    case Refusals::kReject:
      return status >= 400 && status < 500 && !MayPass(status) ? Kind::kRejected : Kind::kRetry;
    case Refusals::kNone:
      break;
  }
  return Kind::kRetry;
}

int WishedWait(const net::HttpAnswer& answer) {
  const std::string* after = answer.FindHeader("retry-after");
  if (after == nullptr) return 0;
  const auto seconds = ParseInt(Trim(*after));
  if (!seconds || *seconds <= 0) return 0;
  return *seconds > kMaxRetryAfterS ? kMaxRetryAfterS : static_cast<int>(*seconds);
}

SendOutcome Judge(const net::HttpAnswer& answer, Refusals refusals) {
  SendOutcome outcome;
  outcome.status_code = answer.status;
  if (answer.failure == net::HttpFailure::kBlocked || answer.failure == net::HttpFailure::kBadUrl) {
    outcome.kind = Kind::kPermanent;
    outcome.error = answer.message;
    return outcome;
  }
  // Whoever answered with a success has the message, even if the rest of the answer is useless.
  const bool has_it =
      answer.failure == net::HttpFailure::kTooLarge && answer.status >= 200 && answer.status < 300;
  if (answer.failure != net::HttpFailure::kNone && !has_it) {
    outcome.error = answer.message;
    return outcome;
  }
  outcome.kind = KindOf(answer.status, refusals);
  if (outcome.kind == Kind::kSent) return outcome;
  outcome.error = "HTTP " + std::to_string(answer.status);
  if (outcome.kind == Kind::kRetry) outcome.retry_after_s = WishedWait(answer);
  return outcome;
}

}  // namespace

void PostToWebhook(const Value& config, std::string body, Duration timeout, const Tools& tools,
                   SendDone done) {
  HttpPost post;
  post.url = config.StringOr("webhook_url", "");
  post.body = std::move(body);
  post.refusals = Refusals::kReject;
  post.at_most = Seconds(10);
  SendPost(std::move(post), timeout, tools, std::move(done));
}

std::string Redact(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < 4) continue;
    for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

std::string EncodeForm(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += PercentEncode(name) + "=" + PercentEncode(value);
  }
  return out;
}

void CheckServiceUrl(const Value& config, std::string_view field, std::string_view documented,
                     const std::vector<std::string>& more_hosts,
                     std::vector<FieldError>& problems) {
  const std::string text = config.StringOr(field, "");
  const auto url = net::Url::Parse(text);
  if (!url) {
    problems.push_back({std::string(field), url.error().message});
    return;
  }
  if (text.starts_with(documented)) return;
  for (const std::string& host : more_hosts) {
    if (url->Authority() == host || url->host == host) return;
  }
  problems.push_back({std::string(field), "must begin with " + std::string(documented)});
}

std::vector<std::string> TextsIn(const Value& config, std::string_view field) {
  std::vector<std::string> texts;
  const Value* list = config.Find(field);
  if (list == nullptr || !list->IsList()) return texts;
  for (const Value& text : list->AsList()) {
    if (text.IsString()) texts.push_back(text.AsString());
  }
  return texts;
}

void SendPost(HttpPost post, Duration timeout, const Tools& tools, SendDone done) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = std::move(post.url);
  request.timeout = std::min(timeout, post.at_most);
  request.purpose = net::Purpose::kNotify;
  request.follow_redirects = false;
  request.limits.keep_body_bytes = 0;
  request.limits.max_body_bytes = 64 * 1024;
  request.headers.emplace_back("Content-Type", std::move(post.content_type));
  for (auto& header : post.headers) request.headers.push_back(std::move(header));
  std::string payload = Redact(post.body.substr(0, kMaxPayload), post.secrets);
  request.body = std::move(post.body);
  tools.http->Start(std::move(request), [done = std::move(done), payload = std::move(payload),
                                         secrets = std::move(post.secrets),
                                         refusals = post.refusals](net::HttpAnswer answer) mutable {
    SendOutcome outcome = Judge(answer, refusals);
    outcome.error = Redact(std::move(outcome.error), secrets);
    outcome.payload = std::move(payload);
    done(std::move(outcome));
  });
}

void SendPosts(std::vector<HttpPost> posts, Duration timeout, const Tools& tools, SendDone done) {
  std::reverse(posts.begin(), posts.end());
  HttpPost next = std::move(posts.back());
  posts.pop_back();
  SendPost(std::move(next), timeout, tools,
           [posts = std::move(posts), timeout, tools,
            done = std::move(done)](SendOutcome outcome) mutable {
             if (posts.empty() || outcome.kind != Kind::kSent) return done(std::move(outcome));
             std::reverse(posts.begin(), posts.end());
             SendPosts(std::move(posts), timeout, tools, std::move(done));
           });
}

}  // namespace pharos::notify
