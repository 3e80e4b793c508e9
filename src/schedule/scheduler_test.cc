#include "schedule/scheduler.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "base/crypto.h"

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
  Timestamp watching_since() const override { return FromUnixSeconds(0); }
  void Stop() override {}

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
  directory_.Put(MakeMonitor("not-yet", "sql"));
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

}  // namespace
}  // namespace pharos::schedule
