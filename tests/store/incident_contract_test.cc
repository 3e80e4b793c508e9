#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::IncidentState;
using model::OrgId;

model::Incident MakeIncident(OrgId org, const std::string& title) {
  model::Incident incident;
  incident.org = org;
  incident.uid = "uid-" + title;
  incident.title = title;
  incident.source = model::IncidentSource::kConsole;
  incident.started_at = At(1, 0);
  incident.created_at = At(1, 1);
  incident.updated_at = At(1, 2);
  return incident;
}

class IncidentContract : public StoreContract {
 protected:
  model::Incident PutIncident(const model::Incident& incident) {
    return Put<model::Incident>(
        [&](Transaction& tx) { return store_->incidents().Insert(tx, incident); });
  }
  std::vector<std::string> TitlesSince(OrgId org, Timestamp since, int limit = 100) {
    const auto session = Read();
    std::vector<std::string> titles;
    for (const auto& i : Value(store_->incidents().ListSince(*session, org, since, limit))) {
      titles.push_back(i.title);
    }
    return titles;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, IncidentContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

TEST_P(IncidentContract, RoundTripWithImpactsInOrder) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  model::Incident incident = MakeIncident(kDefaultOrg, "Outage");
  incident.impacts = {{mail.id, model::Status::kDegraded}, {shop.id, model::Status::kDown}};
  const auto stored = PutIncident(incident);
  ASSERT_TRUE(stored.id.IsSet());
  const auto session = Read();
  const auto found = Value(store_->incidents().Find(*session, kDefaultOrg, stored.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->title, "Outage");
  EXPECT_EQ(found->uid, "uid-Outage");
  EXPECT_EQ(found->source, model::IncidentSource::kConsole);
  EXPECT_EQ(found->started_at, At(1, 0));
  EXPECT_EQ(found->ended_at, std::nullopt);
  EXPECT_EQ(found->created_at, At(1, 1));
  EXPECT_EQ(found->updated_at, At(1, 2));
  ASSERT_EQ(found->impacts.size(), 2U);
  EXPECT_EQ(found->impacts[0].monitor, mail.id);
  EXPECT_EQ(found->impacts[1].impact, model::Status::kDown);
}

TEST_P(IncidentContract, UpdateReplacesTitleStateTimesAndImpacts) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  model::Incident incident = MakeIncident(kDefaultOrg, "Outage");
  incident.impacts = {{shop.id, model::Status::kDown}};
  incident = PutIncident(incident);
  incident.title = "Solved";
  incident.state = IncidentState::kResolved;
  incident.ended_at = At(2, 0);
  incident.updated_at = At(2, 1);
  incident.impacts.clear();
  Write([&](Transaction& tx) { return store_->incidents().Update(tx, incident); });
  const auto session = Read();
  const auto found = Value(store_->incidents().Find(*session, kDefaultOrg, incident.id));
  EXPECT_EQ(found->title, "Solved");
  EXPECT_EQ(found->state, IncidentState::kResolved);
  EXPECT_EQ(found->ended_at, At(2, 0));
  EXPECT_TRUE(found->impacts.empty());
}

TEST_P(IncidentContract, OtherOrganisationsIncidentsAreNotFound) {
  const OrgId other = PutOrg("other");
  model::Incident incident = PutIncident(MakeIncident(kDefaultOrg, "Outage"));
  const auto session = Read();
  EXPECT_FALSE(Value(store_->incidents().Find(*session, other, incident.id)));
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return store_->incidents().Delete(tx, other, incident.id);
            }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) -> Status {
              model::IncidentUpdate update;
              update.incident = incident.id;
              PHAROS_RETURN_IF_ERROR(store_->incidents().InsertUpdate(tx, other, update));
              return Ok();
            }),
            ErrorKind::kNotFound);
  model::Incident stolen = incident;
  stolen.org = other;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return store_->incidents().Update(tx, stolen); }),
            ErrorKind::kNotFound);
  EXPECT_TRUE(Value(store_->incidents().ListUpdates(*session, other, incident.id)).empty());
}

