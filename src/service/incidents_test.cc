#include "service/incidents.h"

#include <gtest/gtest.h>

#include "service/monitors.h"
#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/event_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

using model::IncidentState;
using model::Status;

class IncidentServiceTest : public testing::Test {
 protected:
  MonitorPtr Monitor(const std::string& tag) {
    model::Monitor m;
    m.tag = tag;
    m.name = tag;
    m.kind = "manual";
    return monitors_.Create(house_.who, m).value();
  }
  NewIncident Wanted(std::vector<model::IncidentImpact> impacts = {}) {
    NewIncident wanted;
    wanted.incident.title = "Checkout errors";
    wanted.incident.started_at = house_.clock.Now();
    wanted.incident.impacts = std::move(impacts);
    return wanted;
  }
  model::IncidentUpdate Said(IncidentState state, const std::string& text) {
    model::IncidentUpdate update;
    update.state = state;
    update.text = text;
    update.at = house_.clock.Now();
    return update;
  }
  std::vector<model::Event> Events() {
    auto session = house_.store->Read().value();
    return house_.store->events().ListAfter(*session, model::EventId(), 100).value();
  }
  std::vector<std::string> Kinds() {
    std::vector<std::string> kinds;
    for (const model::Event& event : Events()) kinds.push_back(event.kind);
    return kinds;
  }
  std::optional<Status> MaskOf(const MonitorPtr& monitor) {
    return house_.overlays.At(monitor->id, house_.clock.Now()).incident;
  }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  IncidentService service_{*house_.context};
};

TEST_F(IncidentServiceTest, CreatesWithFirstUpdateEventAuditAndOverlay) {
  const MonitorPtr shop = Monitor("web-shop");
  NewIncident wanted = Wanted({{shop->id, Status::kDegraded}, {shop->id, Status::kDown}});
  wanted.message = "We look into it";
  const auto made = service_.Create(house_.who, wanted);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->incident.id.IsSet());
  EXPECT_FALSE(made->incident.uid.empty());
  ASSERT_EQ(made->incident.impacts.size(), 1u);
  EXPECT_EQ(made->incident.impacts[0].impact, Status::kDown);
  ASSERT_EQ(made->updates.size(), 1u);
  EXPECT_EQ(made->updates[0].text, "We look into it");
  EXPECT_EQ(MaskOf(shop), Status::kDown);
  const auto events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, model::kIncidentCreated);
  EXPECT_EQ(events[0].data.IntOr("incident", 0), made->incident.id.value());
  EXPECT_EQ(events[0].data.IntOr("update", 0), made->updates[0].id.value());
  EXPECT_TRUE(events[0].data.BoolOr("notify", false));
  auto session = house_.store->Read().value();
  store::AuditQuery query;
  query.resource_kind = "incident";
  const auto audit = house_.store->audit().List(*session, house_.who.org, query).value();
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0].action, "incident.created");
  EXPECT_EQ(audit[0].resource_id, made->incident.uid);
}

TEST_F(IncidentServiceTest, NamesWhatIsWrong) {
  NewIncident nameless = Wanted();
  nameless.incident.title.clear();
  EXPECT_EQ(service_.Create(house_.who, nameless).error().fields.at(0).field, "title");
  NewIncident stranger = Wanted({{model::MonitorId(99), Status::kDown}});
  EXPECT_EQ(service_.Create(house_.who, stranger).error().fields.at(0).field, "monitors");
  NewIncident paged = Wanted();
  paged.incident.pages = {model::PageId(99)};
  EXPECT_EQ(service_.Create(house_.who, paged).error().fields.at(0).field, "pages");
  NewIncident long_message = Wanted();
  long_message.message = std::string(64 * 1024 + 1, 'x');
  EXPECT_EQ(service_.Create(house_.who, long_message).error().fields.at(0).field, "message");
  EXPECT_TRUE(service_.List(house_.who, {}).value().empty());
  EXPECT_TRUE(Kinds().empty());
}

