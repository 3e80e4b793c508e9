#include "service/maintenances.h"

#include <gtest/gtest.h>

#include "service/monitors.h"
#include "service/site.h"
#include "service/testing_house.h"
#include "store/event_store.h"
#include "store/maintenance_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

using model::OccurrenceState;
using State = model::OccurrenceState;

class MaintenanceServiceTest : public testing::Test {
 protected:
  MaintenanceServiceTest() {
    model::Monitor m;
    m.tag = m.name = "web-shop";
    m.kind = "manual";
    shop_ = monitors_.Create(house_.who, m).value();
  }
  Timestamp Now() const { return house_.clock.Now(); }
  model::Maintenance Draft(Timestamp starts_at, std::string rrule = "FREQ=MINUTELY;COUNT=1") {
    model::Maintenance draft;
    draft.title = "Disk swap";
    draft.starts_at = starts_at;
    draft.rrule = std::move(rrule);
    draft.duration = Hours(1);
    draft.impacts = {{shop_->id, model::Status::kMaintenance}};
    return draft;
  }
  std::vector<model::Occurrence> OccurrencesOf(const model::Maintenance& maintenance) {
    OccurrenceQuery query;
    query.maintenance = maintenance.id;
    return service_.Occurrences(house_.who, query).value();
  }
  std::vector<std::string> Kinds() {
    auto session = house_.store->Read().value();
    const auto events =
        house_.store->events().ListAfter(*session, model::EventId(), 10'000).value();
    std::vector<std::string> kinds;
    for (const model::Event& event : events) kinds.push_back(event.kind);
    return kinds;
  }
  bool IsMasked() { return house_.overlays.At(shop_->id, Now()).maintenance.has_value(); }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  MaintenanceService service_{*house_.context};
  MonitorPtr shop_;
};

TEST_F(MaintenanceServiceTest, ManyOfOneOrganisationDoNotKeepThoseOfAnotherFromComing) {
  const auto ours = service_.Create(house_.who, Draft(Now() + Hours(1), "FREQ=DAILY"));
  ASSERT_TRUE(ours);
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
    model::Organisation wanted;
    wanted.name = "other";
    PHAROS_ASSIGN_OR_RETURN(const auto other, house_.store->organisations().Insert(tx, wanted));
    model::Maintenance theirs = Draft(Now() - Days(30));
    theirs.org = other.id;
    theirs.impacts.clear();
    for (int i = 0; i < 1'001; ++i) {
      theirs.uid = std::to_string(i);
      PHAROS_RETURN_IF_ERROR(house_.store->maintenances().Insert(tx, theirs).map([](auto&&) {}));
    }
    return Ok();
  }));
  ASSERT_TRUE(service_.Generate());
  EXPECT_GT(OccurrencesOf(*ours).size(), 5u);
}

TEST_F(MaintenanceServiceTest, InitialStatesOfAOneTimeMaintenance) {
  struct Case {
    Duration from_now;
    std::optional<State> expected;
  };
  for (const Case& c : {Case{Hours(2), State::kScheduled}, Case{Hours(1), State::kReady},
                        Case{-Minutes(10), State::kOngoing}, Case{-Hours(1), State::kCompleted},
                        Case{-Hours(24), State::kCompleted}, Case{-Hours(25), std::nullopt}}) {
    const auto made = service_.Create(house_.who, Draft(Now() + c.from_now));
    ASSERT_TRUE(made) << made.error().message;
    const auto occurrences = OccurrencesOf(*made);
    ASSERT_EQ(occurrences.size(), c.expected ? 1u : 0u) << c.from_now.count();
    if (c.expected) {
      EXPECT_EQ(occurrences[0].state, *c.expected) << c.from_now.count();
      EXPECT_EQ(occurrences[0].starts_at, Now() + c.from_now);
      EXPECT_EQ(occurrences[0].ends_at, Now() + c.from_now + Hours(1));
    }
  }
}

