#include "intake/intake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "base/crypto.h"
#include "base/fake_clock.h"
#include "store/event_store.h"
#include "store/history_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/state_store.h"
#include "store/transition_store.h"

namespace pharos::intake {
namespace {

using model::CheckOutcome;
using model::CheckResult;
using model::ResultSource;

class IntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = store::OpenSqliteStore({.path = ":memory:"}, clock_, metrics_).value();
    monitor_ = AddMonitor("web-shop", "http");
    Restart();
  }

  void TearDown() override {
    if (intake_ != nullptr) intake_->Stop();
  }

  model::Monitor AddMonitor(const std::string& tag, const std::string& kind) {
    model::Monitor m;
    m.uid = RandomUuid();
    m.org = model::OrgId(1);
    m.tag = tag;
    m.name = tag;
    m.kind = kind;
    m.spec = Value(Value::Object{});
    m.schedule = {model::Schedule::Kind::kInterval, Minutes(1), "", ""};
    m.created_at = m.updated_at = clock_.Now();
    EXPECT_TRUE(store_->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(m, store_->monitors().Insert(tx, m));
      return Ok();
    }));
    directory_.Put(m);
    return m;
  }

  void Restart() {
    if (intake_ != nullptr) intake_->Stop();
    intake_ =
        Intake::Start(settings_, *store_, directory_, overlays_, board_, clock_, metrics_).value();
  }

  CheckResult ResultAt(Timestamp at, model::Status status) const {
    CheckResult r;
    r.monitor = monitor_.id;
    r.at = r.finished_at = at;
    r.observed = status;
    r.latency_ms = 12.5;
    return r;
  }

  Status SubmitAndWait(CheckResult result) {
    std::promise<Status> done;
    PHAROS_RETURN_IF_ERROR(
        intake_->Submit(std::move(result), [&](Status s) { done.set_value(std::move(s)); }));
    return done.get_future().get();
  }

  std::vector<model::Sample> Samples() {
    auto session = store_->Read().value();
    return store_->history()
        .Read(*session, monitor_.id, FromUnixSeconds(0), clock_.Now() + Days(1))
        .value();
  }

  std::vector<model::Transition> Transitions() {
    auto session = store_->Read().value();
    return store_->transitions()
        .List(*session, monitor_.org, monitor_.id, FromUnixSeconds(0), clock_.Now() + Days(1), 100)
        .value();
  }

  std::vector<model::Event> Events() {
    auto session = store_->Read().value();
    return store_->events().ListAfter(*session, model::EventId(), 100).value();
  }

  FakeClock clock_;
  Metrics metrics_;
  IntakeSettings settings_;
  std::unique_ptr<store::Store> store_;
  store::MonitorDirectory directory_;
  OverlayBoard overlays_;
  notices::Board board_;
  std::unique_ptr<Intake> intake_;
  model::Monitor monitor_;
};

TEST_F(IntakeTest, AnAcknowledgedResultIsInTheStoreAndOnTheBoard) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  ASSERT_EQ(Samples().size(), 1u);
  EXPECT_EQ(Samples()[0].status, model::Status::kUp);
  EXPECT_EQ(Samples()[0].latency_ms, 12.5);
  const auto state = intake_->states().Find(monitor_.id);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->shown, model::Status::kUp);
}

TEST_F(IntakeTest, AChangeBecomesATransitionAndAnEvent) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  clock_.Advance(Minutes(1));
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kDown)));
  ASSERT_EQ(Transitions().size(), 2u);
  EXPECT_EQ(Transitions()[0].to, model::Status::kDown);
  const auto events = Events();
  ASSERT_EQ(events.size(), 2u);
  // The first answer of a monitor is no news, its failure is.
  EXPECT_FALSE(events[0].data.BoolOr("alert", true));
  const model::Event& event = events[1];
  EXPECT_EQ(event.kind, model::kMonitorTransition);
  EXPECT_EQ(event.org, monitor_.org);
  EXPECT_EQ(event.data.IntOr("monitor", 0), monitor_.id.value());
  EXPECT_EQ(event.data.StringOr("tag", ""), "web-shop");
  EXPECT_EQ(event.data.StringOr("from", ""), "up");
  EXPECT_EQ(event.data.StringOr("to", ""), "down");
  EXPECT_EQ(event.data.IntOr("ordinal", 0), 2);
  EXPECT_EQ(event.data.IntOr("at", 0), ToUnixMicros(FloorToMinute(clock_.Now())));
  EXPECT_EQ(event.data.IntOr("failures", 0), 1);
  EXPECT_TRUE(event.data.BoolOr("alert", false));
}

