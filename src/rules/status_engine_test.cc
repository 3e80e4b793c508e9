#include "rules/status_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "rules/rules_testing.h"

namespace pharos::rules {
namespace {

using model::CheckOutcome;
using model::ResultSource;
using model::SampleOrigin;
using model::Status;

Walk ManualWalk(bool repeat_last) {
  Walk walk;
  walk.monitor.kind = "manual";
  walk.monitor.spec.Set("repeat_last", repeat_last);
  return walk;
}

// --- Times (product.md 1.3, 3.2) ---

TEST(SampleTime, ByScheduleAndSource) {
  Walk walk;
  const Timestamp at = Walk::At(3) + Seconds(17) + Milliseconds(345) + Duration(678);
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3));
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Signal(at)),
            Walk::At(3) + Seconds(17) + Milliseconds(345));
  walk.monitor.schedule.interval = Seconds(59);
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3) + Seconds(17));
  walk.monitor.schedule.interval = Hours(6);
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3));
  walk.monitor.schedule.kind = model::Schedule::Kind::kNever;
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3));
  walk.monitor.schedule.kind = model::Schedule::Kind::kCron;
  walk.monitor.schedule.cron = "* * * * *";
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3));
  walk.monitor.schedule.cron = "*/5 * * * * *";
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Probe(at, Status::kUp)), Walk::At(3) + Seconds(17));
}

TEST(SampleTime, SignalStepsAsideOfTheScheduledSample) {
  const Walk walk;
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Signal(Walk::At(3))), Walk::At(3) + Milliseconds(1));
  EXPECT_EQ(SampleTime(walk.monitor, Walk::Signal(Walk::At(3) + Seconds(1))),
            Walk::At(3) + Seconds(1));
}

// --- Layers (product.md 1.4, 1.5) ---

TEST(StatusEngine, OriginsOfResults) {
  const struct {
    CheckOutcome outcome;
    ResultSource source;
    Status observed;
    SampleOrigin origin;
    Status stored;
  } rows[] = {
      {CheckOutcome::kAnswered, ResultSource::kProbe, Status::kUp, SampleOrigin::kRealtime,
       Status::kUp},
      {CheckOutcome::kAnswered, ResultSource::kPush, Status::kDegraded, SampleOrigin::kRealtime,
       Status::kDegraded},
      {CheckOutcome::kAnswered, ResultSource::kSilence, Status::kDown, SampleOrigin::kRealtime,
       Status::kDown},
      {CheckOutcome::kTimeout, ResultSource::kProbe, Status::kDown, SampleOrigin::kTimeout,
       Status::kDown},
      {CheckOutcome::kError, ResultSource::kProbe, Status::kDown, SampleOrigin::kError,
       Status::kDown},
      {CheckOutcome::kBlocked, ResultSource::kProbe, Status::kDown, SampleOrigin::kBlind,
       Status::kNoData},
      {CheckOutcome::kBlind, ResultSource::kProbe, Status::kUp, SampleOrigin::kBlind,
       Status::kNoData},
      {CheckOutcome::kAnswered, ResultSource::kManual, Status::kUp, SampleOrigin::kManual,
       Status::kUp},
  };
  for (const auto& row : rows) {
    Walk walk;
    model::CheckResult result = Walk::Probe(Walk::At(0), row.observed);
    result.outcome = row.outcome;
    result.source = row.source;
    walk.Judge(result);
    EXPECT_EQ(walk.Stored(0).origin, row.origin);
    EXPECT_EQ(walk.Stored(0).status, row.stored);
    EXPECT_EQ(walk.state.shown, row.stored);
    EXPECT_TRUE(std::holds_alternative<SetState>(walk.last.back()));
  }
}

