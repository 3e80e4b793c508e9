#include "service/direct_send.h"

#include <utility>

namespace pharos::service {
namespace {

constexpr Duration kTimeout = Seconds(10);

}  // namespace

DirectSend MakeDirectSend(const notify::Catalog& catalog, notify::Tools tools) {
  return [&catalog, tools](const std::string& kind, const Value& config, notify::Outgoing outgoing,
                           notify::SendDone done) {
    notify::SendOutcome refused;
    refused.kind = notify::SendOutcome::Kind::kPermanent;
    const notify::Channel* channel = catalog.Find(kind);
    Result<Value> checked = catalog.ValidateConfig(kind, config);
    if (channel == nullptr || !checked) {
      refused.error = checked ? "no such kind of channel" : checked.error().message;
      return done(std::move(refused));
    }
    channel->Send(outgoing, *checked, kTimeout, tools, std::move(done));
  };
}

notify::Outgoing PlainMessage(model::OrgId org, std::string event, std::string dedup_key,
                              std::string_view title, std::string_view text, Timestamp at) {
  notify::Outgoing outgoing;
  outgoing.org = org;
  outgoing.message.Set("event", event);
  outgoing.message.Set("at", FormatIsoMillis(at));
  outgoing.message.Set("title", title);
  outgoing.message.Set("text", text);
  outgoing.event = std::move(event);
  outgoing.dedup_key = std::move(dedup_key);
  return outgoing;
}

}  // namespace pharos::service