TEST_F(IntakeTest, AMaintenanceMasksItsMonitorAndKeepsQuiet) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  clock_.Advance(Minutes(1));
  rules::MaintenanceWindow window;
  window.occurrence.starts_at = FloorToMinute(clock_.Now());
  window.occurrence.ends_at = window.occurrence.starts_at + Minutes(1);
  window.occurrence.state = model::OccurrenceState::kReady;
  window.impacts = {{monitor_.id, model::Status::kMaintenance}};
  overlays_.ResetMaintenances({window});
  for (const model::Status status : {model::Status::kDown, model::Status::kUp}) {
    ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), status)));
    clock_.Advance(Minutes(1));
  }
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  const auto samples = Samples();
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[1].status, model::Status::kMaintenance);
  EXPECT_EQ(samples[1].observed, model::Status::kDown);
  EXPECT_EQ(samples[2].status, model::Status::kMaintenance);
  EXPECT_EQ(samples[3].status, model::Status::kUp);
  ASSERT_EQ(Transitions().size(), 3u);
  for (const model::Event& event : Events()) EXPECT_FALSE(event.data.BoolOr("alert", true));
}

TEST_F(IntakeTest, FailuresInARowAreReportedOnceWhenThereAreEnough) {
  monitor_.auto_incident.enabled = true;
  monitor_.auto_incident.failure_threshold = 2;
  monitor_.confirmation_threshold = 10;
  ++monitor_.revision;
  directory_.Put(monitor_);
  using enum model::Status;
  for (const model::Status status : {kUp, kDown, kDown, kDown, kUp, kDown, kDown}) {
    ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), status)));
    clock_.Advance(Minutes(1));
  }
  std::vector<model::Event> failing;
  for (model::Event& event : Events()) {
    if (event.kind == model::kMonitorFailing) failing.push_back(std::move(event));
  }
  ASSERT_EQ(failing.size(), 2u);
  EXPECT_EQ(failing[0].data.IntOr("monitor", 0), monitor_.id.value());
  EXPECT_EQ(failing[0].data.IntOr("failures", 0), 2);
  EXPECT_EQ(intake_->states().Find(monitor_.id)->shown, kUp);
}

TEST_F(IntakeTest, NumbersAndFactsOfAResultAreKept) {
  CheckResult result = ResultAt(clock_.Now(), model::Status::kDown);
  result.code = 503;
  result.attempts = 2;
  result.facts.Set("certificate", "one");
  ASSERT_TRUE(SubmitAndWait(result));
  ASSERT_EQ(Samples().size(), 1u);
  EXPECT_EQ(Samples()[0].code, 503);
  EXPECT_EQ(Samples()[0].attempts, 2);
  clock_.Advance(Minutes(1));
  result = ResultAt(clock_.Now(), model::Status::kDown);
  ASSERT_TRUE(SubmitAndWait(result));
  ASSERT_TRUE(intake_->Checkpoint());
  Restart();
  const auto state = intake_->states().Find(monitor_.id);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->facts.StringOr("certificate", ""), "one");
  EXPECT_EQ(state->failures, 2);
}

TEST_F(IntakeTest, UnknownMonitorsAreRefusedWithoutHarmToOthersInTheBatch) {
  CheckResult stranger = ResultAt(clock_.Now(), model::Status::kUp);
  stranger.monitor = model::MonitorId(999);
  std::promise<Status> first;
  std::promise<Status> second;
  ASSERT_TRUE(intake_->Submit(stranger, [&](Status s) { first.set_value(std::move(s)); }));
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp),
                              [&](Status s) { second.set_value(std::move(s)); }));
  EXPECT_EQ(first.get_future().get().error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(second.get_future().get());
}

TEST_F(IntakeTest, AMonitorDeletedWhileItsResultWaitsDoesNotFailTheBatch) {
  const model::Monitor other = AddMonitor("gone", "http");
  CheckResult result = ResultAt(clock_.Now(), model::Status::kDown);
  result.monitor = other.id;
  ASSERT_TRUE(store_->Write(
      [&](store::Transaction& tx) { return store_->monitors().Delete(tx, other.org, other.id); }));
  // The directory still has it, as in the moment between commit and removal.
  std::promise<Status> mine;
  ASSERT_TRUE(intake_->Submit(result, {}));
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp),
                              [&](Status s) { mine.set_value(std::move(s)); }));
  EXPECT_TRUE(mine.get_future().get());
}

TEST_F(IntakeTest, TheStateComesBackFromTheJournalAlone) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  clock_.Advance(Minutes(1));
  CheckResult signal = ResultAt(clock_.Now(), model::Status::kUp);
  signal.latency_ms = 99;
  ASSERT_TRUE(SubmitAndWait(signal));
  const auto before = intake_->states().Find(monitor_.id);
  // No orderly end: a second intake reads the same store while the first still runs.
  auto second = Intake::Start(settings_, *store_, directory_, overlays_, board_, clock_, metrics_);
  const auto after = (*second)->states().Find(monitor_.id);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->shown, before->shown);
  EXPECT_EQ(after->latency_ms, before->latency_ms);
  EXPECT_EQ(after->last_sample_at, before->last_sample_at);
  EXPECT_EQ(after->transitions, before->transitions);
  (*second)->Stop();
}

