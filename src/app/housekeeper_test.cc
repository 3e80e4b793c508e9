#include "app/housekeeper.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/fake_clock.h"
#include "store/history_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"

namespace pharos::app {
namespace {

// Counts checkpoints, with which every fold begins.
class CountingIntake : public intake::Intake {
 public:
  Status Submit(model::CheckResult, Done) override { return Ok(); }
  Status SubmitManual(model::MonitorId, std::vector<model::Sample>, Done) override { return Ok(); }
  void Forget(model::MonitorId) override {}
  Status Checkpoint() override {
    std::unique_lock lock(mutex_);
    ++checkpoints_;
    counted_.notify_all();
    counted_.wait(lock, [&] { return !held_; });
    return Ok();
  }
  const intake::StateBoard& states() const override { return states_; }
  Timestamp watching_since() const override { return FromUnixSeconds(0); }
  void Stop() override {}
  // While held, a fold does not come to its end.
  void Hold(bool held) {
    std::lock_guard lock(mutex_);
    held_ = held;
    counted_.notify_all();
  }
  bool WaitFor(int count) {
    std::unique_lock lock(mutex_);
    return counted_.wait_for(lock, std::chrono::seconds(10), [&] { return checkpoints_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable counted_;
  int checkpoints_ = 0;
  bool held_ = false;
  intake::StateBoard states_;
};

class HousekeeperTest : public testing::Test {
 protected:
  FakeClock clock_;
  Metrics metrics_;
  std::unique_ptr<store::Store> store_ =
      store::OpenSqliteStore({.path = ":memory:"}, clock_, metrics_).value();
  CountingIntake intake_;
  service::KeyVerifier verifier_{*store_, clock_};
  std::unique_ptr<Housekeeper> keeper_ =
      Housekeeper::Start({Days(400)}, *store_, intake_, verifier_, clock_);
};

TEST_F(HousekeeperTest, FoldsEveryQuarterOfAnHour) {
  clock_.Advance(Minutes(15));
  ASSERT_TRUE(intake_.WaitFor(1));
  clock_.Advance(Minutes(15));
  EXPECT_TRUE(intake_.WaitFor(2));
}

// A machine that started with its clock a year ahead must not wait a year for the next fold.
TEST_F(HousekeeperTest, FoldsOnWhenTheWallClockWentBack) {
  clock_.JumpWallTo(clock_.Now() - Days(365));
  ASSERT_TRUE(intake_.WaitFor(1));
  clock_.Advance(Minutes(15));
  EXPECT_TRUE(intake_.WaitFor(2));
}

// A clock that leaps by years must not make all history "too old".
TEST_F(HousekeeperTest, KeepsHistoryWhenTheWallClockLeapsForward) {
  model::Monitor monitor;
  monitor.org = model::OrgId(1);
  monitor.uid = monitor.tag = monitor.name = "m";
  monitor.kind = "manual";
  model::Sample sample;
  sample.at = FloorToMinute(clock_.Now());
  ASSERT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(monitor, store_->monitors().Insert(tx, monitor));
    const model::MonitorSample row{monitor.id, sample};
    return store_->history().Append(tx, {&row, 1});
  }));
  clock_.JumpWallTo(clock_.Now() + Days(1000));
  ASSERT_TRUE(intake_.WaitFor(1));
  clock_.Advance(Minutes(15));
  ASSERT_TRUE(intake_.WaitFor(2));
  auto session = store_->Read().value();
  EXPECT_TRUE(store_->history().Find(*session, monitor.id, sample.at).value().has_value());
}

TEST_F(HousekeeperTest, ANewKeyWorksWhileHistoryIsFolded) {
  intake_.Hold(true);
  clock_.Advance(Minutes(15));
  EXPECT_TRUE(intake_.WaitFor(1));
  service::KeyService keys(*store_, clock_);
  const auto created = keys.Create(model::OrgId(1), "cli", {"kener_v4", "ops", {}, {}}).value();
  bool found = false;
  for (int i = 0; i < 2'000'000 && !found; ++i) {
    found = verifier_.Find(created.text.Reveal()) != nullptr;
    std::this_thread::yield();
  }
  EXPECT_TRUE(found);
  intake_.Hold(false);
}

// Everything that the clock does to planned work comes from the planner thread.
TEST_F(HousekeeperTest, MovesMaintenancesAndPublishesDrafts) {
  store::MonitorDirectory directory;
  intake::OverlayBoard overlays;
  notices::Board board;
  probe::Catalog probes;
  const service::Context context{*store_, directory, intake_, overlays, board, probes, clock_};
  service::IncidentService incidents(context);
  service::MaintenanceService maintenances(context);
  model::Principal who;
  who.org = model::OrgId(1);
  service::NewIncident draft;
  draft.incident.title = "Later";
  draft.incident.started_at = clock_.Now();
  draft.incident.draft = true;
  draft.incident.publish_at = clock_.Now() + Minutes(1);
  const auto incident = incidents.Create(who, draft).value().incident.id;
  model::Maintenance daily;
  daily.title = "Daily";
  daily.starts_at = clock_.Now() + Seconds(60);
  daily.rrule = "FREQ=DAILY";
  daily.duration = Hours(1);
  const auto maintenance = maintenances.Create(who, daily).value().id;
  keeper_ = Housekeeper::Start({Days(400)}, *store_, intake_, verifier_, clock_,
                               {&incidents, &maintenances});
  clock_.Advance(Minutes(1));
  service::OccurrenceQuery query;
  query.maintenance = maintenance;
  bool done = false;
  for (int i = 0; i < 200'000 && !done; ++i) {
    const auto occurrences = maintenances.Occurrences(who, query).value();
    done = occurrences.size() >= 7 && occurrences[0].state == model::OccurrenceState::kOngoing &&
           !incidents.Get(who, incident)->incident.draft;
    std::this_thread::yield();
  }
  EXPECT_TRUE(done);
  keeper_->Stop();
}

// Nobody has to restart a server for a retention that an organisation has set.
TEST_F(HousekeeperTest, OldHistoryGoesAfterMidnight) {
  store::MonitorDirectory directory;
  intake::OverlayBoard overlays;
  notices::Board board;
  probe::Catalog probes;
  const service::Context context{*store_, directory, intake_, overlays, board, probes, clock_};
  service::RetentionService retention(context);
  model::Principal who;
  who.org = model::OrgId(1);
  ASSERT_TRUE(retention.Put(who, 2));
  model::Monitor monitor;
  monitor.org = who.org;
  monitor.uid = monitor.tag = monitor.name = "m";
  monitor.kind = "manual";
  const Timestamp start = clock_.Now();
  ASSERT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(monitor, store_->monitors().Insert(tx, monitor));
    std::vector<model::MonitorSample> rows(3);
    for (int i = 0; i < 3; ++i) {
      rows[static_cast<size_t>(i)].monitor = monitor.id;
      rows[static_cast<size_t>(i)].sample.at = start - Days(2 * (2 - i));
    }
    return store_->history().Append(tx, rows);
  }));
  directory.Put(monitor);
  ASSERT_TRUE(store_->history().Fold(start));
  Chores chores;
  chores.retention = &retention;
  keeper_ = Housekeeper::Start({Days(400)}, *store_, intake_, verifier_, clock_, chores);
  clock_.Advance(Days(1));
  bool done = false;
  for (int i = 0; i < 200'000 && !done; ++i) {
    auto session = store_->Read().value();
    done = store_->history()
               .Read(*session, monitor.id, Timestamp{}, Timestamp::max())
               .value()
               .size() == 1;
    session.reset();
    std::this_thread::yield();
  }
  EXPECT_TRUE(done);
  keeper_->Stop();
}

}  // namespace
}  // namespace pharos::app
