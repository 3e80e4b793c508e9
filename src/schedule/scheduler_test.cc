#include "schedule/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "base/crypto.h"
#include "base/fake_clock.h"

namespace pharos::schedule {
namespace {

// Takes results in memory; the scheduler's side of intake alone.
class RecordingIntake : public intake::Intake {
 public:
  Status Submit(model::CheckResult result, Done done) override {
    {
      std::lock_guard lock(mutex_);
      results_.push_back(std::move(result));
    }
    arrived_.notify_all();
    if (done) done(Ok());
    return Ok();
  }
  Status SubmitManual(model::MonitorId, std::vector<model::Sample>, Done) override { return Ok(); }
  Status Checkpoint() override { return Ok(); }
  void Forget(model::MonitorId) override {}
  const intake::StateBoard& states() const override { return states_; }
  Timestamp watching_since() const override { return watching_since_; }
  void Stop() override {}

  void PutState(const model::MonitorState& state) { states_.Put(state); }
  void SetWatchingSince(Timestamp at) { watching_since_ = at; }

  // Waits until `count` results are there; false after ten seconds.
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return results_.size() >= count; });
  }
  std::vector<model::CheckResult> Results() {
    std::lock_guard lock(mutex_);
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<model::CheckResult> results_;
  intake::StateBoard states_;
  Timestamp watching_since_ = FromUnixSeconds(0);
};

// Takes requests and answers when told to.
class HeldClient : public net::HttpClient {
 public:
  using net::HttpClient::Start;
  void Start(net::HttpRequest request, net::BodyObserver, net::HttpDone done) override {
    std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    held_.push_back(std::move(done));
    arrived_.notify_all();
  }
  size_t InFlight() const override { return 0; }
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return requests_.size() >= count; });
  }
  size_t Count() {
    std::lock_guard lock(mutex_);
    return requests_.size();
  }
  void AnswerAll() {
    std::vector<net::HttpDone> held;
    {
      std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (net::HttpDone& done : held) {
      net::HttpAnswer answer;
      answer.status = 200;
      done(std::move(answer));
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<net::HttpRequest> requests_;
  std::vector<net::HttpDone> held_;
};

class SchedulerTest : public testing::Test {
 protected:
  model::Monitor MakeMonitor(const std::string& tag, const std::string& kind) {
    model::Monitor m;
    m.id = model::MonitorId(++last_id_);
    m.uid = RandomUuid();
    m.org = model::OrgId(1);
    m.tag = tag;
    m.kind = kind;
    m.spec = Value(Value::Object{});
    m.schedule = {model::Schedule::Kind::kInterval, Seconds(1), "", ""};
    m.revision = 1;
    return m;
  }
  void Begin() {
    probe::Tools tools;
    tools.clock = &clock_;
    scheduler_ = Scheduler::Start({}, directory_, intake_, catalog_, tools, metrics_);
  }
  void TearDown() override {
    if (scheduler_ != nullptr) scheduler_->Stop(Seconds(1));
  }

  int64_t last_id_ = 0;
  SystemClock clock_;
  Metrics metrics_;
  store::MonitorDirectory directory_;
  RecordingIntake intake_;
  probe::Catalog catalog_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, AMonitorAddedLaterIsCheckedAtOnce) {
  Begin();
  directory_.Put(MakeMonitor("by-hand", "manual"));
  ASSERT_TRUE(intake_.WaitFor(1));
  EXPECT_EQ(intake_.Results()[0].source, model::ResultSource::kTick);
  EXPECT_EQ(intake_.Results()[0].outcome, model::CheckOutcome::kNone);
}

TEST_F(SchedulerTest, SilenceOfHeartbeatMonitorsIsJudged) {
  directory_.Put(MakeMonitor("cron-job", "heartbeat"));
  Begin();
  ASSERT_TRUE(intake_.WaitFor(1));
  EXPECT_EQ(intake_.Results()[0].source, model::ResultSource::kSilence);
  EXPECT_EQ(intake_.Results()[0].observed, model::Status::kNoData);
}

TEST_F(SchedulerTest, AnHttpMonitorWithoutAnAddressIsAnErrorNotSilence) {
  directory_.Put(MakeMonitor("empty", "http"));
  Begin();
  ASSERT_TRUE(intake_.WaitFor(1));
  EXPECT_EQ(intake_.Results()[0].outcome, model::CheckOutcome::kError);
  EXPECT_EQ(intake_.Results()[0].observed, model::Status::kDown);
  EXPECT_EQ(intake_.Results()[0].message, "Invalid URL");
}

TEST_F(SchedulerTest, KindsWithoutAProbeAreLeftAlone) {
  directory_.Put(MakeMonitor("not-yet", "of-a-later-version"));
  directory_.Put(MakeMonitor("by-hand", "manual"));
  Begin();
  ASSERT_TRUE(intake_.WaitFor(2));
  for (const model::CheckResult& result : intake_.Results()) {
    EXPECT_EQ(result.monitor, model::MonitorId(2));
  }
}

TEST_F(SchedulerTest, RunsAndStops) {
  Begin();
  directory_.Put(MakeMonitor("by-hand", "manual"));
  ASSERT_TRUE(intake_.WaitFor(1));
  EXPECT_TRUE(scheduler_->IsRunning());
  scheduler_->Stop(Seconds(1));
  EXPECT_FALSE(scheduler_->IsRunning());
}

TEST_F(SchedulerTest, AMonitorChangedDuringItsCheckIsCheckedAgainAtOnce) {
  HeldClient client;
  probe::Tools tools;
  tools.clock = &clock_;
  tools.http = &client;
  scheduler_ = Scheduler::Start({}, directory_, intake_, catalog_, tools, metrics_);
  model::Monitor m = MakeMonitor("shop", "http");
  Value spec;
  spec.Set("url", "http://127.0.0.1:1/old");
  m.spec = catalog_.ValidateSpec("http", spec).value();
  m.schedule.interval = Days(30);
  directory_.Put(m);
  ASSERT_TRUE(client.WaitFor(1));
  spec.Set("url", "http://127.0.0.1:1/new");
  m.spec = catalog_.ValidateSpec("http", spec).value();
  m.revision = 2;
  directory_.Put(m);
  // When the loop has come to this one, it has seen the change before it.
  directory_.Put(MakeMonitor("by-hand", "manual"));
  ASSERT_TRUE(intake_.WaitFor(1));
  client.AnswerAll();
  ASSERT_TRUE(client.WaitFor(2));
  client.AnswerAll();
}

// A paused monitor that is due never: only asking checks it.
model::Monitor Unwatched(model::Monitor monitor, const probe::Catalog& catalog) {
  Value spec;
  spec.Set("url", "http://127.0.0.1:1/");
  spec.Set("retries", 0);
  monitor.spec = catalog.ValidateSpec("http", spec).value();
  monitor.active = false;
  return monitor;
}

// What CheckNow answered, in its order.
class Answers {
 public:
  Scheduler::CheckDone Next() {
    return [this](Result<model::CheckResult> result) {
      std::lock_guard lock(mutex_);
      texts_.push_back(result ? "checked" : result.error().message);
      arrived_.notify_all();
    };
  }
  std::vector<std::string> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return texts_.size() >= count; });
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> texts_;
};