TEST_P(IncidentContract, UpdatesAreNewestFirstThenHighestId) {
  const auto incident = PutIncident(MakeIncident(kDefaultOrg, "Outage"));
  for (const auto& [text, minute] :
       std::vector<std::pair<std::string, int>>{{"a", 5}, {"b", 9}, {"c", 5}}) {
    model::IncidentUpdate update;
    update.incident = incident.id;
    update.state = IncidentState::kIdentified;
    update.text = text;
    update.at = At(1, minute);
    update.created_at = At(2, 0);
    const auto stored = Put<model::IncidentUpdate>(
        [&](Transaction& tx) { return store_->incidents().InsertUpdate(tx, kDefaultOrg, update); });
    EXPECT_TRUE(stored.id.IsSet());
  }
  const auto session = Read();
  const auto updates = Value(store_->incidents().ListUpdates(*session, kDefaultOrg, incident.id));
  ASSERT_EQ(updates.size(), 3U);
  EXPECT_EQ(updates[0].text, "b");
  EXPECT_EQ(updates[1].text, "c");
  EXPECT_EQ(updates[2].text, "a");
  EXPECT_EQ(updates[2].state, IncidentState::kIdentified);
  EXPECT_EQ(updates[2].created_at, At(2, 0));
}

TEST_P(IncidentContract, ListSinceHasOpenOnesAndThoseThatEndedLately) {
  const OrgId other = PutOrg("other");
  PutIncident(MakeIncident(kDefaultOrg, "open"));
  model::Incident ended = MakeIncident(kDefaultOrg, "late");
  ended.state = IncidentState::kResolved;
  ended.ended_at = At(5, 0);
  PutIncident(ended);
  ended.title = "early";
  ended.ended_at = At(3, 0);
  PutIncident(ended);
  PutIncident(MakeIncident(other, "theirs"));
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(5, 0)), (std::vector<std::string>{"late", "open"}));
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(0, 0)),
            (std::vector<std::string>{"early", "late", "open"}));
  // The limit is one of those that ended: the latest of them, and never in the way of open ones.
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(0, 0), 1), (std::vector<std::string>{"late", "open"}));
  EXPECT_EQ(TitlesSince(other, At(0, 0)), (std::vector<std::string>{"theirs"}));
  const auto session = Read();
  EXPECT_EQ(Value(store_->incidents().ListOpen(*session)).size(), 2U);
}

TEST_P(IncidentContract, ListSinceCountsResolvedOnesWithoutEndByTheirLastChange) {
  model::Incident resolved = MakeIncident(kDefaultOrg, "endless");
  resolved.state = IncidentState::kResolved;
  resolved.updated_at = At(4, 0);
  PutIncident(resolved);
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(4, 0)), (std::vector<std::string>{"endless"}));
  EXPECT_TRUE(TitlesSince(kDefaultOrg, At(5, 0)).empty());
}

TEST_P(IncidentContract, DeletionTakesUpdatesAlongAndIdsAreNotReused) {
  const auto incident = PutIncident(MakeIncident(kDefaultOrg, "Outage"));
  model::IncidentUpdate update;
  update.incident = incident.id;
  Put<model::IncidentUpdate>(
      [&](Transaction& tx) { return store_->incidents().InsertUpdate(tx, kDefaultOrg, update); });
  Write([&](Transaction& tx) { return store_->incidents().Delete(tx, kDefaultOrg, incident.id); });
  const auto next = PutIncident(MakeIncident(kDefaultOrg, "Next"));
  EXPECT_GT(next.id, incident.id);
  const auto session = Read();
  EXPECT_FALSE(Value(store_->incidents().Find(*session, kDefaultOrg, incident.id)));
  EXPECT_TRUE(Value(store_->incidents().ListUpdates(*session, kDefaultOrg, incident.id)).empty());
}

TEST_P(IncidentContract, DeletedMonitorLeavesItsIncidents) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  model::Incident incident = MakeIncident(kDefaultOrg, "Outage");
  incident.impacts = {{shop.id, model::Status::kDown}, {mail.id, model::Status::kDegraded}};
  incident = PutIncident(incident);
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, shop.id); });
  // Somebody who had read the incident before writes it back.
  Write([&](Transaction& tx) { return store_->incidents().Update(tx, incident); });
  const auto session = Read();
  const auto found = Value(store_->incidents().Find(*session, kDefaultOrg, incident.id));
  ASSERT_EQ(found->impacts.size(), 1U);
  EXPECT_EQ(found->impacts[0].monitor, mail.id);
}

