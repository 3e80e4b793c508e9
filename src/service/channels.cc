#include "service/channels.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/text.h"
#include "service/audit.h"
#include "service/site.h"
#include "service/webhook_events.h"
#include "store/audit_store.h"
#include "store/site_store.h"

namespace pharos::service {
namespace {

constexpr size_t kMaxName = 255;
constexpr Duration kTestTimeout = Seconds(15);

Error NoSuchChannel() { return Error(ErrorKind::kNotFound, "Channel not found"); }

// What an audit entry calls it.
std::string_view NounOf(const model::Channel& channel) {
  return channel.scope == model::ChannelScope::kSubscription ? "webhook" : "channel";
}

model::AuditEntry MakeChannelAudit(const model::Principal& who, std::string_view participle,
                                   const model::Channel& channel, Timestamp at,
                                   Value changes = {}) {
  const std::string_view noun = NounOf(channel);
  const std::string action = std::string(noun) + "." + std::string(participle);
  Value detail;
  detail.Set("name", channel.name);
  detail.Set("kind", channel.kind);
  return MakeAudit(who, action, {noun, channel.uid}, at, std::move(changes), std::move(detail));
}

// The configuration may hold secrets: only that it changed is told.
Value ChangesBetween(const model::Channel& before, const model::Channel& after) {
  Value changes;
  AddChange(changes, "name", before.name, after.name);
  AddChange(changes, "enabled", before.enabled, after.enabled);
  AddChange(changes, "on_incident", before.on_incident, after.on_incident);
  AddChange(changes, "on_maintenance", before.on_maintenance, after.on_maintenance);
  if (before.config != after.config) AddChange(changes, "config", "(hidden)", "(changed)");
  return changes;
}

template <class T>
void DropRepeated(std::vector<T>& list) {
  std::set<T> seen;
  std::erase_if(list, [&](const T& item) { return !seen.insert(item).second; });
}

// Puts the configuration into its stored form and finds what is wrong.
Status Check(const store::MonitorDirectory& directory, const notify::Catalog& catalog,
             model::Channel& channel) {
  Error error(ErrorKind::kInvalid, "");
  if (channel.name.empty() || channel.name.size() > kMaxName) {
    error.fields.push_back({"name", "name must have 1 to 255 bytes"});
  }
  if (auto config = catalog.ValidateConfig(channel.kind, channel.config)) {
    channel.config = *std::move(config);
  } else {
    for (const FieldError& field : config.error().fields) error.fields.push_back(field);
  }
  DropRepeated(channel.monitors);
  for (const model::MonitorId id : channel.monitors) {
    const store::MonitorPtr monitor = directory.Find(id);
    if (monitor != nullptr && monitor->org == channel.org) continue;
    error.fields.push_back({"monitors", "there is no such monitor"});
    break;
  }
  DropRepeated(channel.events);
  for (const std::string& event : channel.events) {
    if (IsWebhookEvent(event)) continue;
    error.fields.push_back({"events", "event '" + Ellipsize(event, 60) + "' is unknown"});
    break;
  }
  if (error.fields.empty()) return Ok();
  error.message = error.fields.front().message;
  return error;
}

std::string SiteText(store::Store& store, store::Session& session, model::OrgId org,
                     std::string_view key) {
  const auto entry = store.site().Find(session, org, key);
  if (!entry || !*entry || !(*entry)->value.IsString()) return "";
  return (*entry)->value.AsString();
}

// One test on its way: read the channel, send, write down what came of it. Each step runs on the
// thread that ended the one before; nobody waits.
struct TestRun {
  store::Store& store;
  const Clock& clock;
  const notify::Catalog& catalog;
  notify::Tools tools;
  model::Principal who;
  std::function<void(Result<ChannelService::TestOutcome>)> done;
  std::optional<model::Channel> channel{};
  Value message{};
  model::DeliveryAttempt attempt{};
  bool delivered = false;
};

Value TestMessage(store::Store& store, store::Session& session, const model::Channel& channel,
                  Timestamp now) {
  Value message;
  message.Set("event", "test");
  message.Set("at", FormatIsoMillis(now));
  message.Set("text", "This is a test of the channel \"" + channel.name + "\".");
  message.Set("site_name", SiteText(store, session, channel.org, "siteName"));
  const std::string url = PublicUrlFrom(SiteText(store, session, channel.org, "siteURL"));
  message.Set("site_url", url);
  message.Set("url", url);
  return message;
}

void WriteTestOutcome(const std::shared_ptr<TestRun>& run) {
  run->store.WriteAsync(
      [run](store::Transaction& tx) -> Status {
        store::DeliveryStore& deliveries = run->store.deliveries();
        PHAROS_RETURN_IF_ERROR(deliveries.InsertAttempt(tx, run->attempt));
        PHAROS_ASSIGN_OR_RETURN(auto stored,
                                deliveries.FindChannel(tx, run->who.org, run->channel->id));
        if (!stored) return Ok();
        stored->last_tested_at = run->attempt.at;
        return deliveries.UpdateChannel(tx, *stored);
      },
      [run](Status status) {
        if (!status) return run->done(status.error());
        run->done(ChannelService::TestOutcome{run->delivered, run->attempt.error,
                                              run->attempt.status_code, run->attempt.at});
      });
}

void SendTest(const std::shared_ptr<TestRun>& run) {
  const notify::Channel* kind = run->catalog.Find(run->channel->kind);
  if (kind == nullptr) return run->done(Error(ErrorKind::kInvalid, "unknown kind of channel"));
  run->attempt.uid = RandomUuid();
  const notify::Outgoing outgoing{"test", "test/" + run->attempt.uid, run->message, run->who.org};
  kind->Send(outgoing, run->channel->config, kTestTimeout, run->tools,
             [run](notify::SendOutcome outcome) {
               run->delivered = outcome.kind == notify::SendOutcome::Kind::kSent;
               model::DeliveryAttempt& attempt = run->attempt;
               attempt.org = run->channel->org;
               attempt.channel = run->channel->id;
               attempt.event = "test";
               attempt.payload = std::move(outcome.payload);
               attempt.status_code = outcome.status_code;
               attempt.error = Ellipsize(outcome.error, 200);
               attempt.at = run->clock.Now();
               WriteTestOutcome(run);
             });
}

}  // namespace

Result<std::vector<model::Channel>> ChannelService::List(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  return store_.deliveries().ListChannels(*session, who.org);
}

Result<model::Channel> ChannelService::Get(const model::Principal& who, model::ChannelId id) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(auto found, store_.deliveries().FindChannel(*session, who.org, id));
  if (!found) return NoSuchChannel();
  return *std::move(found);
}