TEST_F(SchedulerTest, ACheckThatIsAskedForIsMadeAndCounts) {
  HeldClient client;
  probe::Tools tools;
  tools.clock = &clock_;
  tools.http = &client;
  scheduler_ = Scheduler::Start({}, directory_, intake_, catalog_, tools, metrics_);
  directory_.Put(Unwatched(MakeMonitor("shop", "http"), catalog_));
  Answers answers;
  scheduler_->CheckNow(model::MonitorId(1), answers.Next());
  ASSERT_TRUE(client.WaitFor(1));
  // Another wish while it runs is answered by the same check.
  scheduler_->CheckNow(model::MonitorId(1), answers.Next());
  directory_.Put(MakeMonitor("by-hand", "manual"));
  ASSERT_TRUE(intake_.WaitFor(1));
  client.AnswerAll();
  EXPECT_EQ(answers.WaitFor(2), (std::vector<std::string>{"checked", "checked"}));
  ASSERT_TRUE(intake_.WaitFor(2));
  EXPECT_EQ(intake_.Results().back().source, model::ResultSource::kProbe);
}

TEST_F(SchedulerTest, WhatCannotBeCheckedIsSaidAndNobodyIsForgotten) {
  HeldClient client;
  probe::Tools tools;
  tools.clock = &clock_;
  tools.http = &client;
  scheduler_ = Scheduler::Start({}, directory_, intake_, catalog_, tools, metrics_);
  directory_.Put(Unwatched(MakeMonitor("shop", "http"), catalog_));
  directory_.Put(MakeMonitor("job", "heartbeat"));
  Answers answers;
  scheduler_->CheckNow(model::MonitorId(99), answers.Next());
  EXPECT_EQ(answers.WaitFor(1).back(), "Monitor not found");
  scheduler_->CheckNow(model::MonitorId(2), answers.Next());
  EXPECT_EQ(answers.WaitFor(2).back(), "This monitor has nothing to check");
  scheduler_->CheckNow(model::MonitorId(1), answers.Next());
  ASSERT_TRUE(client.WaitFor(1));
  scheduler_->Stop(Duration(0));
  EXPECT_EQ(answers.WaitFor(3).back(), "the server is stopping");
  scheduler_->CheckNow(model::MonitorId(1), answers.Next());
  EXPECT_EQ(answers.WaitFor(4).size(), 4u);
  client.AnswerAll();
}