TEST_F(MaintenanceServiceTest, ReminderLeadComesFromTheSite) {
  SiteService site(*house_.context);
  Value settings;
  settings.Set("reminder_buffer_hours", 3);
  ASSERT_TRUE(site.Put(house_.who, {"globalMaintenanceNotificationSettings", settings, "object"}));
  const auto made = service_.Create(house_.who, Draft(Now() + Hours(2))).value();
  EXPECT_EQ(OccurrencesOf(made).at(0).state, State::kReady);
}

TEST_F(MaintenanceServiceTest, RefusesWhatCannotBe) {
  const auto field = [&](const std::function<void(model::Maintenance&)>& spoil) {
    model::Maintenance draft = Draft(Now());
    spoil(draft);
    const auto refused = service_.Create(house_.who, draft);
    return refused ? std::string() : refused.error().fields.at(0).field;
  };
  EXPECT_EQ(field([](auto& m) { m.title.clear(); }), "title");
  EXPECT_EQ(field([](auto& m) { m.rrule = "every sunday"; }), "rrule");
  EXPECT_EQ(field([](auto& m) { m.time_zone = "Mars/Olympus"; }), "time_zone");
  EXPECT_EQ(field([](auto& m) { m.duration = Duration(0); }), "duration");
  EXPECT_EQ(field([](auto& m) { m.impacts = {{model::MonitorId(99), model::Status::kDown}}; }),
            "monitors");
  EXPECT_TRUE(service_.List(house_.who, {}).value().empty());
}

TEST_F(MaintenanceServiceTest, TheClockMovesStatesAndMasks) {
  const auto made = service_.Create(house_.who, Draft(Now() + Hours(2))).value();
  const auto state = [&] { return OccurrencesOf(made).at(0).state; };
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(state(), State::kScheduled);
  house_.clock.Advance(Hours(1));
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(state(), State::kReady);
  EXPECT_FALSE(IsMasked());
  house_.clock.Advance(Hours(1));
  EXPECT_TRUE(IsMasked());  // by the window, even before the state moves
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(state(), State::kOngoing);
  house_.clock.Advance(Hours(1));
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(state(), State::kOngoing);  // the end itself still belongs to it
  house_.clock.Advance(Minutes(1));
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(state(), State::kCompleted);
  EXPECT_FALSE(IsMasked());
  EXPECT_EQ(Kinds(), (std::vector<std::string>{"maintenance.scheduled", "maintenance.reminder",
                                               "maintenance.started", "maintenance.completed"}));
}

TEST_F(MaintenanceServiceTest, PausedOnesNeitherBeginNorMaskButEnd) {
  const auto made = service_.Create(house_.who, Draft(Now() + Minutes(30))).value();
  const auto pause = [](MaintenanceService::Edit& edit) -> Status {
    edit.maintenance.active = false;
    return Ok();
  };
  ASSERT_TRUE(service_.Update(house_.who, made.id, pause));
  house_.clock.Advance(Minutes(31));
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(OccurrencesOf(made).at(0).state, State::kReady);
  EXPECT_FALSE(IsMasked());

  const auto running = service_.Create(house_.who, Draft(Now())).value();
  EXPECT_TRUE(IsMasked());
  ASSERT_TRUE(service_.Update(house_.who, running.id, pause));
  EXPECT_FALSE(IsMasked());
  house_.clock.Advance(Minutes(61));
  ASSERT_TRUE(service_.Step());
  EXPECT_EQ(OccurrencesOf(running).at(0).state, State::kCompleted);
}