TEST(StatusEngine, LayersInOrder) {
  const struct {
    std::optional<Status> fallback;
    std::optional<Status> observed;
    std::optional<Status> incident;
    std::optional<Status> maintenance;
    std::optional<std::pair<Status, SampleOrigin>> stored;
  } rows[] = {
      {{}, {}, {}, {}, {}},
      {Status::kUp, {}, {}, {}, {{Status::kUp, SampleOrigin::kDefault}}},
      {Status::kDegraded, {}, {}, {}, {{Status::kDegraded, SampleOrigin::kDefault}}},
      {Status::kPartialOutage, {}, {}, {}, {{Status::kPartialOutage, SampleOrigin::kDefault}}},
      {Status::kDown, {}, {}, {}, {{Status::kDown, SampleOrigin::kDefault}}},
      {Status::kMaintenance, {}, {}, {}, {}},
      {Status::kNoData, {}, {}, {}, {}},
      {Status::kDown, Status::kUp, {}, {}, {{Status::kUp, SampleOrigin::kRealtime}}},
      {Status::kDown, Status::kNoData, {}, {}, {{Status::kDown, SampleOrigin::kDefault}}},
      {{}, Status::kNoData, {}, {}, {{Status::kNoData, SampleOrigin::kRealtime}}},
      {{}, Status::kUp, Status::kDown, {}, {{Status::kDown, SampleOrigin::kIncident}}},
      {{}, {}, Status::kDown, {}, {{Status::kDown, SampleOrigin::kIncident}}},
      {Status::kUp, {}, Status::kDegraded, {}, {{Status::kDegraded, SampleOrigin::kIncident}}},
      {{},
       Status::kDown,
       {},
       Status::kMaintenance,
       {{Status::kMaintenance, SampleOrigin::kMaintenance}}},
      {Status::kUp,
       Status::kUp,
       Status::kDown,
       Status::kDegraded,
       {{Status::kDegraded, SampleOrigin::kMaintenance}}},
  };
  int number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(number++);
    Walk walk;
    walk.monitor.default_status = row.fallback;
    walk.overlay = {row.incident, row.maintenance};
    walk.Judge(row.observed ? Walk::Probe(Walk::At(0), *row.observed) : Walk::Tick(Walk::At(0)));
    ASSERT_EQ(walk.samples.size(), row.stored ? 1u : 0u);
    if (!row.stored) continue;
    EXPECT_EQ(walk.Stored(0).status, row.stored->first);
    EXPECT_EQ(walk.Stored(0).origin, row.stored->second);
    EXPECT_EQ(walk.Stored(0).observed, row.observed.value_or(Status::kNoData));
  }
}

TEST(StatusEngine, MessagesOfLayers) {
  Walk walk;
  walk.monitor.default_status = Status::kDown;
  walk.Judge(Walk::Tick(Walk::At(0)));
  EXPECT_EQ(walk.Stored(0).message, "Default status applied");
  walk.monitor.default_status = Status::kUp;
  walk.Judge(Walk::Tick(Walk::At(1)));
  EXPECT_EQ(walk.Stored(1).message, "");
  walk.Check(2, Status::kNoData, 0, "No heartbeat received yet");
  EXPECT_EQ(walk.Stored(2).message, "") << "the default drops what was observed";
  walk.overlay.incident = Status::kDown;
  walk.Check(3, Status::kDown, 10, "refused");
  EXPECT_EQ(walk.Stored(3).message, "Status set by manual incident");
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Check(4, Status::kUp);
  EXPECT_EQ(walk.Stored(4).message, "Status set by manual maintenance");
  EXPECT_EQ(walk.state.message, walk.Stored(4).message);
}

TEST(StatusEngine, LatencyIsKeptUnderOverlays) {
  Walk walk;
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Check(0, Status::kUp, 42);
  EXPECT_EQ(walk.Stored(0).latency_ms, 42);
  EXPECT_EQ(walk.state.latency_ms, 42);
  walk.Check(1, Status::kUp, 0);
  EXPECT_EQ(walk.Stored(1).latency_ms, 0);
  EXPECT_EQ(walk.state.latency_ms, 42) << "of the newest sample that has one";
}

TEST(StatusEngine, BrokenLatenciesAreNotMeasured) {
  Walk walk;
  walk.Check(0, Status::kUp, -5);
  walk.Check(1, Status::kUp, std::numeric_limits<double>::quiet_NaN());
  walk.Check(2, Status::kUp, std::numeric_limits<double>::infinity());
  model::CheckResult none = Walk::Probe(Walk::At(3), Status::kUp);
  none.latency_ms.reset();
  walk.Judge(none);
  for (int n = 0; n < 4; ++n) EXPECT_EQ(walk.Stored(n).latency_ms, 0);
}

