#include "notify/pagerduty/pagerduty_channel.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxSummary = 1'024;  // PagerDuty's own limit

Value PayloadOf(const Wording& wording, const AlertFacts& alert) {
  Value payload;
  payload.Set("summary",
              Ellipsize(wording.detail.empty() ? wording.headline
                                               : wording.headline + " - " + wording.detail,
                        kMaxSummary));
  payload.Set("source", wording.subject);
  payload.Set("severity", alert.severity);
  if (wording.at) payload.Set("timestamp", FormatIsoMillis(*wording.at));
  Value details;
  for (const auto& [name, value] : wording.facts) details.Set(name, value);
  payload.Set("custom_details", std::move(details));
  return payload;
}

std::string BodyOf(const Wording& wording, const AlertFacts& alert, const std::string& key) {
  Value body;
  body.Set("routing_key", key);
  body.Set("event_action", alert.over ? "resolve" : "trigger");
  body.Set("dedup_key", alert.key);
  if (!alert.over) {
    body.Set("payload", PayloadOf(wording, alert));
    body.Set("client", wording.sender);
    if (!wording.link.empty()) body.Set("client_url", wording.link);
  }
  return WriteJson(body);
}

class PagerdutyChannel : public Channel {
 public:
  explicit PagerdutyChannel(const Addresses& addresses) : base_(addresses.pagerduty) {}
  const Descriptor& descriptor() const override { return descriptor_; }
  void Validate(const Value&, std::vector<FieldError>&) const override {}

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    const std::optional<AlertFacts> alert = AlertOf(outgoing);
    if (!alert) return done({SendOutcome::Kind::kSent, {}});
    const std::string key = config.StringOr("integration_key", "");
    HttpPost post;
    post.url = base_ + "/v2/enqueue";
    post.body = BodyOf(WordingOf(outgoing), *alert, key);
    post.secrets = {key};
    post.refusals = Refusals::kReject;
    post.at_most = Seconds(10);
    SendPost(std::move(post), timeout, tools, std::move(done));
  }

 private:
  const std::string base_;
  const Descriptor descriptor_{"pagerduty",
                               "PagerDuty",
                               {{.name = "integration_key",
                                 .required = true,
                                 .max = 64,
                                 .secret = true,
                                 .help = "Key of an Events API v2 integration of a service."}}};
};

}  // namespace

std::unique_ptr<Channel> MakePagerdutyChannel(const Addresses& addresses) {
  return std::make_unique<PagerdutyChannel>(addresses);
}

}  // namespace pharos::notify
