#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::MonitorId;
using model::OrgId;

model::ApiKey MakeKey(OrgId org, const std::string& name) {
  model::ApiKey key;
  key.org = org;
  key.dialect = "kener_v4";
  key.name = name;
  key.prefix = "kener_ab";
  key.sha256 = std::string("\0\1\xff\0binary", 10);
  key.scopes = {"monitors:read", "incidents:*"};
  key.rate_class = "bulk";
  key.expires_at = At(12, 0);
  key.created_at = At(1, 0);
  return key;
}

TEST_P(StoreContract, FreshStoreHasTheDefaultOrganisation) {
  const auto session = Read();
  const auto orgs = Value(store_->organisations().List(*session));
  ASSERT_EQ(orgs.size(), 1U);
  EXPECT_EQ(orgs[0].id, kDefaultOrg);
  EXPECT_EQ(orgs[0].name, "default");
  EXPECT_EQ(Value(store_->organisations().LoadByName(*session, "default")).id, kDefaultOrg);
}

TEST_P(StoreContract, OrganisationNamesAreUnique) {
  const OrgId org = PutOrg("acme");
  EXPECT_NE(org, kDefaultOrg);
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              model::Organisation again;
              again.name = "acme";
              PHAROS_RETURN_IF_ERROR(store_->organisations().Insert(tx, again));
              return Ok();
            }),
            ErrorKind::kConflict);
  const auto session = Read();
  EXPECT_EQ(Value(store_->organisations().List(*session)).size(), 2U);
  const auto missing = store_->organisations().LoadByName(*session, "other");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
}

TEST_P(StoreContract, KeyRoundTrip) {
  const model::ApiKey key = MakeKey(kDefaultOrg, "ci");
  const auto stored =
      Put<model::ApiKey>([&](Transaction& tx) { return store_->keys().Insert(tx, key); });
  EXPECT_TRUE(stored.id.IsSet());
  const auto session = Read();
  const auto found = Value(store_->keys().Find(*session, kDefaultOrg, stored.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ci");
  EXPECT_EQ(found->dialect, "kener_v4");
  EXPECT_EQ(found->prefix, "kener_ab");
  EXPECT_EQ(found->sha256, key.sha256);
  EXPECT_EQ(found->scopes, key.scopes);
  EXPECT_EQ(found->rate_class, "bulk");
  EXPECT_EQ(found->expires_at, key.expires_at);
  EXPECT_EQ(found->disabled_at, std::nullopt);
  EXPECT_EQ(found->created_at, key.created_at);
  EXPECT_FALSE(Value(store_->keys().Find(*session, OrgId(2), stored.id)));
}

TEST_P(StoreContract, KeyNamesAreUniqueAmongLivingKeys) {
  const auto insert = [&](Transaction& tx) {
    return store_->keys().Insert(tx, MakeKey(kDefaultOrg, "ci"));
  };
  model::ApiKey first = Put<model::ApiKey>(insert);
  const auto again = [&](Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(insert(tx));
    return Ok();
  };
  EXPECT_EQ(FailureOf(again), ErrorKind::kConflict);
  first.revoked_at = At(2, 0);
  Write([&](Transaction& tx) { return store_->keys().Update(tx, first); });
  Write(again);
  model::ApiKey other = MakeKey(kDefaultOrg, "ci");
  other.dialect = "kodo";
  Put<model::ApiKey>([&](Transaction& tx) { return store_->keys().Insert(tx, other); });
  const auto session = Read();
  EXPECT_EQ(Value(store_->keys().ListAll(*session)).size(), 3U);
}

TEST_P(StoreContract, KeysBelongToOneOrganisation) {
  const OrgId other = PutOrg("other");
  Put<model::ApiKey>(
      [&](Transaction& tx) { return store_->keys().Insert(tx, MakeKey(kDefaultOrg, "ci")); });
  model::ApiKey theirs = Put<model::ApiKey>(
      [&](Transaction& tx) { return store_->keys().Insert(tx, MakeKey(other, "ci")); });
  {
    const auto session = Read();
    EXPECT_EQ(Value(store_->keys().List(*session, kDefaultOrg)).size(), 1U);
    EXPECT_EQ(Value(store_->keys().List(*session, other)).size(), 1U);
  }
  theirs.org = kDefaultOrg;
  theirs.name = "stolen";
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return store_->keys().Update(tx, theirs); }),
            ErrorKind::kNotFound);
}