TEST(StatusEngine, MessagesAreCut) {
  Walk walk;
  walk.Check(0, Status::kDown, 1, std::string(500, 'x'));
  EXPECT_EQ(walk.Stored(0).message, std::string(197, 'x') + "...");
  EXPECT_EQ(walk.transitions.back().cause, walk.Stored(0).message);
}

TEST(StatusEngine, DefaultThatIsTakenAwayIsNoLongerShown) {
  Walk walk = ManualWalk(false);
  walk.monitor.default_status = Status::kUp;
  walk.Judge(Walk::Tick(Walk::At(0)));
  EXPECT_EQ(walk.state.shown, Status::kUp);
  walk.monitor.default_status.reset();
  walk.Judge(Walk::Tick(Walk::At(1)));
  EXPECT_EQ(walk.Line(2), "U-");
  EXPECT_EQ(walk.state.shown, Status::kNoData);
}

// --- Overlays (product.md 1.7, 1.8) ---

TEST(StatusEngine, ObservedStatusIsBackAfterTheIncident) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.overlay.incident = Status::kDown;
  walk.Check(1, Status::kUp);
  walk.overlay.incident.reset();
  walk.Check(2, Status::kUp);
  EXPECT_EQ(walk.Line(3), "UDU");
  EXPECT_EQ(walk.Stored(1).observed, Status::kUp);
}

TEST(StatusEngine, ManualStatusIsBackAfterTheIncident) {
  Walk walk = ManualWalk(false);
  walk.Manual(0, Status::kUp);
  walk.overlay.incident = Status::kDown;
  walk.Judge(Walk::Tick(Walk::At(1)));
  EXPECT_EQ(walk.state.shown, Status::kDown);
  walk.overlay.incident.reset();
  walk.Judge(Walk::Tick(Walk::At(2)));
  EXPECT_EQ(walk.Line(3), "UD-");
  EXPECT_EQ(walk.state.shown, Status::kUp);
  EXPECT_EQ(walk.transitions.back().to, Status::kUp);
}

// --- Manual samples and repeating (product.md 1.6) ---

TEST(StatusEngine, ManualSampleMovesWhatIsShown) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.Manual(0, Status::kDown, 12);
  EXPECT_EQ(walk.Stored(0).origin, SampleOrigin::kManual);
  EXPECT_EQ(walk.Stored(0).observed, Status::kDown);
  EXPECT_EQ(walk.state.shown, Status::kDown);
  EXPECT_TRUE(walk.state.newest_is_manual);
  EXPECT_EQ(walk.deliveries.back().to, Status::kDown);
  walk.Check(1, Status::kUp);
  EXPECT_EQ(walk.Line(2), "DU");
  EXPECT_FALSE(walk.state.newest_is_manual);
}

TEST(StatusEngine, ManualSampleOfThePastChangesHistoryOnly) {
  Walk walk;
  walk.Check(5, Status::kUp);
  const model::MonitorState before = walk.state;
  walk.Manual(3, Status::kDown);
  EXPECT_EQ(walk.Stored(3).status, Status::kDown);
  EXPECT_EQ(walk.state, before);
  EXPECT_EQ(walk.transitions.size(), 1u);
}

TEST(StatusEngine, ManualSampleOfTheFutureDoesNotStopThePresent) {
  Walk walk;
  walk.Check(0, Status::kUp);
  model::Sample sample;
  sample.at = Walk::At(500);
  sample.status = Status::kMaintenance;
  walk.Apply(JudgeManualSample(walk.monitor, walk.state, sample, Walk::At(0)));
  EXPECT_EQ(walk.Stored(500).status, Status::kMaintenance);
  EXPECT_EQ(walk.state.shown, Status::kUp);
  walk.Check(1, Status::kDown);
  EXPECT_EQ(walk.state.shown, Status::kDown);
}

