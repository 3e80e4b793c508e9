#include "app/demo_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

#include "base/crypto.h"
#include "rules/status_engine.h"
#include "store/delivery_store.h"
#include "store/history_store.h"
#include "store/incident_store.h"
#include "store/monitor_store.h"
#include "store/state_store.h"

namespace pharos::app {
namespace {

using model::Sample;
using model::Status;

constexpr int kHistoryDays = 90;
constexpr model::OrgId kOrg{1};
// The incident that is open when the demo begins.
constexpr int kIncidentMinutesAgo = 96;
constexpr const char* kByIncident = "Status set by manual incident";

// A stretch of trouble, days and minutes before now.
struct Trouble {
  double days_ago;
  int minutes;
  Status status;
  const char* message;
};

struct DemoMonitor {
  const char* tag;
  const char* name;
  const char* description;
  const char* kind;
  const char* path;  // of the demo's own server; empty = no probe
  int interval_s;
  double base_ms;   // usual latency
  double swing_ms;  // by time of day
  std::vector<Trouble> troubles;
  const char* parent = nullptr;  // tag of one that stands before it
};

// tidy: table
const std::vector<DemoMonitor>& Monitors() {
  static const std::vector<DemoMonitor> kMonitors = {
      {"website",
       "Website",
       "The storefront as customers see it",
       "http",
       "/site",
       30,
       84,
       22,
       {{61.3, 14, Status::kDown, "HTTP 502"}, {12.6, 38, Status::kDegraded, "slow answers"}}},
      {"api",
       "Public API",
       "REST endpoints for partners and apps",
       "http",
       "/api",
       10,
       37,
       9,
       {{47.1, 22, Status::kDown, "HTTP 503"}, {5.2, 47, Status::kDown, "Request timed out"}}},
      {"checkout",
       "Checkout",
       "Basket, payment and order confirmation",
       "http",
       "/checkout",
       30,
       142,
       40,
       {{47.1, 31, Status::kDown, "HTTP 500"},
        {5.2, 55, Status::kDown, "Request timed out"},
        {20.4, 95, Status::kDegraded, "slow answers"}}},
      {"search",
       "Search",
       "Product search and suggestions",
       "http",
       "/search",
       60,
       61,
       28,
       {{33.8, 160, Status::kDegraded, "slow answers"}}},
      {"login",
       "Sign-in",
       "Accounts, sessions and two-factor codes",
       "http",
       "/login",
       60,
       49,
       8,
       {}},
      {"cdn",
       "Image CDN",
       "Resized product images at the edge",
       "http",
       "/cdn",
       60,
       18,
       3,
       {{71.9, 8, Status::kDown, "connection refused"}}},
      {"docs", "Documentation", "Guides and API reference", "http", "/docs", 60, 55, 11, {}},
      {"images",
       "Image upload",
       "Uploads from the seller portal",
       "http",
       "/images",
       60,
       210,
       60,
       {{28.0, 41, Status::kDown, "HTTP 507"}, {27.9, 130, Status::kDegraded, "slow answers"}}},
      {"partner",
       "Partner gateway",
       "Orders handed to the delivery partner",
       "http",
       "/partner",
       20,
       320,
       90,
       {{55.5, 65, Status::kDown, "HTTP 503"},
        {40.2, 18, Status::kDown, "HTTP 503"},
        {18.7, 24, Status::kDown, "HTTP 503"},
        {3.4, 33, Status::kDown, "HTTP 503"},
        {kIncidentMinutesAgo / 1440.0, kIncidentMinutesAgo + 1, Status::kDegraded, kByIncident}}},
      {kDemoHeartbeatTag,
       "Mail worker",
       "Reports in after each batch of order mails",
       "heartbeat",
       "",
       60,
       12000,
       4000,
       {{9.1, 75, Status::kDown, "No heartbeat received in the last 10 minutes"}}},
      {"warehouse",
       "Warehouse sync",
       "Set by hand by the logistics team",
       "manual",
       "",
       60,
       0,
       0,
       {{14.2, 240, Status::kMaintenance, "planned stock-taking"}}},
      {"status-page", "Help centre", "Articles and contact form", "http", "/help", 60, 72, 14, {}},
      {"labels",
       "Parcel labels",
       "Printed by the delivery partner, so unreachable while its gateway is down",
       "http",
       "/partner",
       30,
       340,
       80,
       {},
       "partner"},
      {"shopping",
       "Shopping",
       "Search, basket and payment taken together",
       "group",
       "",
       60,
       88,
       20,
       {{47.1, 31, Status::kDegraded, "Down: Checkout"},
        {5.2, 55, Status::kDegraded, "Down: Checkout"}}},
  };
  return kMonitors;
}

model::Monitor ToMonitor(const DemoMonitor& demo, const DemoTargets& targets, Timestamp now) {
  model::Monitor m;
  m.uid = RandomUuid();
  m.org = kOrg;
  m.tag = demo.tag;
  m.name = demo.name;
  m.description = demo.description;
  m.kind = demo.kind;
  m.schedule.kind = model::Schedule::Kind::kInterval;
  m.schedule.interval = Seconds(demo.interval_s);
  m.confirmation_threshold = demo.interval_s < 60 ? 2 : 1;
  m.created_at = m.updated_at = now - Days(kHistoryDays);
  m.spec = Value(Value::Object{});
  if (m.kind == "http") {
    m.spec.Set("url", targets.Url(demo.path));
    m.spec.Set("timeout_ms", 5000);
  } else if (m.kind == "heartbeat") {
    m.spec.Set("secret", kDemoHeartbeatSecret);
    m.spec.Set("degraded_after_s", 300);
    m.spec.Set("down_after_s", 600);
  } else if (m.kind == "group") {
    Value::List members;
    for (const char* tag : {"website", "search", "checkout"}) {
      members.emplace_back();
      members.back().Set("tag", tag);
    }
    m.spec.Set("members", std::move(members));
  } else {
    m.default_status = Status::kUp;
  }
  return m;
}

const Trouble* TroubleAt(const DemoMonitor& demo, Timestamp at, Timestamp now) {
  const double days_ago = ToMillis(now - at) / 86'400'000.0;
  for (const Trouble& trouble : demo.troubles) {
    const double until = trouble.days_ago - trouble.minutes / 1440.0;
    if (days_ago <= trouble.days_ago && days_ago > until) return &trouble;
  }
  return nullptr;
}

Sample MakeSample(const DemoMonitor& demo, Timestamp at, Timestamp now, std::mt19937_64& random) {
  Sample sample;
  sample.at = at;
  sample.status = sample.observed = Status::kUp;
  if (std::string_view(demo.kind) == "manual") sample.origin = model::SampleOrigin::kDefault;
  const double hour = static_cast<double>(ToUnixSeconds(at) % 86'400) / 3'600.0;
  const double wave = std::sin((hour - 9.0) / 24.0 * 2.0 * 3.14159265);
  const double noise = static_cast<double>(random() % 1000) / 1000.0;
  double latency = demo.base_ms + demo.swing_ms * wave + demo.base_ms * 0.15 * noise;
  if (random() % 400 == 0) latency *= 2.5;
  if (const Trouble* trouble = TroubleAt(demo, at, now)) {
    sample.status = trouble->status;
    sample.observed = trouble->status == Status::kMaintenance ? Status::kUp : trouble->status;
    sample.message = trouble->message;
    if (trouble->status == Status::kMaintenance) sample.origin = model::SampleOrigin::kMaintenance;
    if (sample.message == kByIncident) {
      // What the status engine stores while an incident masks a monitor that answers.
      sample.origin = model::SampleOrigin::kIncident;
      sample.observed = Status::kUp;
    } else {
      latency = trouble->status == Status::kDegraded ? latency * 6 : 0;
    }
  }
  sample.latency_ms = std::round(std::max(0.0, latency) * 10.0) / 10.0;
  return sample;
}

// One write per monitor keeps the transactions at a size that a laptop commits at once.
pharos::Status FillHistory(store::Store& store, const DemoMonitor& demo, model::MonitorId id,
                           Timestamp now, size_t seed) {
  std::mt19937_64 random(seed);
  std::vector<model::MonitorSample> samples;
  samples.reserve(static_cast<size_t>(kHistoryDays) * 1440);
  model::MonitorState state;
  state.monitor = id;
  const Timestamp last = FloorToMinute(now);
  for (Timestamp at = last - Days(kHistoryDays); at <= last; at += Minutes(1)) {
    samples.push_back({id, MakeSample(demo, at, now, random)});
  }
  // Only the newest trouble matters for where the monitor stands now.
  const size_t tail = samples.size() > 10'000 ? samples.size() - 10'000 : 0;
  for (size_t i = tail; i < samples.size(); ++i) {
    const model::Sample& sample = samples[i].sample;
    rules::ObserveStoredSample(state, sample);
    // A replay leaves what is shown alone, since intake writes the row at each change; here nobody
    // did.
    if (sample.status == state.shown) continue;
    state.shown = sample.status;
    state.shown_since = sample.at;
    ++state.transitions;
  }
  return store.Write([&](store::Transaction& tx) -> pharos::Status {
    PHAROS_RETURN_IF_ERROR(store.history().Append(tx, samples));
    return store.states().Upsert(tx, state);
  });
}

struct UpdateText {
  model::IncidentState state;
  int minutes_after;
  const char* text;
};

pharos::Status InsertIncident(store::Store& store, store::Transaction& tx, const char* title,
                              Timestamp start, std::vector<model::IncidentImpact> impacts,
                              std::vector<UpdateText> updates) {
  model::Incident incident;
  incident.org = kOrg;
  incident.uid = RandomUuid();
  incident.title = title;
  incident.started_at = FloorToMinute(start);
  incident.source = model::IncidentSource::kConsole;
  incident.impacts = std::move(impacts);
  incident.created_at = incident.updated_at = incident.started_at;
  incident.state = updates.back().state;
  if (incident.state == model::IncidentState::kResolved) {
    incident.ended_at = incident.started_at + Minutes(updates.back().minutes_after);
  }
  PHAROS_ASSIGN_OR_RETURN(const model::Incident stored, store.incidents().Insert(tx, incident));
  for (const UpdateText& text : updates) {
    model::IncidentUpdate update;
    update.incident = stored.id;
    update.state = text.state;
    update.text = text.text;
    update.at = stored.started_at + Minutes(text.minutes_after);
    update.created_at = update.updated_at = update.at;
    auto inserted = store.incidents().InsertUpdate(tx, kOrg, update);
    if (!inserted) return std::move(inserted).error();
  }
  return Ok();
}

using model::IncidentState;

pharos::Status FillIncidents(store::Store& store, const std::vector<model::MonitorId>& ids,
                             Timestamp now) {
  return store.Write([&](store::Transaction& tx) -> pharos::Status {
    PHAROS_RETURN_IF_ERROR(InsertIncident(
        store, tx, "Checkout and API unavailable", now - Minutes(5 * 1440 + 288),
        {{ids[1], Status::kDown}, {ids[2], Status::kDown}},
        {{IncidentState::kInvestigating, 3, "Orders fail with a time-out. We are looking into it."},
         {IncidentState::kIdentified, 17,
          "A database replica ran out of disk space and held up every write."},
         {IncidentState::kMonitoring, 41, "The replica has room again, and orders go through."},
         {IncidentState::kResolved, 58,
          "All systems have been stable for a quarter of an hour. We are adding an alert on free "
          "disk space."}}));
    return InsertIncident(
        store, tx, "Slow hand-over to the delivery partner", now - Minutes(kIncidentMinutesAgo),
        {{ids[8], Status::kDegraded}},
        {{IncidentState::kInvestigating, 4,
          "Orders reach our delivery partner late. Nothing is lost: they wait in a queue."},
         {IncidentState::kIdentified, 35,
          "The partner confirmed trouble with one of their gateways. We retry automatically."}});
  });
}

pharos::Status InsertChannel(store::Store& store, const DemoTargets& targets, Timestamp now) {
  return store.Write([&](store::Transaction& tx) -> pharos::Status {
    model::Channel channel;
    channel.org = kOrg;
    channel.kind = "webhook";
    channel.name = "Demo webhook";
    channel.config.Set("url", targets.Url("/hook"));
    channel.created_at = now;
    auto stored = store.deliveries().InsertChannel(tx, std::move(channel));
    if (!stored) return std::move(stored).error();
    return Ok();
  });
}

}  // namespace

pharos::Status FillDemoStore(store::Store& store, const DemoTargets& targets, const Clock& clock) {
  const Timestamp now = clock.Now();
  std::vector<model::MonitorId> ids;
  PHAROS_RETURN_IF_ERROR(store.Write([&](store::Transaction& tx) -> pharos::Status {
    ids.clear();
    for (const DemoMonitor& demo : Monitors()) {
      model::Monitor monitor = ToMonitor(demo, targets, now);
      if (demo.parent != nullptr) {
        PHAROS_ASSIGN_OR_RETURN(const auto parent,
                                store.monitors().FindByTag(tx, kOrg, demo.parent));
        if (parent) monitor.parents = {parent->id};
      }
      PHAROS_ASSIGN_OR_RETURN(const model::Monitor stored,
                              store.monitors().Insert(tx, std::move(monitor)));
      ids.push_back(stored.id);
    }
    return Ok();
  }));
  for (size_t i = 0; i < ids.size(); ++i) {
    PHAROS_RETURN_IF_ERROR(FillHistory(store, Monitors()[i], ids[i], now, i + 1));
    // Folding as we go keeps the journal small.
    while (true) {
      PHAROS_ASSIGN_OR_RETURN(const size_t folded, store.history().Fold(now - Hours(1)));
      if (folded == 0) break;
    }
  }
  PHAROS_RETURN_IF_ERROR(FillIncidents(store, ids, now));
  return InsertChannel(store, targets, now);
}

pharos::Status RefreshDemoUrls(store::Store& store, const DemoTargets& targets) {
  return store.Write([&](store::Transaction& tx) -> pharos::Status {
    for (const DemoMonitor& demo : Monitors()) {
      if (std::string_view(demo.kind) != "http") continue;
      PHAROS_ASSIGN_OR_RETURN(auto found, store.monitors().FindByTag(tx, kOrg, demo.tag));
      if (!found) continue;
      found->spec.Set("url", targets.Url(demo.path));
      auto stored = store.monitors().Update(tx, std::move(*found));
      if (!stored) return std::move(stored).error();
    }
    PHAROS_ASSIGN_OR_RETURN(auto channels, store.deliveries().ListChannels(tx, kOrg));
    for (model::Channel& channel : channels) {
      if (channel.name != "Demo webhook") continue;
      channel.config.Set("url", targets.Url("/hook"));
      PHAROS_RETURN_IF_ERROR(store.deliveries().UpdateChannel(tx, channel));
    }
    return Ok();
  });
}

}  // namespace pharos::app