TEST_P(StoreContract, LastUseOfAKeyOnlyMovesForward) {
  const auto key = Put<model::ApiKey>(
      [&](Transaction& tx) { return store_->keys().Insert(tx, MakeKey(kDefaultOrg, "ci")); });
  const auto touch = [&](model::KeyId id, Timestamp at) {
    Write([&, id, at](Transaction& tx) { return store_->keys().TouchLastUsed(tx, id, at); });
    const auto session = Read();
    return Value(store_->keys().Find(*session, kDefaultOrg, key.id))->last_used_at;
  };
  EXPECT_EQ(touch(key.id, At(3, 0)), At(3, 0));
  EXPECT_EQ(touch(key.id, At(2, 0)), At(3, 0));
  EXPECT_EQ(touch(key.id, At(4, 0)), At(4, 0));
  EXPECT_EQ(touch(model::KeyId(999), At(5, 0)), At(4, 0));
}

TEST_P(StoreContract, AuditTrailIsNewestFirstFilteredAndPaged) {
  const OrgId other = PutOrg("other");
  Write([&](Transaction& tx) -> Status {
    for (int i = 0; i < 5; ++i) {
      model::AuditEntry entry;
      entry.org = i == 2 ? other : kDefaultOrg;
      entry.uid = "uid-" + std::to_string(i);
      entry.at = At(1, i);
      entry.actor_kind = i == 0 ? model::ActorKind::kSystem : model::ActorKind::kApiKey;
      entry.actor_id = i == 0 ? "" : "key-1";
      entry.actor = "cli";
      entry.action = i == 4 ? "monitor.deleted" : "monitor.created";
      entry.resource_kind = i == 1 ? "page" : "monitor";
      entry.resource_id = "m" + std::to_string(i % 2);
      entry.changes.Set("status", i);
      entry.detail.Set("n", i);
      PHAROS_RETURN_IF_ERROR(store_->audit().Insert(tx, entry));
    }
    return Ok();
  });
  const auto session = Read();
  const auto numbers = [&](OrgId org, const AuditQuery& query) {
    std::string all;
    for (const auto& e : Value(store_->audit().List(*session, org, query))) {
      all += std::to_string(e.detail.IntOr("n", -1));
    }
    AuditQuery whole = query;
    whole.limit = 1000;
    whole.offset = 0;
    EXPECT_EQ(Value(store_->audit().Count(*session, org, query)),
              static_cast<int64_t>(Value(store_->audit().List(*session, org, whole)).size()));
    return all;
  };
  EXPECT_EQ(numbers(kDefaultOrg, {}), "4310");
  EXPECT_EQ(numbers(other, {}), "2");
  EXPECT_EQ(numbers(kDefaultOrg, {.limit = 2, .offset = 1}), "31");
  EXPECT_EQ(numbers(kDefaultOrg, {.resource_kind = "monitor"}), "430");
  EXPECT_EQ(numbers(kDefaultOrg, {.resource_id = "m1"}), "31");
  EXPECT_EQ(numbers(kDefaultOrg, {.resource_kind = "monitor", .resource_id = "m0"}), "40");
  EXPECT_EQ(numbers(kDefaultOrg,
                    {.resource_kind = "monitor", .resource_id = "m0", .limit = 1, .offset = 1}),
            "0");
  EXPECT_EQ(numbers(other, {.resource_kind = "monitor", .resource_id = "m1"}), "");
  EXPECT_EQ(numbers(kDefaultOrg, {.actor_kind = model::ActorKind::kSystem}), "0");
  EXPECT_EQ(numbers(kDefaultOrg, {.action = "monitor.created"}), "310");
  EXPECT_EQ(numbers(kDefaultOrg, {.from = At(1, 1), .to = At(1, 4)}), "31");
  const auto newest = Value(store_->audit().List(*session, kDefaultOrg, {.limit = 1}));
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].uid, "uid-4");
  EXPECT_EQ(newest[0].at, At(1, 4));
  EXPECT_EQ(newest[0].actor_kind, model::ActorKind::kApiKey);
  EXPECT_EQ(newest[0].actor_id, "key-1");
  EXPECT_EQ(newest[0].resource_kind, "monitor");
  EXPECT_EQ(newest[0].resource_id, "m0");
  EXPECT_EQ(newest[0].changes.IntOr("status", 0), 4);
}