TEST(StatusEngine, TickReplacesTheManualSampleOfItsMinute) {
  Walk walk;
  walk.Manual(0, Status::kDown);
  walk.Check(0, Status::kUp);
  EXPECT_EQ(walk.Line(1), "U");
  EXPECT_EQ(walk.state.shown, Status::kUp);
}

TEST(StatusEngine, ManualMonitorRepeatsItsLastStatus) {
  Walk walk = ManualWalk(true);
  walk.monitor.default_status = Status::kUp;
  walk.Judge(Walk::Tick(Walk::At(0)));
  walk.Manual(1, Status::kDegraded, 80);
  walk.Judge(Walk::Tick(Walk::At(2)));
  walk.Judge(Walk::Tick(Walk::At(3)));
  EXPECT_EQ(walk.Line(4), "UGGG");
  EXPECT_EQ(walk.Stored(3).origin, SampleOrigin::kManual);
  EXPECT_EQ(walk.Stored(3).latency_ms, 80);
  walk.Manual(4, Status::kUp);
  walk.Judge(Walk::Tick(Walk::At(5)));
  EXPECT_EQ(walk.Stored(5).latency_ms, 0) << "not one from before the last entry";
}

TEST(StatusEngine, RepeatingGoesOnAfterAnOverlay) {
  Walk walk = ManualWalk(true);
  walk.Manual(0, Status::kDegraded);
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Judge(Walk::Tick(Walk::At(1)));
  walk.overlay.maintenance.reset();
  walk.Judge(Walk::Tick(Walk::At(2)));
  EXPECT_EQ(walk.Line(3), "GMG");
}

TEST(StatusEngine, OnlyManualMonitorsWithTheSwitchRepeat) {
  Walk off = ManualWalk(false);
  off.Manual(0, Status::kUp);
  off.Judge(Walk::Tick(Walk::At(1)));
  EXPECT_EQ(off.Line(2), "U-");
  EXPECT_EQ(off.state.shown, Status::kUp);
  Walk other = ManualWalk(true);
  other.monitor.kind = "http";
  other.Manual(0, Status::kUp);
  other.Judge(Walk::Tick(Walk::At(1)));
  EXPECT_EQ(other.Line(2), "U-");
}

// --- Blindness (architecture D17) ---

TEST(StatusEngine, BlindIsNeverFilledIn) {
  Walk walk;
  walk.monitor.default_status = Status::kUp;
  walk.Check(0, Status::kUp);
  walk.Judge(Walk::Blind(Walk::At(1)));
  EXPECT_EQ(walk.Line(2), "UN");
  EXPECT_EQ(walk.Stored(1).origin, SampleOrigin::kBlind);
  EXPECT_EQ(walk.Stored(1).message, "Monitor was blind");
  EXPECT_EQ(walk.state.shown, Status::kNoData);
}

TEST(StatusEngine, BlindnessAloneTellsNobody) {
  for (const Status status : {Status::kUp, Status::kDown, Status::kDegraded}) {
    Walk walk;
    walk.Check(0, status);
    const size_t before = walk.deliveries.size();
    walk.Judge(Walk::Blind(Walk::At(1)));
    walk.Judge(Walk::Blind(Walk::At(2)));
    walk.Check(3, status);
    EXPECT_EQ(walk.transitions.size(), 3u);
    EXPECT_EQ(walk.deliveries.size(), before);
  }
}

TEST(StatusEngine, ChangeAcrossBlindnessIsTold) {
  Walk failing;
  failing.Check(0, Status::kUp);
  failing.Judge(Walk::Blind(Walk::At(1)));
  failing.Check(2, Status::kDown);
  ASSERT_EQ(failing.deliveries.size(), 1u);
  EXPECT_EQ(failing.deliveries[0].to, Status::kDown);
  Walk recovering;
  recovering.Check(0, Status::kDown);
  recovering.Judge(Walk::Blind(Walk::At(1)));
  recovering.Check(2, Status::kUp);
  ASSERT_EQ(recovering.deliveries.size(), 2u);
  EXPECT_EQ(recovering.deliveries[1].to, Status::kUp);
}