TEST_F(MaintenanceServiceTest, RecurringOnesGetTheNextAndThenAWeekAhead) {
  // Began an hour and a half ago: the one that runs gets nothing, the next one does.
  const auto made =
      service_.Create(house_.who, Draft(Now() - Minutes(90), "FREQ=HOURLY;INTERVAL=12")).value();
  const auto first = OccurrencesOf(made);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].starts_at, Now() + Minutes(630));
  ASSERT_TRUE(service_.Generate());
  EXPECT_EQ(OccurrencesOf(made).size(), 14u);
  ASSERT_TRUE(service_.Generate());
  EXPECT_EQ(OccurrencesOf(made).size(), 14u);
  ASSERT_TRUE(service_.DeleteOccurrence(house_.who, first[0].id));
  ASSERT_TRUE(service_.MoveOccurrence(house_.who, OccurrencesOf(made)[0].id, State::kCancelled));
  ASSERT_TRUE(service_.Generate());
  EXPECT_EQ(OccurrencesOf(made).size(), 14u);  // the deleted one again, the cancelled one not
  EXPECT_EQ(Kinds().size(), 16u);
}

TEST_F(MaintenanceServiceTest, GenerationLeavesOneTimePausedAndHugeOnesInBounds) {
  const auto once = service_.Create(house_.who, Draft(Now() + Hours(2))).value();
  ASSERT_TRUE(service_.DeleteOccurrence(house_.who, OccurrencesOf(once)[0].id));
  const auto huge = service_.Create(house_.who, Draft(Now(), "FREQ=SECONDLY")).value();
  ASSERT_TRUE(service_.Generate());
  EXPECT_TRUE(OccurrencesOf(once).empty());
  OccurrenceQuery query;
  query.maintenance = huge.id;
  EXPECT_EQ(service_.CountOccurrences(house_.who, query).value(), 1000);
}

TEST_F(MaintenanceServiceTest, TimeZonesKeepTheWallTime) {
  // Daily at 03:00 in Berlin; clocks go back on 2026-10-25.
  house_.clock.JumpWallTo(ParseIso("2026-10-24T12:00:00Z").value());
  model::Maintenance draft = Draft(ParseIso("2026-10-20T01:00:00Z").value(), "FREQ=DAILY");
  draft.time_zone = "Europe/Berlin";
  const auto made = service_.Create(house_.who, draft).value();
  EXPECT_EQ(OccurrencesOf(made).at(0).starts_at, ParseIso("2026-10-25T02:00:00Z").value());
}

TEST_F(MaintenanceServiceTest, MovesByHand) {
  const auto made = service_.Create(house_.who, Draft(Now() - Minutes(10))).value();
  const auto id = OccurrencesOf(made).at(0).id;
  EXPECT_TRUE(IsMasked());
  house_.clock.Advance(Seconds(30));
  const auto done = service_.MoveOccurrence(house_.who, id, State::kCompleted);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->ends_at, FloorToMinute(Now()));
  EXPECT_FALSE(IsMasked());
  for (const State to : {State::kCancelled, State::kOngoing, State::kCompleted, State::kReady}) {
    EXPECT_EQ(service_.MoveOccurrence(house_.who, id, to).error().kind, ErrorKind::kConflict);
  }
  // Begun this very minute: at least a minute long.
  const auto fresh = service_.Create(house_.who, Draft(FloorToMinute(Now()))).value();
  const auto cancelled =
      service_.MoveOccurrence(house_.who, OccurrencesOf(fresh).at(0).id, State::kCancelled);
  EXPECT_EQ(cancelled->ends_at, cancelled->starts_at + Minutes(1));
  // Before its start the window stays.
  const auto planned = service_.Create(house_.who, Draft(Now() + Hours(5))).value();
  const auto dropped =
      service_.MoveOccurrence(house_.who, OccurrencesOf(planned).at(0).id, State::kCancelled);
  EXPECT_EQ(dropped->ends_at, dropped->starts_at + Hours(1));
  // Begun early.
  const auto early = service_.Create(house_.who, Draft(Now() + Hours(5))).value();
  ASSERT_TRUE(service_.MoveOccurrence(house_.who, OccurrencesOf(early).at(0).id, State::kOngoing));
  EXPECT_TRUE(IsMasked());
}