TEST_P(StoreContract, KeysHaveAPublicIdAndCanBeRemoved) {
  const OrgId other = PutOrg("other");
  model::ApiKey key = MakeKey(kDefaultOrg, "ci");
  key.uid = "uid-ci";
  key = Put<model::ApiKey>([&](Transaction& tx) { return store_->keys().Insert(tx, key); });
  {
    const auto session = Read();
    EXPECT_EQ(Value(store_->keys().Find(*session, kDefaultOrg, key.id))->uid, "uid-ci");
  }
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return store_->keys().Delete(tx, other, key.id); }),
            ErrorKind::kNotFound);
  Write([&](Transaction& tx) { return store_->keys().Delete(tx, kDefaultOrg, key.id); });
  const auto session = Read();
  EXPECT_FALSE(Value(store_->keys().Find(*session, kDefaultOrg, key.id)));
}

TEST_P(StoreContract, SiteEntriesKeepOrderAndType) {
  const auto put = [&](const SiteEntry& entry) {
    Write([&](Transaction& tx) { return store_->site().Upsert(tx, kDefaultOrg, entry); });
  };
  put({"title", pharos::Value("Status"), "string"});
  put({"nav", pharos::Value(Value::List{pharos::Value(1), pharos::Value("x")}), "object"});
  put({"title", pharos::Value("New"), "number"});
  const auto session = Read();
  const auto entries = Value(store_->site().List(*session, kDefaultOrg));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].key, "title");
  EXPECT_EQ(entries[0].value, pharos::Value("New"));
  EXPECT_EQ(entries[0].type, "string");
  EXPECT_EQ(entries[1].value.AsList().size(), 2U);
  EXPECT_TRUE(Value(store_->site().Find(*session, kDefaultOrg, "nav")));
  EXPECT_FALSE(Value(store_->site().Find(*session, OrgId(2), "nav")));
  EXPECT_FALSE(Value(store_->site().Find(*session, kDefaultOrg, "none")));
}

model::Monitor FullMonitor(OrgId org) {
  model::Monitor m;
  m.uid = "0b0e4f2e-1111-4222-8333-444455556666";
  m.org = org;
  m.tag = "web-shop";
  m.name = "Web shop \xE2\x98\x83";
  m.description = "the shop";
  m.image = "/i.png";
  m.external_url = "https://shop.example";
  m.category = "Shops";
  m.kind = "http";
  m.spec.Set("url", "https://shop.example/health");
  m.spec.Set("timeout_ms", 2500);
  m.spec.Set("ratio", 0.25);
  m.schedule.kind = model::Schedule::Kind::kCron;
  m.schedule.interval = Seconds(90);
  m.schedule.cron = "*/5 * * * *";
  m.schedule.time_zone = "Europe/Berlin";
  m.active = false;
  m.hidden = true;
  m.confirmation_threshold = 3;
  m.default_status = model::Status::kUp;
  m.uptime = {"up + maintenance", "up + down"};
  m.service = MonitorId(99);
  m.auto_incident = {true, 5, Seconds(60), model::IncidentSeverity::kCritical};
  m.position = 3;
  m.notes.Set("kener_v4", Value::Object{{"cron", "* * * * *"}});
  m.created_at = At(1, 2, 3, 4);
  m.updated_at = At(2, 3, 4, 5);
  return m;
}