TEST(StatusEngine, OverlayWinsOverBlindness) {
  Walk walk;
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Judge(Walk::Blind(Walk::At(0)));
  EXPECT_EQ(walk.Line(1), "M");
}

// --- Transitions and deliveries ---

TEST(StatusEngine, FirstSampleIsNewsOnlyWhenUnhealthy) {
  for (const Status status : model::kAllStatuses) {
    Walk walk;
    walk.Check(0, status);
    const bool unhealthy = model::SideOf(status) == model::Side::kUnhealthy;
    EXPECT_EQ(walk.transitions.size(), status == Status::kNoData ? 0u : 1u);
    EXPECT_EQ(walk.deliveries.size(), unhealthy ? 1u : 0u);
  }
}

TEST(StatusEngine, TransitionCarriesItsFacts) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kUp);
  walk.Check(2, Status::kDown, 9, "connection refused");
  ASSERT_EQ(walk.transitions.size(), 2u);
  const model::Transition& transition = walk.transitions[1];
  EXPECT_EQ(transition.org, walk.monitor.org);
  EXPECT_EQ(transition.monitor, walk.monitor.id);
  EXPECT_FALSE(transition.id.IsSet());
  EXPECT_EQ(transition.at, Walk::At(2));
  EXPECT_EQ(transition.from, Status::kUp);
  EXPECT_EQ(transition.to, Status::kDown);
  EXPECT_EQ(transition.cause, "connection refused");
  EXPECT_EQ(transition.ordinal, 2);
  EXPECT_EQ(walk.state.transitions, 2);
  EXPECT_EQ(walk.state.shown_since, Walk::At(2));
  ASSERT_EQ(walk.deliveries.size(), 1u);
  EXPECT_EQ(walk.deliveries[0].ordinal, 2);
}

TEST(StatusEngine, UnchangedStatusHasNoTransition) {
  Walk walk;
  walk.Check(0, Status::kDown);
  for (int n = 1; n < 10; ++n) walk.Check(n, Status::kDown);
  EXPECT_EQ(walk.transitions.size(), 1u);
  EXPECT_EQ(walk.last.size(), 2u);
  EXPECT_EQ(walk.state.shown_since, Walk::At(0));
}

TEST(StatusEngine, HeldChangeIsNoNews) {
  Walk walk(3);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.Check(2, Status::kDown);
  EXPECT_TRUE(walk.deliveries.empty());
  EXPECT_EQ(walk.state.shown, Status::kUp);
  EXPECT_EQ(walk.state.observed, Status::kDown);
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.deliveries.size(), 1u);
}

// --- Late results, paused monitors, wrong clocks ---

TEST(StatusEngine, LateResultKeepsTheState) {
  Walk walk(3);
  walk.Check(5, Status::kUp);
  const model::MonitorState before = walk.state;
  walk.Judge(Walk::Probe(Walk::At(3), Status::kDown, 5, "refused"));
  EXPECT_EQ(walk.Stored(3).status, Status::kDown);
  EXPECT_EQ(walk.Stored(3).message, "refused");
  EXPECT_EQ(walk.state, before);
  EXPECT_EQ(walk.transitions.size(), 1u);
}

TEST(StatusEngine, PausedMonitorRecordsButDoesNotMove) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.monitor.active = false;
  model::MonitorState before = walk.state;
  walk.Check(1, Status::kDown);
  before.last_sample_at = Walk::At(1);  // so that no replay takes it for a new one
  EXPECT_EQ(walk.state, before);
  walk.Judge(Walk::Signal(Walk::At(2) + Seconds(5), Status::kDown));
  EXPECT_EQ(walk.state.last_signal_at, Walk::At(2) + Seconds(5));
  EXPECT_EQ(walk.state.shown, Status::kUp);
  walk.Manual(3, Status::kDown);
  EXPECT_EQ(walk.state.shown, Status::kDown);
  EXPECT_TRUE(walk.deliveries.empty());
}