Result<model::Channel> ChannelService::GetByUid(const model::Principal& who,
                                                std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  PHAROS_ASSIGN_OR_RETURN(auto found, store_.deliveries().FindChannelByUid(*session, who.org, uid));
  if (!found) return NoSuchChannel();
  return *std::move(found);
}

Result<model::Channel> ChannelService::Create(const model::Principal& who, model::Channel draft) {
  draft.id = {};
  draft.org = who.org;
  draft.uid = RandomUuid();
  draft.disabled_reason.clear();
  draft.created_at = draft.updated_at = clock_.Now();
  PHAROS_RETURN_IF_ERROR(Check(directory_, catalog_, draft));
  model::Channel stored;
  PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, store_.deliveries().InsertChannel(tx, draft));
    return store_.audit().Insert(tx, MakeChannelAudit(who, "created", stored, stored.created_at));
  }));
  return stored;
}

Result<model::Channel> ChannelService::Update(const model::Principal& who, model::ChannelId id,
                                              const Change& change) {
  model::Channel stored;
  PHAROS_RETURN_IF_ERROR(store_.Write([&](store::Transaction& tx) -> Status {
    store::DeliveryStore& deliveries = store_.deliveries();
    PHAROS_ASSIGN_OR_RETURN(auto found, deliveries.FindChannel(tx, who.org, id));
    if (!found) return NoSuchChannel();
    stored = *found;
    PHAROS_RETURN_IF_ERROR(change(stored));
    stored.id = found->id;
    stored.org = found->org;
    stored.uid = found->uid;
    stored.created_at = found->created_at;
    if (stored.enabled) stored.disabled_reason.clear();
    stored.updated_at = clock_.Now();
    PHAROS_RETURN_IF_ERROR(Check(directory_, catalog_, stored));
    PHAROS_RETURN_IF_ERROR(deliveries.UpdateChannel(tx, stored));
    return store_.audit().Insert(tx, MakeChannelAudit(who, "updated", stored, stored.updated_at,
                                                      ChangesBetween(*found, stored)));
  }));
  return stored;
}