void ExpectEqual(const model::Monitor& a, const model::Monitor& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.uid, b.uid);
  EXPECT_EQ(a.org, b.org);
  EXPECT_EQ(a.tag, b.tag);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.image, b.image);
  EXPECT_EQ(a.external_url, b.external_url);
  EXPECT_EQ(a.category, b.category);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.spec, b.spec);
  EXPECT_EQ(a.schedule, b.schedule);
  EXPECT_EQ(a.active, b.active);
  EXPECT_EQ(a.hidden, b.hidden);
  EXPECT_EQ(a.confirmation_threshold, b.confirmation_threshold);
  EXPECT_EQ(a.default_status, b.default_status);
  EXPECT_EQ(a.uptime, b.uptime);
  EXPECT_EQ(a.service, b.service);
  EXPECT_EQ(a.auto_incident, b.auto_incident);
  EXPECT_EQ(a.position, b.position);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
  EXPECT_EQ(a.revision, b.revision);
}

TEST_P(StoreContract, MonitorRoundTrip) {
  const auto stored = Put<model::Monitor>(
      [&](Transaction& tx) { return store_->monitors().Insert(tx, FullMonitor(kDefaultOrg)); });
  EXPECT_TRUE(stored.id.IsSet());
  EXPECT_GT(stored.revision, 0);
  const auto session = Read();
  const auto found = Value(store_->monitors().FindByTag(*session, kDefaultOrg, "web-shop"));
  ASSERT_TRUE(found);
  ExpectEqual(*found, stored);
  const auto all = Value(store_->monitors().ListAll(*session));
  ASSERT_EQ(all.size(), 1U);
  ExpectEqual(all[0], stored);
}

TEST_P(StoreContract, MonitorUpdateKeepsIdentityAndRaisesRevision) {
  auto stored = Put<model::Monitor>(
      [&](Transaction& tx) { return store_->monitors().Insert(tx, FullMonitor(kDefaultOrg)); });
  model::Monitor change = stored;
  change.uid = "other";
  change.tag = "other";
  change.created_at = At(9, 9);
  change.name = "Renamed";
  change.default_status = std::nullopt;
  change.schedule = {};
  change.service = {};
  change.auto_incident = {};
  change.position = -1;
  const auto updated =
      Put<model::Monitor>([&](Transaction& tx) { return store_->monitors().Update(tx, change); });
  EXPECT_EQ(updated.uid, stored.uid);
  EXPECT_EQ(updated.tag, stored.tag);
  EXPECT_EQ(updated.created_at, stored.created_at);
  EXPECT_EQ(updated.name, "Renamed");
  EXPECT_EQ(updated.default_status, std::nullopt);
  EXPECT_EQ(updated.schedule, model::Schedule());
  EXPECT_EQ(updated.service, MonitorId());
  EXPECT_EQ(updated.auto_incident, model::AutoIncident());
  EXPECT_EQ(updated.position, -1);
  EXPECT_GT(updated.revision, stored.revision);
  const auto session = Read();
  ExpectEqual(*Value(store_->monitors().FindByTag(*session, kDefaultOrg, "web-shop")), updated);
}

TEST_P(StoreContract, MonitorTagsAreUniquePerOrganisation) {
  const OrgId other = PutOrg("other");
  const auto mine = PutMonitor(kDefaultOrg, "shop");
  const auto theirs = PutMonitor(other, "shop");
  EXPECT_NE(mine.id, theirs.id);
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              model::Monitor again;
              again.org = other;
              again.tag = "shop";
              PHAROS_RETURN_IF_ERROR(store_->monitors().Insert(tx, again));
              return Ok();
            }),
            ErrorKind::kConflict);
  const auto session = Read();
  EXPECT_EQ(Value(store_->monitors().FindByTag(*session, kDefaultOrg, "shop"))->id, mine.id);
  EXPECT_EQ(Value(store_->monitors().FindByTag(*session, other, "shop"))->id, theirs.id);
  EXPECT_FALSE(Value(store_->monitors().FindByTag(*session, OrgId(77), "shop")));
}