TEST_F(IntakeTest, CheckpointWritesEveryMovedState) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  clock_.Advance(Minutes(1));
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  ASSERT_TRUE(intake_->Checkpoint());
  auto session = store_->Read().value();
  const auto rows = store_->states().ListAll(*session).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].last_sample_at, FloorToMinute(clock_.Now()));
}

TEST_F(IntakeTest, ManualSamplesReplaceWhatStoodThere) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  model::Sample manual;
  manual.at = FloorToMinute(clock_.Now());
  manual.status = manual.observed = model::Status::kDegraded;
  manual.origin = model::SampleOrigin::kManual;
  manual.latency_ms = 40;
  std::promise<Status> done;
  ASSERT_TRUE(intake_->SubmitManual(monitor_.id, {manual},
                                    [&](Status s) { done.set_value(std::move(s)); }));
  ASSERT_TRUE(done.get_future().get());
  ASSERT_EQ(Samples().size(), 1u);
  EXPECT_EQ(Samples()[0].status, model::Status::kDegraded);
  EXPECT_EQ(Samples()[0].origin, model::SampleOrigin::kManual);
}

TEST_F(IntakeTest, HintsComeAfterTheCommit) {
  std::promise<bool> seen_in_store;
  bool told = false;
  auto token = board_.Subscribe([&](const std::vector<notices::Notice>&) {
    if (told) return;
    told = true;
    seen_in_store.set_value(!Samples().empty());
  });
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  EXPECT_TRUE(seen_in_store.get_future().get());
  intake_->Stop();
}

TEST_F(IntakeTest, AfterStopNothingIsTakenAndNothingIsLost) {
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now() + Minutes(i), model::Status::kUp)));
  }
  intake_->Stop();
  EXPECT_EQ(Samples().size(), 500u);
  const Status refused = intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp));
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
}

TEST_F(IntakeTest, AFullQueueRefusesAndNamesItself) {
  intake_->Stop();
  settings_.max_queued = 0;
  Restart();
  const Status refused = intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_GT(refused.error().retry_after_s, 0);
}

TEST_F(IntakeTest, AnOpenIncidentMasksItsMonitor) {
  model::Incident incident;
  incident.org = monitor_.org;
  incident.started_at = clock_.Now() - Minutes(5);
  incident.impacts = {{monitor_.id, model::Status::kDegraded}};
  overlays_.ResetIncidents({incident});
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  ASSERT_EQ(Samples().size(), 1u);
  EXPECT_EQ(Samples()[0].status, model::Status::kDegraded);
  EXPECT_EQ(Samples()[0].observed, model::Status::kUp);
  EXPECT_EQ(Samples()[0].origin, model::SampleOrigin::kIncident);
}

// What is written for the future is history only, also when states are rebuilt.
TEST_F(IntakeTest, ManualSamplesOfTheFutureDoNotMoveTheStateAtAStart) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  ASSERT_TRUE(intake_->Checkpoint());
  model::Sample future;
  future.at = FloorToMinute(clock_.Now()) + Hours(5);
  future.status = future.observed = model::Status::kDown;
  future.origin = model::SampleOrigin::kManual;
  std::promise<Status> done;
  ASSERT_TRUE(intake_->SubmitManual(monitor_.id, {future},
                                    [&](Status s) { done.set_value(std::move(s)); }));
  ASSERT_TRUE(done.get_future().get());
  const auto before = intake_->states().Find(monitor_.id);
  Restart();
  const auto after = intake_->states().Find(monitor_.id);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->shown, model::Status::kUp);
  EXPECT_EQ(after->last_sample_at, before->last_sample_at);
  EXPECT_EQ(after->transitions, before->transitions);
}