TEST(StatusEngine, ClockThatIsSetBackDoesNotStopTheMonitor) {
  Walk walk;
  walk.Check(600, Status::kUp);
  walk.clock = Walk::At(0);
  walk.Check(0, Status::kDown);
  EXPECT_EQ(walk.state.shown, Status::kDown);
  EXPECT_EQ(walk.state.last_sample_at, Walk::At(0));
  walk.Check(1, Status::kUp);
  EXPECT_EQ(walk.state.shown, Status::kUp);
}

// --- Heartbeats (kodo.md 11.3) ---

TEST(StatusEngine, SignalIsStoredAndEffectiveAtOnce) {
  Walk walk(5);
  walk.Check(0, Status::kDown);
  const Timestamp at = Walk::At(1) + Seconds(20) + Milliseconds(7);
  model::CheckResult signal = Walk::Signal(at);
  signal.latency_ms = 900;
  walk.Judge(signal);
  const model::Sample& sample = walk.samples.at(at);
  EXPECT_EQ(sample.origin, SampleOrigin::kSignal);
  EXPECT_EQ(sample.status, Status::kUp);
  EXPECT_EQ(sample.latency_ms, 0);
  EXPECT_EQ(walk.state.shown, Status::kUp);
  EXPECT_EQ(walk.state.last_signal_at, at);
  EXPECT_EQ(walk.deliveries.back().to, Status::kUp);
  walk.Check(2, Status::kUp);
  EXPECT_EQ(walk.state.shown, Status::kUp) << "not held against the status before the signal";
}

TEST(StatusEngine, SignalMayReportTrouble) {
  Walk walk(5);
  for (const Status status : {Status::kUp, Status::kDown, Status::kDegraded, Status::kUp}) {
    walk.Judge(Walk::Signal(Walk::At(static_cast<int>(walk.samples.size())) + Seconds(9), status));
    EXPECT_EQ(walk.state.shown, status);
    EXPECT_EQ(walk.state.last_signal_status, status);
  }
  EXPECT_EQ(walk.transitions.size(), 4u);
  EXPECT_EQ(walk.deliveries.size(), 3u);
}

TEST(StatusEngine, SignalWithoutStatusMeansUp) {
  Walk walk;
  walk.Judge(Walk::Signal(Walk::At(0), Status::kNoData));
  EXPECT_EQ(walk.state.shown, Status::kUp);
}

TEST(StatusEngine, SignalLeavesTheOverlayInPlace) {
  Walk walk;
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Check(0, Status::kUp);
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(30), Status::kDown));
  EXPECT_EQ(walk.state.shown, Status::kMaintenance);
  EXPECT_EQ(walk.state.observed, Status::kDown);
  EXPECT_EQ(walk.state.last_signal_status, Status::kDown);
  EXPECT_EQ(walk.transitions.size(), 1u);
}