TEST_P(StoreContract, AnotherOrganisationsMonitorIsNotFound) {
  const OrgId other = PutOrg("other");
  model::Monitor mine = PutMonitor(kDefaultOrg, "shop");
  EXPECT_EQ(
      FailureOf([&](Transaction& tx) { return store_->monitors().Delete(tx, other, mine.id); }),
      ErrorKind::kNotFound);
  mine.org = other;
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              PHAROS_RETURN_IF_ERROR(store_->monitors().Update(tx, mine));
              return Ok();
            }),
            ErrorKind::kNotFound);
}

TEST_P(StoreContract, MonitorIdsAreNeverReused) {
  const auto first = PutMonitor(kDefaultOrg, "shop");
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, first.id); });
  if (factory_->IsDurable()) Open();
  const auto second = PutMonitor(kDefaultOrg, "shop");
  EXPECT_GT(second.id, first.id);
}

TEST_P(StoreContract, StateRoundTrip) {
  const auto monitor = PutMonitor(kDefaultOrg, "shop");
  model::MonitorState state;
  state.monitor = monitor.id;
  Write([&](Transaction& tx) { return store_->states().Upsert(tx, state); });
  state.shown = model::Status::kDown;
  state.observed = model::Status::kUp;
  state.shown_since = At(1, 0);
  state.last_result_at = At(2, 0, 1, 7);
  state.last_sample_at = At(2, 0);
  state.latency_ms = 12.345;
  state.message = "connection refused";
  state.anchor = model::Status::kDown;
  state.held = {MakeSample(At(1, 59), model::Status::kUp, 3.5, "x"),
                MakeSample(At(2, 0), model::Status::kDegraded)};
  state.last_signal_at = At(0, 1);
  state.last_signal_status = model::Status::kDegraded;
  state.newest_is_manual = true;
  state.transitions = 42;
  state.facts.Set("certificate", Value::Object{{"days", 12}});
  state.failures = 4;
  state.held[1].code = -404;
  state.held[1].attempts = 3;
  Write([&](Transaction& tx) { return store_->states().Upsert(tx, state); });
  const auto session = Read();
  const auto states = Value(store_->states().ListAll(*session));
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0], state);
}

TEST_P(StoreContract, TransitionsAreListedNewestFirst) {
  const OrgId other = PutOrg("other");
  const auto monitor = PutMonitor(kDefaultOrg, "shop");
  for (int i = 1; i <= 4; ++i) {
    model::Transition t;
    t.org = kDefaultOrg;
    t.monitor = monitor.id;
    t.at = At(i, 0);
    t.from = model::Status::kUp;
    t.to = model::Status::kDown;
    t.cause = "timeout";
    t.ordinal = i;
    const auto stored = Put<model::Transition>(
        [&](Transaction& tx) { return store_->transitions().Insert(tx, t); });
    EXPECT_TRUE(stored.id.IsSet());
  }
  const auto session = Read();
  const auto list = [&](OrgId org, Timestamp from, Timestamp to, int limit) {
    return Value(store_->transitions().List(*session, org, monitor.id, from, to, limit));
  };
  const auto window = list(kDefaultOrg, At(2, 0), At(4, 0), 10);
  ASSERT_EQ(window.size(), 2U);
  EXPECT_EQ(window[0].ordinal, 3);
  EXPECT_EQ(window[1].ordinal, 2);
  EXPECT_EQ(window[0].cause, "timeout");
  EXPECT_EQ(window[0].to, model::Status::kDown);
  EXPECT_EQ(list(kDefaultOrg, At(0, 0), At(9, 0), 1).size(), 1U);
  EXPECT_TRUE(list(other, At(0, 0), At(9, 0), 10).empty());
}