// A host that hangs holds up its own monitors, not those of others.
TEST_F(SchedulerTest, ChecksBeyondTheHostsPlacesWaitAndTheOthersRun) {
  HeldClient client;
  probe::Tools tools;
  tools.clock = &clock_;
  tools.http = &client;
  SchedulerSettings settings;
  settings.max_per_host = 2;
  scheduler_ = Scheduler::Start(settings, directory_, intake_, catalog_, tools, metrics_);
  const auto put = [&](const std::string& tag, const char* url) {
    model::Monitor m = MakeMonitor(tag, "http");
    Value spec;
    spec.Set("url", url);
    m.spec = catalog_.ValidateSpec("http", spec).value();
    m.schedule.interval = Days(30);
    directory_.Put(m);
  };
  for (const char* tag : {"a", "b", "c"}) put(tag, "http://127.0.0.1:1/slow");
  put("d", "http://127.0.0.2:1/quick");
  ASSERT_TRUE(client.WaitFor(3));
  // The loop has seen all four when it comes to this one.
  directory_.Put(MakeMonitor("by-hand", "manual"));
  ASSERT_TRUE(intake_.WaitFor(1));
  EXPECT_EQ(client.Count(), 3u);
  EXPECT_THAT(metrics_.Render(), testing::HasSubstr("pharos_checks_host_capped_total 1"));
  client.AnswerAll();
  ASSERT_TRUE(client.WaitFor(4));
  client.AnswerAll();
  EXPECT_TRUE(intake_.WaitFor(5));
}

class SchedulerClockTest : public testing::Test {
 protected:
  void SetUp() override {
    probe::Tools tools;
    tools.clock = &clock_;
    SchedulerSettings settings;
    settings.blind_after = Hours(2);
    scheduler_ = Scheduler::Start(settings, directory_, intake_, catalog_, tools, metrics_);
    model::Monitor m;
    m.id = model::MonitorId(1);
    m.uid = "uid";
    m.org = model::OrgId(1);
    m.tag = "cron-job";
    m.kind = "heartbeat";
    m.schedule = {model::Schedule::Kind::kInterval, Hours(1), "", ""};
    m.revision = 1;
    Signal();
    directory_.Put(m);
    EXPECT_TRUE(intake_.WaitFor(1));
  }
  void TearDown() override { scheduler_->Stop(Seconds(1)); }
  void Signal() {
    model::MonitorState state;
    state.monitor = model::MonitorId(1);
    state.last_signal_at = clock_.Now();
    state.last_signal_status = model::Status::kUp;
    intake_.PutState(state);
  }

  FakeClock clock_;
  Metrics metrics_;
  store::MonitorDirectory directory_;
  RecordingIntake intake_;
  probe::Catalog catalog_;
  std::unique_ptr<Scheduler> scheduler_;
};

// While we were asleep nobody could have signalled us.
TEST_F(SchedulerClockTest, TimeInWhichWeWereBlindIsNoSilence) {
  clock_.Advance(Hours(2));
  ASSERT_TRUE(intake_.WaitFor(3));
  model::Monitor shorter = *directory_.Find(model::MonitorId(1));
  shorter.revision = 2;
  directory_.Put(shorter);
  ASSERT_TRUE(intake_.WaitFor(4));
  const model::CheckResult last = intake_.Results().back();
  EXPECT_EQ(last.source, model::ResultSource::kSilence);
  EXPECT_EQ(last.observed, model::Status::kUp);
}

// A machine that started with its clock a year ahead must not wait a year to notice silence.
TEST_F(SchedulerClockTest, AfterTheClockWentBackSilenceIsStillNoticed) {
  intake_.SetWatchingSince(clock_.Now());
  clock_.JumpWallTo(clock_.Now() - Days(365));
  Signal();
  model::Monitor m = *directory_.Find(model::MonitorId(1));
  m.revision = 2;
  directory_.Put(m);
  ASSERT_TRUE(intake_.WaitFor(2));
  clock_.Advance(Hours(1));
  ASSERT_TRUE(intake_.WaitFor(3));
  EXPECT_EQ(intake_.Results().back().observed, model::Status::kDown);
}

}  // namespace
}  // namespace pharos::schedule