TEST(StatusEngine, CheckOfTheMinuteOfASignalIsNotLate) {
  Walk walk;
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(10)));
  model::CheckResult verdict = Walk::Probe(Walk::At(0) + Seconds(40), Status::kUp, 30'000);
  verdict.source = ResultSource::kSilence;
  walk.Judge(verdict);
  EXPECT_EQ(walk.Stored(0).latency_ms, 30'000);
  EXPECT_EQ(walk.state.latency_ms, 30'000);
  EXPECT_EQ(walk.state.last_sample_at, Walk::At(0) + Seconds(10));
}

TEST(StatusEngine, SignalThatOvertookTheVerdictOnSilenceWins) {
  Walk walk;
  walk.Check(0, Status::kUp);
  walk.Judge(Walk::Signal(Walk::At(1) + Seconds(30)));
  model::CheckResult verdict = Walk::Probe(Walk::At(1) + Seconds(29), Status::kDown, 0, "silence");
  verdict.source = ResultSource::kSilence;
  walk.Judge(verdict);
  EXPECT_EQ(walk.Stored(1).status, Status::kUp);
  EXPECT_TRUE(walk.deliveries.empty());
}

TEST(StatusEngine, OldSignalIsOnlyRecorded) {
  Walk walk;
  walk.Judge(Walk::Signal(Walk::At(5) + Seconds(1)));
  const model::MonitorState before = walk.state;
  walk.Judge(Walk::Signal(Walk::At(2) + Seconds(1), Status::kDown));
  EXPECT_EQ(walk.samples.size(), 2u);
  EXPECT_EQ(walk.state, before);
}

// --- Rebuilding a state (store/state_store.h) ---

TEST(ObserveStoredSample, OlderSamplesAreIgnored) {
  Walk walk;
  walk.Check(5, Status::kUp);
  model::MonitorState state = walk.state;
  model::Sample sample;
  sample.at = Walk::At(5);
  sample.status = Status::kDown;
  ObserveStoredSample(state, sample);
  EXPECT_EQ(state, walk.state);
}

TEST(ObserveStoredSample, ReplayReachesTheSameState) {
  Walk walk(3);
  walk.Check(0, Status::kUp, 11);
  walk.Check(1, Status::kDown, 12, "refused");
  walk.Check(2, Status::kDown, 13, "refused");
  EXPECT_EQ(walk.since_row.size(), 2U) << "held checks need no row";
  EXPECT_EQ(walk.Replayed(), walk.state);
  walk.state = walk.Replayed();
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.Line(4), "UDDD");
}

TEST(ObserveStoredSample, SignalsAndManualEntries) {
  Walk walk;
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(7), Status::kDegraded));
  walk.Judge(Walk::Signal(Walk::At(1) + Seconds(9), Status::kDegraded));
  EXPECT_EQ(walk.since_row.size(), 1U) << "the first one changed what is shown";
  EXPECT_EQ(walk.Replayed(), walk.state);
  Walk manual = ManualWalk(true);
  manual.Manual(0, Status::kDegraded, 5);
  EXPECT_TRUE(manual.since_row.empty()) << "entries by hand write the row";
  EXPECT_EQ(manual.Replayed(), manual.state);
}

int FailingReports(const Walk& walk) {
  return static_cast<int>(std::count_if(walk.last.begin(), walk.last.end(), [](const Effect& e) {
    return std::holds_alternative<ReportFailing>(e);
  }));
}

TEST(Failures, AreCountedWhateverIsShown) {
  Walk walk(10);
  walk.Check(0, Status::kUp);
  int minute = 1;
  const auto after = [&](model::CheckOutcome outcome, Status observed) {
    model::CheckResult result = Walk::Probe(Walk::At(minute++), observed);
    result.outcome = outcome;
    walk.Judge(result);
    return walk.state.failures;
  };
  using model::CheckOutcome;
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kDown), 1);
  EXPECT_EQ(walk.state.shown, Status::kUp);
  EXPECT_EQ(after(CheckOutcome::kTimeout, Status::kDown), 2);
  EXPECT_EQ(after(CheckOutcome::kError, Status::kNoData), 3);
  EXPECT_EQ(after(CheckOutcome::kBlocked, Status::kNoData), 3);
  EXPECT_EQ(after(CheckOutcome::kBlind, Status::kNoData), 3);
  EXPECT_EQ(after(CheckOutcome::kNone, Status::kNoData), 3);
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kNoData), 3);
  walk.overlay.maintenance = Status::kMaintenance;
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kDown), 4);
  walk.overlay = {};
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kDegraded), 0);
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kDown), 1);
  EXPECT_EQ(after(CheckOutcome::kAnswered, Status::kUp), 0);
}

TEST(Failures, OfHeartbeatsCountToo) {
  Walk walk;
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(1), Status::kDown));
  EXPECT_EQ(walk.state.failures, 1);
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(1), Status::kDown));
  EXPECT_EQ(walk.state.failures, 1) << "the same one again";
  walk.Judge(Walk::Signal(Walk::At(0) + Seconds(9)));
  EXPECT_EQ(walk.state.failures, 0);
}