TEST_F(IntakeTest, EntriesByHandInBulkDoNotKeepResultsWaiting) {
  // The writer is held up, so that all of these have queued up when it goes on.
  std::promise<void> release;
  store_->WriteAsync(
      [released = release.get_future().share()](store::Transaction&) {
        released.wait();
        return Ok();
      },
      [](Status) {});
  std::vector<int> answered;
  std::promise<void> all;
  const auto note = [&](int which) {
    return [&, which](Status status) {
      EXPECT_TRUE(status);
      answered.push_back(which);
      if (answered.size() == 5) all.set_value();
    };
  };
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp), note(0)));
  std::vector<model::Sample> bulk(3'000);
  for (size_t i = 0; i < bulk.size(); ++i) {
    bulk[i].at = FloorToMinute(clock_.Now()) - Minutes(static_cast<int64_t>(i) + 1);
    bulk[i].status = model::Status::kUp;
  }
  for (const int which : {1, 2, 3}) {
    ASSERT_TRUE(intake_->SubmitManual(monitor_.id, bulk, note(which)));
  }
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now(), model::Status::kUp), note(4)));
  release.set_value();
  all.get_future().wait();
  EXPECT_NE(answered.back(), 4);
  EXPECT_LT(std::find(answered.begin(), answered.end(), 4),
            std::find(answered.begin(), answered.end(), 2));
  EXPECT_EQ(Samples().size(), 3'001u);
}

// A store that cannot write state rows while `fails` is set, and holds up writes while asked to.
class FaultyStore : public store::Store, public store::StateStore {
 public:
  explicit FaultyStore(store::Store& real) : real_(real) {}

  Status Write(store::WriteFunction write) override {
    if (std::shared_future<void> gate = std::exchange(gate_, {}); gate.valid()) {
      entered_.set_value();
      gate.wait();
    }
    return real_.Write(std::move(write));
  }
  Status Upsert(store::Transaction& tx, const model::MonitorState& state) override {
    if (fails) return Error::Internal("the disk is full");
    return real_.states().Upsert(tx, state);
  }
  Result<std::vector<model::MonitorState>> ListAll(store::Session& session) override {
    return real_.states().ListAll(session);
  }
  store::StateStore& states() override { return *this; }

  void WriteAsync(store::WriteFunction write, store::WriteDone done) override {
    real_.WriteAsync(std::move(write), std::move(done));
  }
  Result<std::unique_ptr<store::Session>> Read() override { return real_.Read(); }
  store::OrganisationStore& organisations() override { return real_.organisations(); }
  store::KeyStore& keys() override { return real_.keys(); }
  store::AuditStore& audit() override { return real_.audit(); }
  store::MonitorStore& monitors() override { return real_.monitors(); }
  store::HistoryStore& history() override { return real_.history(); }
  store::TransitionStore& transitions() override { return real_.transitions(); }
  store::IncidentStore& incidents() override { return real_.incidents(); }
  store::DeliveryStore& deliveries() override { return real_.deliveries(); }
  store::SiteStore& site() override { return real_.site(); }
  store::MaintenanceStore& maintenances() override { return real_.maintenances(); }
  store::PageStore& pages() override { return real_.pages(); }
  store::EventStore& events() override { return real_.events(); }
  store::RecordStore& records() override { return real_.records(); }
  store::SecretStore& secrets() override { return real_.secrets(); }
  store::EvidenceStore& evidence() override { return real_.evidence(); }
  Result<int64_t> ChangeCounter() override { return real_.ChangeCounter(); }
  Status BackupTo(const std::string& path) override { return real_.BackupTo(path); }

  void HoldNextWrite(std::shared_future<void> gate) { gate_ = std::move(gate); }
  void WaitUntilHeld() { entered_.get_future().wait(); }
  std::atomic<bool> fails{false};

 private:
  store::Store& real_;
  std::shared_future<void> gate_;
  std::promise<void> entered_;
};

TEST_F(IntakeTest, AFailedCheckpointDoesNotFailTheResultsBesideIt) {
  ASSERT_TRUE(SubmitAndWait(ResultAt(clock_.Now(), model::Status::kUp)));
  intake_->Stop();
  FaultyStore faulty(*store_);
  intake_ =
      Intake::Start(settings_, faulty, directory_, overlays_, board_, clock_, metrics_).value();
  std::promise<void> release;
  faulty.HoldNextWrite(release.get_future().share());
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now() + Minutes(1), model::Status::kUp)));
  faulty.WaitUntilHeld();
  std::promise<Status> result;
  ASSERT_TRUE(intake_->Submit(ResultAt(clock_.Now() + Minutes(2), model::Status::kUp),
                              [&](Status s) { result.set_value(std::move(s)); }));
  std::atomic<bool> asked{false};
  std::thread checkpoint([&] {
    asked = true;
    EXPECT_FALSE(intake_->Checkpoint());
  });
  while (!asked) std::this_thread::yield();
  // Time for the request to queue up beside the result; without it the test proves less.
  for (int i = 0; i < 20'000; ++i) std::this_thread::yield();
  faulty.fails = true;
  release.set_value();
  EXPECT_TRUE(result.get_future().get());
  checkpoint.join();
  EXPECT_EQ(Samples().size(), 3u);
  faulty.fails = false;
  EXPECT_TRUE(intake_->Checkpoint());
  intake_->Stop();
  intake_.reset();
}

}  // namespace
}  // namespace pharos::intake
