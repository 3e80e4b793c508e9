#include "rules/heartbeat_policy.h"

#include <gtest/gtest.h>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::Status;

model::Monitor HeartbeatMonitor() {
  model::Monitor monitor;
  monitor.kind = "heartbeat";
  return monitor;
}

model::MonitorState SignalledAt(Timestamp at, Status status = Status::kUp) {
  model::MonitorState state;
  state.last_signal_at = at;
  state.last_signal_status = status;
  return state;
}

const Timestamp kStart = Walk::At(0);

TEST(HeartbeatPolicy, NeverSignalledIsNoData) {
  const SilenceVerdict verdict =
      JudgeSilence(HeartbeatMonitor(), model::MonitorState{}, kStart + Days(30), kStart);
  EXPECT_EQ(verdict.status, Status::kNoData);
  EXPECT_EQ(verdict.message, "No heartbeat received yet");
  EXPECT_EQ(verdict.age_ms, 0);
}

TEST(HeartbeatPolicy, DefaultLimits) {
  const struct {
    Duration silence;
    Status status;
    const char* message;
  } rows[] = {
      {Seconds(0), Status::kUp, ""},
      {Seconds(300), Status::kUp, ""},
      {Seconds(300) + Milliseconds(1), Status::kDegraded,
       "No heartbeat received in the last 5 minutes"},
      {Seconds(600), Status::kDegraded, "No heartbeat received in the last 5 minutes"},
      {Seconds(600) + Milliseconds(1), Status::kDown,
       "No heartbeat received in the last 10 minutes"},
      {Days(40), Status::kDown, "No heartbeat received in the last 10 minutes"},
  };
  for (const auto& row : rows) {
    const SilenceVerdict verdict = JudgeSilence(HeartbeatMonitor(), SignalledAt(kStart),
                                                kStart + row.silence, kStart - Days(1));
    EXPECT_EQ(verdict.status, row.status) << ToMillis(row.silence);
    EXPECT_EQ(verdict.message, row.message);
    EXPECT_EQ(verdict.age_ms, ToMillis(row.silence));
  }
}

// kodo.md 11.3: silence is down or nothing.
TEST(HeartbeatPolicy, WithoutALimitSilenceNeverDegrades) {
  model::Monitor monitor = HeartbeatMonitor();
  monitor.spec.Set("degraded_after_s", 0);
  monitor.spec.Set("down_after_s", 600);
  const auto judge = [&](int seconds, Status said) {
    return JudgeSilence(monitor, SignalledAt(kStart, said), kStart + Seconds(seconds), kStart)
        .status;
  };
  EXPECT_EQ(judge(301, Status::kUp), Status::kUp);
  EXPECT_EQ(judge(600, Status::kUp), Status::kUp);
  EXPECT_EQ(judge(601, Status::kUp), Status::kDown);
  EXPECT_EQ(judge(301, Status::kDegraded), Status::kDegraded);
}

TEST(HeartbeatPolicy, LimitsOfTheSpec) {
  model::Monitor monitor = HeartbeatMonitor();
  monitor.spec.Set("degraded_after_s", 90);
  monitor.spec.Set("down_after_s", 120);
  const auto judge = [&](int seconds) {
    return JudgeSilence(monitor, SignalledAt(kStart), kStart + Seconds(seconds), kStart);
  };
  EXPECT_EQ(judge(90).status, Status::kUp);
  EXPECT_EQ(judge(91).status, Status::kDegraded);
  EXPECT_EQ(judge(91).message, "No heartbeat received in the last 90 seconds");
  EXPECT_EQ(judge(121).status, Status::kDown);
  EXPECT_EQ(judge(121).message, "No heartbeat received in the last 2 minutes");
}

TEST(HeartbeatPolicy, ReportedStatusStands) {
  const auto judge = [&](Status reported, int seconds) {
    return JudgeSilence(HeartbeatMonitor(), SignalledAt(kStart, reported),
                        kStart + Seconds(seconds), kStart);
  };
  EXPECT_EQ(judge(Status::kDown, 10).status, Status::kDown);
  EXPECT_EQ(judge(Status::kDown, 10).message, "Last heartbeat reported down");
  EXPECT_EQ(judge(Status::kDegraded, 10).status, Status::kDegraded);
  EXPECT_EQ(judge(Status::kDown, 400).status, Status::kDown);
  EXPECT_EQ(judge(Status::kDegraded, 700).status, Status::kDown);
}

TEST(HeartbeatPolicy, OneFullGraceAfterARestart) {
  const Timestamp restarted = kStart + Hours(2);
  const auto judge = [&](int seconds) {
    return JudgeSilence(HeartbeatMonitor(), SignalledAt(kStart), restarted + Seconds(seconds),
                        restarted);
  };
  EXPECT_EQ(judge(60).status, Status::kUp);
  EXPECT_EQ(judge(60).age_ms, ToMillis(Hours(2) + Seconds(60)));
  EXPECT_EQ(judge(301).status, Status::kDegraded);
  EXPECT_EQ(judge(601).status, Status::kDown);
}

// A restart is no sign of life of the reporter: no recovery, and no second alert after it.
TEST(HeartbeatPolicy, ARestartDoesNotWakeWhoWasSilent) {
  const Timestamp restarted = kStart + Hours(2);
  const auto judge = [&](Status before, int seconds, Timestamp signal) {
    model::MonitorState state = SignalledAt(signal);
    state.observed = before;
    return JudgeSilence(HeartbeatMonitor(), state, restarted + Seconds(seconds), restarted);
  };
  EXPECT_EQ(judge(Status::kDown, 0, kStart).status, Status::kDown);
  EXPECT_EQ(judge(Status::kDown, 60, kStart).message,
            "No heartbeat received in the last 10 minutes");
  EXPECT_EQ(judge(Status::kDegraded, 60, kStart).status, Status::kDegraded);
  EXPECT_EQ(judge(Status::kDegraded, 601, kStart).status, Status::kDown);
  EXPECT_EQ(judge(Status::kUp, 60, kStart).status, Status::kUp);
  EXPECT_EQ(judge(Status::kNoData, 60, kStart).status, Status::kUp);
  // Somebody has raised the limits since, or a signal came.
  EXPECT_EQ(judge(Status::kDown, 60, restarted - Seconds(200)).status, Status::kUp);
}

TEST(HeartbeatPolicy, SignalFromTheFutureIsFresh) {
  const SilenceVerdict verdict =
      JudgeSilence(HeartbeatMonitor(), SignalledAt(kStart + Minutes(5)), kStart, kStart);
  EXPECT_EQ(verdict.status, Status::kUp);
  EXPECT_EQ(verdict.age_ms, 0);
}

TEST(HeartbeatPolicy, SenselessLimitsFallBack) {
  model::Monitor monitor = HeartbeatMonitor();
  monitor.spec.Set("degraded_after_s", 0);
  monitor.spec.Set("down_after_s", -1);
  EXPECT_EQ(JudgeSilence(monitor, SignalledAt(kStart), kStart + Seconds(299), kStart).status,
            Status::kUp);
  EXPECT_EQ(JudgeSilence(monitor, SignalledAt(kStart), kStart + Seconds(601), kStart).status,
            Status::kDown);
}

}  // namespace
}  // namespace pharos::rules