TEST_P(StoreContract, DeletedMonitorTakesEverythingWithItAndStaysAway) {
  const auto monitor = PutMonitor(kDefaultOrg, "shop");
  const auto kept = PutMonitor(kDefaultOrg, "kept");
  const auto fill = [&](MonitorId id) {
    Write([&, id](Transaction& tx) -> Status {
      model::MonitorState state;
      state.monitor = id;
      PHAROS_RETURN_IF_ERROR(store_->states().Upsert(tx, state));
      model::Transition t;
      t.org = kDefaultOrg;
      t.monitor = id;
      t.at = At(1, 0);
      PHAROS_RETURN_IF_ERROR(store_->transitions().Insert(tx, t));
      const model::MonitorSample sample{id, MakeSample(At(1, 0), model::Status::kUp, 5)};
      return store_->history().Append(tx, std::span(&sample, 1));
    });
  };
  fill(monitor.id);
  fill(kept.id);
  Value(store_->history().Fold(At(2, 0)));
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, monitor.id); });
  // Results that were on their way when the monitor was deleted.
  fill(monitor.id);
  Value(store_->history().Fold(At(3, 0)));
  if (factory_->IsDurable()) Open();
  const auto session = Read();
  EXPECT_EQ(Value(store_->states().ListAll(*session)).size(), 1U);
  EXPECT_TRUE(ReadAll(monitor.id).empty());
  EXPECT_EQ(ReadAll(kept.id).size(), 1U);
  EXPECT_TRUE(
      Value(store_->transitions().List(*session, kDefaultOrg, monitor.id, At(0, 0), At(9, 0), 10))
          .empty());
  const std::vector<MonitorId> both = {monitor.id, kept.id};
  const auto rollups = Value(store_->history().ReadRollups(*session, both, At(0, 0), At(9, 0)));
  EXPECT_TRUE(rollups[0].rollups.empty());
  EXPECT_EQ(rollups[1].rollups.size(), 1U);
}

TEST_P(StoreContract, DeletedMonitorIsNowhereReferredTo) {
  const auto service = PutMonitor(kDefaultOrg, "service");
  const auto kept = PutMonitor(kDefaultOrg, "kept");
  model::Monitor follower = PutMonitor(kDefaultOrg, "follower");
  follower.service = service.id;
  follower =
      Put<model::Monitor>([&](Transaction& tx) { return store_->monitors().Update(tx, follower); });
  model::Page page;
  page.org = kDefaultOrg;
  page.path = "p";
  page.monitors = {service.id, kept.id};
  page = Put<model::Page>([&](Transaction& tx) { return store_->pages().Insert(tx, page); });
  model::Maintenance plan;
  plan.org = kDefaultOrg;
  plan.impacts = {{service.id, model::Status::kDown}, {kept.id, model::Status::kDown}};
  plan = Put<model::Maintenance>(
      [&](Transaction& tx) { return store_->maintenances().Insert(tx, plan); });
  model::Channel channel = PutChannel(kDefaultOrg);
  channel.monitors = {service.id, kept.id};
  const auto write_back = [&] {
    Write([&](Transaction& tx) { return store_->deliveries().UpdateChannel(tx, channel); });
    Write([&](Transaction& tx) { return store_->pages().Update(tx, page); });
    Write([&](Transaction& tx) { return store_->maintenances().Update(tx, plan); });
    Put<model::Monitor>([&](Transaction& tx) { return store_->monitors().Update(tx, follower); });
  };
  write_back();
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, service.id); });
  const auto expect_gone = [&] {
    const auto session = Read();
    const std::vector<MonitorId> left = {kept.id};
    EXPECT_EQ(Value(store_->pages().Find(*session, kDefaultOrg, page.id))->monitors, left);
    EXPECT_EQ(Value(store_->deliveries().FindChannel(*session, kDefaultOrg, channel.id))->monitors,
              left);
    const auto impacts =
        Value(store_->maintenances().Find(*session, kDefaultOrg, plan.id))->impacts;
    ASSERT_EQ(impacts.size(), 1U);
    EXPECT_EQ(impacts[0].monitor, kept.id);
    const auto found = Value(store_->monitors().FindByTag(*session, kDefaultOrg, "follower"));
    EXPECT_FALSE(found->service.IsSet());
    EXPECT_GT(found->revision, follower.revision);
  };
  expect_gone();
  // Somebody who had read them before writes them back.
  write_back();
  expect_gone();
}

}  // namespace
}  // namespace pharos::store