TEST_F(IncidentServiceTest, UpdatesMoveTheStateAndResolvingLiftsTheMask) {
  const MonitorPtr shop = Monitor("web-shop");
  const auto id = service_.Create(house_.who, Wanted({{shop->id, Status::kDown}}))->incident.id;
  house_.clock.Advance(Minutes(1));
  ASSERT_TRUE(service_.AddUpdate(house_.who, id, Said(IncidentState::kIdentified, "Found")));
  EXPECT_EQ(service_.Get(house_.who, id)->incident.state, IncidentState::kIdentified);
  EXPECT_EQ(MaskOf(shop), Status::kDown);
  house_.clock.Advance(Minutes(1));
  const auto fixed = Said(IncidentState::kResolved, "Fixed");
  ASSERT_TRUE(service_.AddUpdate(house_.who, id, fixed));
  EXPECT_EQ(service_.Get(house_.who, id)->incident.ended_at, fixed.at);
  EXPECT_EQ(MaskOf(shop), std::nullopt);
  house_.clock.Advance(Minutes(1));
  ASSERT_TRUE(service_.AddUpdate(house_.who, id, Said(IncidentState::kMonitoring, "Again")));
  const auto open = service_.Get(house_.who, id).value();
  EXPECT_EQ(open.incident.ended_at, std::nullopt);
  ASSERT_EQ(open.updates.size(), 3u);
  EXPECT_EQ(open.updates[0].text, "Again");
  EXPECT_EQ(MaskOf(shop), Status::kDown);
  EXPECT_EQ(Kinds(),
            (std::vector<std::string>{"incident.created", "incident.updated", "incident.updated",
                                      "incident.resolved", "incident.updated"}));
}

TEST_F(IncidentServiceTest, EffectsCanBeSwitchedOff) {
  const auto id = service_.Create(house_.who, Wanted())->incident.id;
  ASSERT_TRUE(service_.AddUpdate(house_.who, id, Said(IncidentState::kResolved, "Fixed")));
  UpdateEffects keep_end;
  keep_end.reopening_clears = false;
  keep_end.notify = false;
  const auto said =
      service_.AddUpdate(house_.who, id, Said(IncidentState::kIdentified, "No"), keep_end);
  EXPECT_TRUE(service_.Get(house_.who, id)->incident.ended_at.has_value());
  EXPECT_EQ(service_.Get(house_.who, id)->incident.state, IncidentState::kIdentified);
  EXPECT_FALSE(Events().back().data.BoolOr("notify", true));
  const UpdateEffects none{false, false, false, false};
  const auto edited = service_.EditUpdate(
      house_.who, id, said->id,
      [](model::IncidentUpdate& update) -> pharos::Status {
        update.state = IncidentState::kMonitoring;
        return Ok();
      },
      none);
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->text, "No");
  EXPECT_EQ(service_.Get(house_.who, id)->incident.state, IncidentState::kIdentified);
}

