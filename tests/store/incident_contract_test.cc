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
  EXPECT_EQ(TitlesSince(kDefaultOrg, At(0, 0), 1), (std::vector<std::string>{"early"}));
  EXPECT_EQ(TitlesSince(other, At(0, 0)), (std::vector<std::string>{"theirs"}));
  const auto session = Read();
  EXPECT_EQ(Value(store_->incidents().ListOpen(*session)).size(), 2U);
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

}  // namespace
}  // namespace pharos::store