TEST_P(IncidentContract, EveryFieldOfAnIncidentIsKept) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  model::Incident incident = MakeIncident(kDefaultOrg, "Outage");
  incident.severity = model::IncidentSeverity::kCritical;
  incident.source = model::IncidentSource::kMonitor;
  incident.draft = true;
  incident.publish_at = At(3, 0);
  incident.closed_at = At(4, 0);
  incident.cause = shop.id;
  incident.pages = {model::PageId(7), model::PageId(3)};
  incident.notes.Set("kodo", "x");
  incident = PutIncident(incident);
  const auto expect_equal = [&](const model::Incident& wanted) {
    const auto session = Read();
    const auto found = Value(store_->incidents().FindByUid(*session, kDefaultOrg, "uid-Outage"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, wanted.id);
    EXPECT_EQ(found->severity, wanted.severity);
    EXPECT_EQ(found->source, wanted.source);
    EXPECT_EQ(found->draft, wanted.draft);
    EXPECT_EQ(found->publish_at, wanted.publish_at);
    EXPECT_EQ(found->closed_at, wanted.closed_at);
    EXPECT_EQ(found->cause, wanted.cause);
    EXPECT_EQ(found->pages, wanted.pages);
    EXPECT_EQ(found->notes, wanted.notes);
    EXPECT_FALSE(Value(store_->incidents().FindByUid(*session, OrgId(99), "uid-Outage")));
  };
  expect_equal(incident);
  model::Incident change = incident;
  change.severity = model::IncidentSeverity::kNone;
  change.draft = false;
  change.publish_at = change.closed_at = std::nullopt;
  change.pages.clear();
  change.notes = {};
  Write([&](Transaction& tx) { return store_->incidents().Update(tx, change); });
  expect_equal(change);
  // What it is and where it came from stays.
  change.source = model::IncidentSource::kApi;
  change.cause = {};
  change.uid = "other";
  Write([&](Transaction& tx) { return store_->incidents().Update(tx, change); });
  change.source = incident.source;
  change.cause = incident.cause;
  expect_equal(change);
}

TEST_P(IncidentContract, ListAndCountByManyWishes) {
  const OrgId other = PutOrg("other");
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  const auto put = [&](const char* title, int hour, auto change) {
    model::Incident incident = MakeIncident(kDefaultOrg, title);
    incident.started_at = At(hour, 0);
    change(incident);
    PutIncident(incident);
  };
  put("a", 9, [&](auto& i) { i.impacts = {{shop.id, model::Status::kDown}}; });
  put("b", 2, [&](auto& i) {
    i.state = IncidentState::kResolved;
    i.severity = model::IncidentSeverity::kMajor;
    i.impacts = {{shop.id, model::Status::kDown}, {mail.id, model::Status::kDown}};
  });
  put("c", 3, [](auto& i) { i.draft = true; });
  put("d", 4, [](auto& i) { i.closed_at = At(5, 0); });
  put("e", 5, [](auto& i) { i.state = IncidentState::kMonitoring; });
  PutIncident(MakeIncident(other, "t"));
  const auto list = [&](OrgId org, const IncidentQuery& query) {
    const auto session = Read();
    std::string titles;
    for (const auto& i : Value(store_->incidents().List(*session, org, query))) titles += i.title;
    IncidentQuery whole = query;
    whole.limit = 1000;
    whole.offset = 0;
    EXPECT_EQ(Value(store_->incidents().Count(*session, org, query)),
              static_cast<int64_t>(Value(store_->incidents().List(*session, org, whole)).size()));
    return titles;
  };
  using model::IncidentSeverity;
  EXPECT_EQ(list(kDefaultOrg, {}), "ecba");
  EXPECT_EQ(list(other, {}), "t");
  EXPECT_EQ(list(kDefaultOrg, {.by_start = true}), "aecb");
  EXPECT_EQ(list(kDefaultOrg, {.limit = 2, .offset = 1}), "cb");
  EXPECT_EQ(list(kDefaultOrg, {.closed = std::nullopt}), "edcba");
  EXPECT_EQ(list(kDefaultOrg, {.closed = true}), "d");
  EXPECT_EQ(list(kDefaultOrg, {.drafts = false}), "eba");
  EXPECT_EQ(list(kDefaultOrg, {.open_only = true}), "eca");
  EXPECT_EQ(list(kDefaultOrg, {.started_from = At(3, 0), .started_to = At(5, 0)}), "ec");
  EXPECT_EQ(list(kDefaultOrg, {.states = {IncidentState::kResolved, IncidentState::kMonitoring}}),
            "eb");
  EXPECT_EQ(list(kDefaultOrg, {.severities = {IncidentSeverity::kMajor}}), "b");
  EXPECT_EQ(list(kDefaultOrg, {.monitors = {shop.id}}), "ba");
  EXPECT_EQ(list(kDefaultOrg, {.monitors = {shop.id, mail.id}, .by_start = true}), "ab");
  EXPECT_EQ(list(other, {.monitors = {shop.id}}), "");
}