TEST_F(IncidentServiceTest, DeletedUpdatesAreSeenNoMore) {
  const auto id = service_.Create(house_.who, Wanted())->incident.id;
  const auto said = service_.AddUpdate(house_.who, id, Said(IncidentState::kIdentified, "Oops"));
  ASSERT_TRUE(service_.DeleteUpdate(house_.who, id, said->id));
  EXPECT_TRUE(service_.Get(house_.who, id)->updates.empty());
  EXPECT_EQ(service_.Get(house_.who, id)->incident.state, IncidentState::kIdentified);
  EXPECT_EQ(service_.DeleteUpdate(house_.who, id, said->id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(
      service_.EditUpdate(house_.who, id, said->id, [](model::IncidentUpdate&) { return Ok(); })
          .error()
          .message,
      "Update not found");
}

TEST_F(IncidentServiceTest, ChangesAreWhollyDoneOrNotAtAll) {
  const auto id = service_.Create(house_.who, Wanted())->incident.id;
  const auto refused =
      service_.Update(house_.who, id, [&](IncidentService::Edit& edit) -> pharos::Status {
        edit.incident.title = "half";
        edit.new_updates.push_back(Said(IncidentState::kIdentified, ""));
        return Ok();
      });
  EXPECT_EQ(refused.error().fields.at(0).field, "message");
  EXPECT_EQ(service_.Get(house_.who, id)->incident.title, "Checkout errors");
  house_.clock.Advance(Seconds(5));
  const auto changed =
      service_.Update(house_.who, id, [&](IncidentService::Edit& edit) -> pharos::Status {
        edit.incident.title = "Checkout slow";
        edit.incident.state = IncidentState::kResolved;
        edit.incident.ended_at = house_.clock.Now();
        edit.incident.uid = "x";
        edit.new_updates.push_back(Said(IncidentState::kResolved, "Fixed"));
        return Ok();
      });
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->incident.title, "Checkout slow");
  EXPECT_NE(changed->incident.uid, "x");
  EXPECT_EQ(changed->updates.size(), 1u);
  EXPECT_EQ(changed->incident.updated_at, changed->incident.created_at + Seconds(5));
  EXPECT_EQ(Kinds(), (std::vector<std::string>{"incident.created", "incident.updated",
                                               "incident.resolved"}));
}

TEST_F(IncidentServiceTest, DraftsAreSilentUntilTheyArePublished) {
  const MonitorPtr shop = Monitor("web-shop");
  NewIncident wanted = Wanted({{shop->id, Status::kDown}});
  wanted.incident.draft = true;
  wanted.incident.publish_at = house_.clock.Now() + Minutes(5);
  const auto id = service_.Create(house_.who, wanted)->incident.id;
  EXPECT_FALSE(Events().back().data.BoolOr("notify", true));
  EXPECT_EQ(MaskOf(shop), std::nullopt);
  ASSERT_TRUE(service_.PublishDue());
  EXPECT_TRUE(service_.Get(house_.who, id)->incident.draft);
  house_.clock.Advance(Minutes(5));
  ASSERT_TRUE(service_.PublishDue());
  EXPECT_FALSE(service_.Get(house_.who, id)->incident.draft);
  EXPECT_EQ(MaskOf(shop), Status::kDown);
  EXPECT_EQ(Events().back().kind, model::kIncidentPublished);
  EXPECT_TRUE(Events().back().data.BoolOr("notify", false));
  const auto again = service_.Publish(house_.who, id);
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(again.error().message, "Incident is already public");
}

TEST_F(IncidentServiceTest, AnotherOrganisationSeesAndTouchesNothing) {
  const auto made = service_.Create(house_.who, Wanted()).value();
  model::Principal stranger = house_.who;
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> pharos::Status {
    model::Organisation wanted;
    wanted.name = "other";
    PHAROS_ASSIGN_OR_RETURN(const auto other, house_.store->organisations().Insert(tx, wanted));
    stranger.org = other.id;
    return Ok();
  }));
  EXPECT_EQ(service_.Get(stranger, made.incident.id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(service_.GetByUid(stranger, made.incident.uid).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(service_.List(stranger, {}).value().empty());
  EXPECT_EQ(service_.Count(stranger, {}).value(), 0);
  EXPECT_EQ(service_.Delete(stranger, made.incident.id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(service_.Publish(stranger, made.incident.id).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(service_.GetByUid(house_.who, made.incident.uid)->incident.id, made.incident.id);
  EXPECT_EQ(service_.ListDetailed(house_.who, {}).value().size(), 1u);
}

TEST_F(IncidentServiceTest, DeletingLiftsTheMask) {
  const MonitorPtr shop = Monitor("web-shop");
  const auto id = service_.Create(house_.who, Wanted({{shop->id, Status::kDown}}))->incident.id;
  EXPECT_EQ(MaskOf(shop), Status::kDown);
  ASSERT_TRUE(service_.Delete(house_.who, id));
  EXPECT_EQ(MaskOf(shop), std::nullopt);
  EXPECT_EQ(service_.Get(house_.who, id).error().message, "Incident not found");
}

TEST_F(IncidentServiceTest, ADeletedMonitorLeavesItsIncidents) {
  const MonitorPtr shop = Monitor("web-shop");
  const auto id = service_.Create(house_.who, Wanted({{shop->id, Status::kDown}}))->incident.id;
  ASSERT_TRUE(monitors_.Delete(house_.who, "web-shop"));
  EXPECT_TRUE(service_.Get(house_.who, id)->incident.impacts.empty());
  EXPECT_EQ(MaskOf(shop), std::nullopt);
}

}  // namespace
}  // namespace pharos::service