TEST_F(MaintenanceServiceTest, ANewScheduleRemakesOccurrences) {
  const auto once = service_.Create(house_.who, Draft(Now() - Minutes(10))).value();
  const auto old = OccurrencesOf(once).at(0).id;
  ASSERT_TRUE(service_.MoveOccurrence(house_.who, old, State::kCompleted));
  ASSERT_TRUE(service_.Update(house_.who, once.id, [&](MaintenanceService::Edit& edit) -> Status {
    edit.maintenance.starts_at = Now() + Hours(3);
    return Ok();
  }));
  auto now_there = OccurrencesOf(once);
  ASSERT_EQ(now_there.size(), 1u);  // finished ones go too
  EXPECT_NE(now_there[0].id, old);
  EXPECT_EQ(now_there[0].starts_at, Now() + Hours(3));

  const auto daily = service_.Create(house_.who, Draft(Now() + Minutes(30), "FREQ=DAILY")).value();
  ASSERT_TRUE(service_.Generate());
  ASSERT_EQ(OccurrencesOf(daily).size(), 7u);
  ASSERT_TRUE(service_.Update(house_.who, daily.id, [&](MaintenanceService::Edit& edit) -> Status {
    edit.maintenance.duration = Hours(2);
    return Ok();
  }));
  // The one that is ready stays with its old window; the next of the new schedule is at the same
  // start, so nothing is added.
  now_there = OccurrencesOf(daily);
  ASSERT_EQ(now_there.size(), 1u);
  EXPECT_EQ(now_there[0].state, State::kReady);
  EXPECT_EQ(now_there[0].ends_at - now_there[0].starts_at, Hours(1));
}

TEST_F(MaintenanceServiceTest, OtherEditsLeaveOccurrencesAndTimesAsAsked) {
  const auto made = service_.Create(house_.who, Draft(Now() + Hours(3))).value();
  const auto before = OccurrencesOf(made).at(0).id;
  house_.clock.Advance(Minutes(1));
  const auto quiet = service_.Update(house_.who, made.id, [](MaintenanceService::Edit& edit) {
    edit.touch = false;
    edit.maintenance.impacts.clear();
    return Ok();
  });
  EXPECT_EQ(quiet->updated_at, made.updated_at);
  const auto titled = service_.Update(house_.who, made.id, [](MaintenanceService::Edit& edit) {
    edit.maintenance.title = "Fans";
    return Ok();
  });
  EXPECT_EQ(titled->updated_at, Now());
  EXPECT_EQ(OccurrencesOf(made).at(0).id, before);
}

TEST_F(MaintenanceServiceTest, WindowsCanBeMoved) {
  const auto made = service_.Create(house_.who, Draft(Now() + Hours(3))).value();
  const auto id = OccurrencesOf(made).at(0).id;
  const auto moved = service_.SetWindow(house_.who, id, Now() + Hours(4), Now() + Hours(6));
  EXPECT_EQ(moved->starts_at, Now() + Hours(4));
  EXPECT_EQ(moved->state, State::kScheduled);
  EXPECT_EQ(service_.SetWindow(house_.who, id, Now(), Now()).error().fields.at(0).field, "ends_at");
  EXPECT_TRUE(service_.SetWindow(house_.who, id, Now(), Now(), true));
}

TEST_F(MaintenanceServiceTest, DeletingTakesItsOccurrencesAndTheMask) {
  const auto made = service_.Create(house_.who, Draft(Now())).value();
  const auto id = OccurrencesOf(made).at(0).id;
  EXPECT_TRUE(IsMasked());
  ASSERT_TRUE(service_.Delete(house_.who, made.id));
  EXPECT_FALSE(IsMasked());
  EXPECT_EQ(service_.GetOccurrence(house_.who, id).error().message, "Occurrence not found");
  EXPECT_EQ(service_.Get(house_.who, made.id).error().message, "Maintenance not found");
}

}  // namespace
}  // namespace pharos::service