TEST(Failures, AreReportedOnceWhenThereAreEnough) {
  Walk walk;
  walk.monitor.auto_incident = {true, 3, Seconds(900), {}};
  std::string reports;
  for (int n = 0; n < 9; ++n) {
    walk.Check(n, n == 5 ? Status::kUp : Status::kDown, 25, "refused");
    reports += FailingReports(walk) == 1 ? 'x' : '.';
  }
  EXPECT_EQ(reports, "..x.....x");
  walk.monitor.auto_incident.enabled = false;
  walk.Check(9, Status::kUp);
  for (int n = 10; n < 15; ++n) {
    walk.Check(n, Status::kDown);
    EXPECT_EQ(FailingReports(walk), 0);
  }
}

TEST(Failures, LateResultsAndPausedMonitorsDoNotCount) {
  Walk walk;
  walk.Check(5, Status::kDown);
  walk.Check(3, Status::kDown);
  EXPECT_EQ(walk.state.failures, 1);
  walk.monitor.active = false;
  walk.Check(6, Status::kDown);
  EXPECT_EQ(walk.state.failures, 1);
}

TEST(StatusEngine, NumbersOfTheResultAreStored) {
  Walk walk;
  walk.monitor.default_status = Status::kUp;
  model::CheckResult result = Walk::Probe(Walk::At(0), Status::kDown);
  result.code = 503;
  result.attempts = 3;
  walk.Judge(result);
  EXPECT_EQ(walk.Stored(0).code, 503);
  EXPECT_EQ(walk.Stored(0).attempts, 3);
  walk.overlay.incident = Status::kDegraded;
  result.at = Walk::At(1);
  result.attempts = 0;
  walk.Judge(result);
  EXPECT_EQ(walk.Stored(1).code, 503);
  EXPECT_EQ(walk.Stored(1).attempts, 1) << "it took one at least";
  walk.overlay = {};
  result.at = Walk::At(2);
  result.observed = Status::kNoData;
  walk.Judge(result);
  EXPECT_EQ(walk.Stored(2).origin, SampleOrigin::kDefault);
  EXPECT_EQ(walk.Stored(2).code, 503);
}

TEST(StatusEngine, FactsStayUntilThereAreNewOnes) {
  Walk walk;
  model::CheckResult result = Walk::Probe(Walk::At(0), Status::kUp);
  result.facts.Set("issuer", "one");
  walk.Judge(result);
  walk.Check(1, Status::kDown);
  EXPECT_EQ(walk.state.facts.StringOr("issuer", ""), "one");
  result.at = Walk::At(2);
  result.facts = {};
  result.facts.Set("registrar", "two");
  walk.Judge(result);
  EXPECT_EQ(walk.state.facts.StringOr("issuer", ""), "");
  EXPECT_EQ(walk.state.facts.StringOr("registrar", ""), "two");
}

// product.md 5.6: alerts see neither failure nor success meanwhile.
TEST(StatusEngine, NobodyIsToldOfWhatAMaintenanceShows) {
  for (const Status impact : {Status::kMaintenance, Status::kDown, Status::kDegraded}) {
    for (const Status after : {Status::kUp, Status::kDown}) {
      Walk walk;
      walk.Check(0, Status::kUp);
      walk.overlay.maintenance = impact;
      walk.Check(1, Status::kDown);
      walk.Check(2, Status::kUp);
      walk.overlay = {};
      walk.Check(3, after);
      const bool is_news = after == Status::kDown;
      EXPECT_EQ(walk.deliveries.size(), is_news && impact != Status::kDown ? 1U : 0U)
          << static_cast<int>(impact);
    }
  }
}

TEST(ObserveStoredSample, CountsFailures) {
  Walk walk(5);
  walk.Check(0, Status::kUp);
  walk.Check(1, Status::kDown);
  walk.overlay.maintenance = Status::kMaintenance;
  walk.Check(2, Status::kDown);
  walk.overlay = {};
  walk.Judge(Walk::Blind(Walk::At(3)));
  walk.Check(4, Status::kDown);
  model::MonitorState replayed;
  replayed.monitor = walk.monitor.id;
  for (const auto& [at, sample] : walk.samples) ObserveStoredSample(replayed, sample);
  EXPECT_EQ(walk.state.failures, 3);
  EXPECT_EQ(replayed.failures, 3);
}

}  // namespace
}  // namespace pharos::rules
