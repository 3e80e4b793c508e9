#include "notify/opsgenie/opsgenie_channel.h"

#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "notify/http_post.h"
#include "notify/wording.h"

namespace pharos::notify {
namespace {

constexpr size_t kMaxMessage = 130;  // Opsgenie's own limits
constexpr size_t kMaxDescription = 15'000;

const char* PriorityOf(const std::string& severity) {
  if (severity == "critical") return "P1";
  if (severity == "error") return "P2";
  return severity == "warning" ? "P3" : "P5";
}

std::string OpenBody(const Wording& wording, const AlertFacts& alert) {
  Value body;
  body.Set("message", Ellipsize(wording.headline, kMaxMessage));
  body.Set("alias", alert.key);
  if (!wording.detail.empty()) body.Set("description", Ellipsize(wording.detail, kMaxDescription));
  body.Set("priority", PriorityOf(alert.severity));
  body.Set("source", wording.sender);
  Value details;
  for (const auto& [name, value] : wording.facts) details.Set(name, value);
  if (!wording.link.empty()) details.Set("Link", wording.link);
  body.Set("details", std::move(details));
  return WriteJson(body);
}

std::string CloseBody(const Wording& wording) {
  Value body;
  body.Set("source", wording.sender);
  body.Set("note", wording.headline);
  return WriteJson(body);
}

class OpsgenieChannel : public Channel {
 public:
  explicit OpsgenieChannel(const Addresses& addresses) : base_(addresses.opsgenie) {}
  const Descriptor& descriptor() const override { return descriptor_; }
  void Validate(const Value&, std::vector<FieldError>&) const override {}

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    const std::optional<AlertFacts> alert = AlertOf(outgoing);
    if (!alert) return done({SendOutcome::Kind::kSent, {}});
    const Wording wording = WordingOf(outgoing);
    const std::string key = config.StringOr("api_key", "");
    HttpPost post;
    post.url = base_ + "/v2/alerts";
    if (alert->over) post.url += "/" + PercentEncode(alert->key) + "/close?identifierType=alias";
    post.body = alert->over ? CloseBody(wording) : OpenBody(wording, *alert);
    post.headers = {{"Authorization", "GenieKey " + key}};
    post.secrets = {key};
    post.refusals = Refusals::kReject;
    post.at_most = Seconds(10);
    SendPost(std::move(post), timeout, tools, std::move(done));
  }

 private:
  const std::string base_;
  const Descriptor descriptor_{"opsgenie",
                               "Opsgenie",
                               {{.name = "api_key",
                                 .required = true,
                                 .max = 128,
                                 .secret = true,
                                 .help = "Key of an API integration of a team."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeOpsgenieChannel(const Addresses& addresses) {
  return std::make_unique<OpsgenieChannel>(addresses);
}

}  // namespace pharos::notify