Status ChannelService::Delete(const model::Principal& who, model::ChannelId id) {
  return store_.Write([&](store::Transaction& tx) -> Status {
    store::DeliveryStore& deliveries = store_.deliveries();
    PHAROS_ASSIGN_OR_RETURN(auto found, deliveries.FindChannel(tx, who.org, id));
    if (!found) return NoSuchChannel();
    PHAROS_RETURN_IF_ERROR(deliveries.DeleteChannel(tx, who.org, id));
    return store_.audit().Insert(tx, MakeChannelAudit(who, "deleted", *found, clock_.Now()));
  });
}

Status ChannelService::SetChannelsOf(const model::Principal& who, model::MonitorId monitor,
                                     const std::vector<model::ChannelId>& channels) {
  const store::MonitorPtr linked = directory_.Find(monitor);
  if (linked == nullptr || linked->org != who.org) {
    return Error(ErrorKind::kNotFound, "Monitor not found");
  }
  const std::set<model::ChannelId> wanted(channels.begin(), channels.end());
  return store_.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto all, store_.deliveries().ListChannels(tx, who.org));
    size_t known = 0;
    for (model::Channel& channel : all) {
      if (channel.scope != model::ChannelScope::kLinked) continue;
      const bool wants = wanted.contains(channel.id);
      known += wants ? 1 : 0;
      const auto at = std::find(channel.monitors.begin(), channel.monitors.end(), monitor);
      if (wants == (at != channel.monitors.end())) continue;
      if (wants) {
        channel.monitors.push_back(monitor);
      } else {
        channel.monitors.erase(at);
      }
      channel.updated_at = clock_.Now();
      PHAROS_RETURN_IF_ERROR(store_.deliveries().UpdateChannel(tx, channel));
    }
    if (known != wanted.size()) return NoSuchChannel();
    return Ok();
  });
}

void ChannelService::Test(const model::Principal& who, model::ChannelId id,
                          std::function<void(Result<TestOutcome>)> done) {
  auto run =
      std::make_shared<TestRun>(TestRun{store_, clock_, catalog_, tools_, who, std::move(done)});
  // A write that writes nothing reads without making the caller wait for a free reader.
  store_.WriteAsync(
      [run, id](store::Transaction& tx) -> Status {
        store::Store& store = run->store;
        PHAROS_ASSIGN_OR_RETURN(run->channel, store.deliveries().FindChannel(tx, run->who.org, id));
        if (!run->channel) return NoSuchChannel();
        run->message = TestMessage(store, tx, *run->channel, run->clock.Now());
        return Ok();
      },
      [run](Status status) {
        if (!status) return run->done(status.error());
        SendTest(run);
      });
}

Result<std::vector<model::DeliveryAttempt>> ChannelService::Attempts(const model::Principal& who,
                                                                     model::ChannelId id,
                                                                     int limit) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, store_.Read());
  return store_.deliveries().ListAttempts(*session, who.org, id, limit);
}

}  // namespace pharos::service
