#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/check_result.h"
#include "rules/status_engine.h"

namespace pharos::rules {

// For tests of this module: one monitor, judged result by result the way intake does it, with
// everything that was stored, recorded and queued on the way.
struct Walk {
  model::Monitor monitor;
  model::MonitorState state;
  model::ActiveOverlay overlay;
  std::map<Timestamp, model::Sample> samples;
  std::vector<model::Transition> transitions;
  std::vector<model::Transition> deliveries;
  std::vector<QueueNotice> notices;
  Upstream upstream;
  Effects last;
  // The state's row as intake writes it, and the samples stored since.
  model::MonitorState row;
  std::vector<model::Sample> since_row;
  Timestamp clock{};  // never goes back by itself

  explicit Walk(int threshold = 1) {
    monitor.id = model::MonitorId(7);
    monitor.org = model::OrgId(1);
    monitor.uid = "c0ffee00-0000-4000-8000-000000000007";
    monitor.tag = "web-shop";
    monitor.kind = "http";
    monitor.schedule.kind = model::Schedule::Kind::kInterval;
    monitor.schedule.interval = Minutes(1);
    monitor.confirmation_threshold = threshold;
    state.monitor = row.monitor = monitor.id;
  }

  // Minute number `n` of the test's day.
  static Timestamp At(int n) { return FromUnixSeconds(1'772'600'400) + Minutes(n); }

  static model::CheckResult Probe(Timestamp at, model::Status observed, double latency_ms = 25,
                                  std::string message = "") {
    model::CheckResult result;
    result.at = result.finished_at = at;
    result.observed = observed;
    result.latency_ms = latency_ms;
    result.message = std::move(message);
    return result;
  }
  static model::CheckResult Tick(Timestamp at) {
    model::CheckResult result;
    result.at = at;
    result.source = model::ResultSource::kTick;
    result.outcome = model::CheckOutcome::kNone;
    return result;
  }
  static model::CheckResult Signal(Timestamp at, model::Status observed = model::Status::kUp) {
    model::CheckResult result = Probe(at, observed, 0);
    result.source = model::ResultSource::kHeartbeat;
    return result;
  }
  static model::CheckResult Blind(Timestamp at) {
    model::CheckResult result;
    result.at = at;
    result.outcome = model::CheckOutcome::kBlind;
    return result;
  }

  // A moment after `at`, or later if the clock is there already.
  Timestamp NowAfter(Timestamp at) { return clock = std::max(clock, at + Seconds(1)); }

  void Judge(model::CheckResult result) { Judge(result, NowAfter(result.at)); }
  void Judge(model::CheckResult result, Timestamp now) {
    result.monitor = monitor.id;
    Apply(JudgeResult(monitor, state, result, overlay, now, upstream));
  }
  void Review(Timestamp now) { Apply(ReviewDoubt(monitor, state, upstream, now)); }
  void Check(int minute, model::Status observed, double latency_ms = 25, std::string message = "") {
    Judge(Probe(At(minute), observed, latency_ms, std::move(message)));
  }
  void Manual(int minute, model::Status status, double latency_ms = 0) {
    model::Sample sample;
    sample.at = At(minute);
    sample.status = status;
    sample.latency_ms = latency_ms;
    Apply(JudgeManualSample(monitor, state, sample, NowAfter(sample.at)));
  }

  void Apply(Effects effects) {
    const model::MonitorState before = state;
    const size_t moves = transitions.size();
    std::vector<model::Sample> stored;
    for (const Effect& effect : effects) {
      if (const auto* store = std::get_if<StoreSample>(&effect)) {
        samples[store->sample.at] = store->sample;
        stored.push_back(store->sample);
      } else if (const auto* set = std::get_if<SetState>(&effect)) {
        state = set->state;
      } else if (const auto* record = std::get_if<RecordTransition>(&effect)) {
        transitions.push_back(record->transition);
      } else if (const auto* queue = std::get_if<QueueDelivery>(&effect)) {
        deliveries.push_back(queue->transition);
      } else if (const auto* notice = std::get_if<QueueNotice>(&effect)) {
        notices.push_back(*notice);
      }
    }
    last = std::move(effects);
    if (transitions.size() > moves || !ReplaySays(before, last)) {
      row = state;
      since_row.clear();
    } else {
      since_row.insert(since_row.end(), stored.begin(), stored.end());
    }
  }

  // What a start after a crash finds out of the row and the samples after it.
  model::MonitorState Replayed() const {
    model::MonitorState replayed = row;
    for (const model::Sample& sample : since_row) ObserveStoredSample(replayed, sample);
    return replayed;
  }

  const model::Sample& Stored(int minute) const { return samples.at(At(minute)); }
  // What stands in minutes 0 .. count-1, one letter each: U D G(degraded) P M N, '-' for no sample.
  std::string Line(int count) const {
    std::string line;
    for (int n = 0; n < count; ++n) {
      const auto found = samples.find(At(n));
      line += found == samples.end() ? '-' : "UGPDMN"[static_cast<size_t>(found->second.status)];
    }
    return line;
  }
};

}  // namespace pharos::rules