TEST_P(IncidentContract, DraftsAndThoseThatWerePutAwayMaskNothingAndAreNotShown) {
  PutIncident(MakeIncident(kDefaultOrg, "open"));
  model::Incident draft = MakeIncident(kDefaultOrg, "draft");
  draft.draft = true;
  PutIncident(draft);
  draft.title = "due";
  draft.publish_at = At(3, 0);
  PutIncident(draft);
  draft.title = "theirs";
  draft.org = PutOrg("other");
  draft.publish_at = At(2, 0);
  PutIncident(draft);
  model::Incident closed = MakeIncident(kDefaultOrg, "closed");
  closed.closed_at = closed.ended_at = At(5, 0);
  PutIncident(closed);
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(0, 0)), (std::vector<std::string>{"open"}));
  const auto session = Read();
  EXPECT_EQ(Value(store_->incidents().ListOpen(*session)).size(), 1U);
  EXPECT_TRUE(Value(store_->incidents().ListDueDrafts(*session, At(1, 0))).empty());
  const auto due = Value(store_->incidents().ListDueDrafts(*session, At(3, 0)));
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].title, "theirs");
  EXPECT_EQ(due[1].title, "due");
}

TEST_P(IncidentContract, TheLatestIncidentOfACauseIsFound) {
  const OrgId other = PutOrg("other");
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  model::Incident incident = MakeIncident(kDefaultOrg, "first");
  incident.cause = shop.id;
  PutIncident(incident);
  incident.title = "second";
  PutIncident(incident);
  PutIncident(MakeIncident(kDefaultOrg, "by hand"));
  const auto latest = [&](OrgId org, model::MonitorId cause) {
    const auto session = Read();
    const auto found = Value(store_->incidents().FindLatestOfCause(*session, org, cause));
    return found ? found->title : "";
  };
  EXPECT_EQ(latest(kDefaultOrg, shop.id), "second");
  EXPECT_EQ(latest(other, shop.id), "");
  EXPECT_EQ(latest(kDefaultOrg, model::MonitorId()), "");
  Write([&](Transaction& tx) { return store_->monitors().Delete(tx, kDefaultOrg, shop.id); });
  EXPECT_EQ(latest(kDefaultOrg, shop.id), "");
}

TEST_P(IncidentContract, UpdatesAreChangedRemovedAndListedForMany) {
  const OrgId other = PutOrg("other");
  const auto a = PutIncident(MakeIncident(kDefaultOrg, "a"));
  const auto b = PutIncident(MakeIncident(kDefaultOrg, "b"));
  const auto theirs = PutIncident(MakeIncident(other, "t"));
  const auto put = [&](const model::Incident& incident, const char* text) {
    model::IncidentUpdate update;
    update.uid = std::string("uid-") + text;
    update.incident = incident.id;
    update.text = text;
    update.at = At(1, 0);
    return Put<model::IncidentUpdate>([&](Transaction& tx) {
      return store_->incidents().InsertUpdate(tx, incident.org, update);
    });
  };
  model::IncidentUpdate first = put(a, "first");
  const auto second = put(a, "second");
  put(b, "third");
  put(theirs, "fourth");
  first.text = "changed";
  first.state = IncidentState::kMonitoring;
  first.hidden = true;
  first.at = At(2, 0);
  first.updated_at = At(3, 0);
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return store_->incidents().ChangeUpdate(tx, other, first);
            }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return store_->incidents().DeleteUpdate(tx, other, a.id, second.id);
            }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) {
              return store_->incidents().DeleteUpdate(tx, kDefaultOrg, b.id, second.id);
            }),
            ErrorKind::kNotFound);
  Write([&](Transaction& tx) { return store_->incidents().ChangeUpdate(tx, kDefaultOrg, first); });
  {
    const auto session = Read();
    const auto all =
        Value(store_->incidents().ListUpdatesOf(*session, kDefaultOrg, {b.id, theirs.id, a.id}));
    ASSERT_EQ(all.size(), 3U);
    ASSERT_EQ(all[0].size(), 1U);
    EXPECT_EQ(all[0][0].text, "third");
    EXPECT_TRUE(all[1].empty());
    ASSERT_EQ(all[2].size(), 2U);
    EXPECT_EQ(all[2][0].text, "changed");
    EXPECT_EQ(all[2][0].uid, "uid-first");
    EXPECT_EQ(all[2][0].state, IncidentState::kMonitoring);
    EXPECT_TRUE(all[2][0].hidden);
    EXPECT_EQ(all[2][0].updated_at, At(3, 0));
    EXPECT_FALSE(all[2][1].hidden);
  }
  Write([&](Transaction& tx) {
    return store_->incidents().DeleteUpdate(tx, kDefaultOrg, a.id, second.id);
  });
  const auto session = Read();
  EXPECT_EQ(Value(store_->incidents().ListUpdates(*session, kDefaultOrg, a.id)).size(), 1U);
}

}  // namespace
}  // namespace pharos::store
