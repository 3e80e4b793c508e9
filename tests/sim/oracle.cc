#include "oracle.h"

#include <algorithm>

#include "model/event.h"
#include "model/rollup.h"
#include "rules/status_engine.h"
#include "store/delivery_store.h"
#include "store/event_store.h"
#include "store/history_store.h"
#include "store/transition_store.h"

namespace pharos::sim {
namespace {

constexpr Timestamp kBegin = FromUnixSeconds(0);
constexpr Timestamp kEnd = FromUnixSeconds(4'000'000'000);

std::string Name(model::MonitorId id) { return "monitor " + std::to_string(id.value()); }
std::string Word(model::Status status) { return std::string(model::StatusName(status)); }

}  // namespace

bool Oracle::Expect(bool holds, const std::string& what) {
  ++checked_;
  if (!holds) Fail(what);
  return holds;
}

void Oracle::Acknowledged(const model::Monitor& monitor, const model::CheckResult& result) {
  if (groups_.contains(monitor.id)) return;
  const Timestamp at = rules::SampleTime(monitor, result);
  // Ticks and verdicts on silence may store what the state says, or nothing at all.
  if (result.source == model::ResultSource::kTick ||
      result.source == model::ResultSource::kSilence ||
      result.outcome == model::CheckOutcome::kNone) {
    said_[monitor.id].erase(at);
    return;
  }
  const bool is_ours = result.outcome == model::CheckOutcome::kBlind ||
                       result.outcome == model::CheckOutcome::kBlocked;
  said_[monitor.id][at] = {is_ours ? model::Status::kNoData : result.observed, false};
}

void Oracle::AcknowledgedManual(model::MonitorId monitor, const model::Sample& sample) {
  if (groups_.contains(monitor)) return;
  said_[monitor][sample.at] = {sample.status, true};
}

void Oracle::Deleted(model::MonitorId monitor) {
  said_.erase(monitor);
  due_.erase(monitor);
  deleted_.insert(monitor);
}

void Oracle::Due(const model::Monitor& monitor, Timestamp at) {
  Expect(due_[monitor.id].insert(at).second,
         Name(monitor.id) + " is due twice at " + FormatIsoMillis(at));
}

void Oracle::CompareStates(const model::MonitorState& before, const model::MonitorState& after) {
  const std::string name = Name(before.monitor) + " after the crash: ";
  Expect(before.shown == after.shown,
         name + "shows " + Word(after.shown) + " instead of " + Word(before.shown));
  Expect(before.transitions == after.transitions,
         name + "counts " + std::to_string(after.transitions) + " transitions instead of " +
             std::to_string(before.transitions));
  Expect(before.shown_since == after.shown_since, name + "shown since another time");
  if (clock_went_back_) return;
  Expect(before.anchor == after.anchor, name + "another anchor");
  Expect(before.held == after.held, name + "holds " + std::to_string(after.held.size()) +
                                        " samples instead of " +
                                        std::to_string(before.held.size()));
  Expect(before.last_sample_at == after.last_sample_at,
         name + "its newest sample is of " + FormatIsoMillis(after.last_sample_at) +
             " instead of " + FormatIsoMillis(before.last_sample_at));
  // Receipts are stored by the millisecond.
  const Duration apart = before.last_signal_at - after.last_signal_at;
  Expect(apart <= Milliseconds(1) && apart >= -Milliseconds(1), name + "another last signal");
  Expect(before.last_signal_status == after.last_signal_status, name + "another last signal");
  Expect(before.newest_is_manual == after.newest_is_manual, name + "whether the newest is manual");
  Expect(before.failures == after.failures, name + "counts " + std::to_string(after.failures) +
                                                " failures instead of " +
                                                std::to_string(before.failures));
}

void Oracle::CompareStore(store::Store& store, const std::vector<model::MonitorState>& states) {
  auto session = store.Read();
  if (!Expect(session.has_value(), "the store cannot be read")) return;
  for (const auto& [monitor, said] : said_) CompareSamples(store, **session, monitor);
  for (const model::MonitorState& state : states) CompareTransitions(store, **session, state);
  CompareDeliveries(store, **session);
}

void Oracle::CompareSamples(store::Store& store, store::Session& session,
                            model::MonitorId monitor) {
  const auto samples = store.history().Read(session, monitor, kBegin, kEnd);
  if (!Expect(samples.has_value(), Name(monitor) + ": its history cannot be read")) return;
  std::map<Timestamp, const model::Sample*> by_time;
  for (const model::Sample& sample : *samples) by_time[sample.at] = &sample;
  for (const auto& [at, said] : said_[monitor]) {
    const std::string where = Name(monitor) + " at " + FormatIsoMillis(at);
    const auto found = by_time.find(at);
    if (!Expect(found != by_time.end(), where + ": an acknowledged result is lost")) continue;
    const model::Sample& sample = *found->second;
    if (said.is_manual) {
      Expect(sample.origin == model::SampleOrigin::kManual && sample.status == said.observed,
             where + ": what was written by hand became " + Word(sample.status));
    } else {
      Expect(sample.observed == said.observed, where + ": " + Word(said.observed) +
                                                   " was observed, " + Word(sample.observed) +
                                                   " is stored");
    }
  }
  CompareRollups(store, session, monitor, *samples);
}

void Oracle::CompareRollups(store::Store& store, store::Session& session, model::MonitorId monitor,
                            const std::vector<model::Sample>& samples) {
  std::map<Timestamp, model::StatusCounts> expected;
  for (const model::Sample& sample : samples) {
    if (sample.origin == model::SampleOrigin::kSignal) continue;
    expected[FloorTo(sample.at, model::kRollupStep)].Add(sample.status);
  }
  const auto rollups = store.history().ReadRollups(session, std::span(&monitor, 1), kBegin, kEnd);
  if (!Expect(rollups.has_value(), Name(monitor) + ": its roll-ups cannot be read")) return;
  std::map<Timestamp, model::StatusCounts> counted;
  for (const model::Rollup& rollup : rollups->front().rollups) {
    counted[rollup.start] = rollup.counts;
  }
  Expect(counted == expected, Name(monitor) + ": roll-ups do not count what the samples say");
}

void Oracle::CompareTransitions(store::Store& store, store::Session& session,
                                const model::MonitorState& state) {
  const std::string name = Name(state.monitor);
  auto list =
      store.transitions().List(session, model::OrgId(1), state.monitor, kBegin, kEnd, 1'000'000);
  if (!Expect(list.has_value(), name + ": its transitions cannot be read")) return;
  std::sort(list->begin(), list->end(),
            [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
  model::Status at = model::Status::kNoData;
  int64_t ordinal = 0;
  for (const model::Transition& transition : *list) {
    ++ordinal;
    Expect(transition.ordinal == ordinal, name + ": transition " + std::to_string(ordinal) +
                                              " has the number " +
                                              std::to_string(transition.ordinal));
    Expect(transition.from == at, name + ": transition " + std::to_string(ordinal) + " begins at " +
                                      Word(transition.from) + ", not " + Word(at));
    Expect(transition.to != transition.from, name + ": a transition leads nowhere");
    at = transition.to;
  }
  Expect(state.transitions == ordinal, name + ": its state counts other transitions");
  Expect(state.shown == at,
         name + ": shows " + Word(state.shown) + ", its last transition " + Word(at));
}

void Oracle::CompareDeliveries(store::Store& store, store::Session& session) {
  const auto channels = store.deliveries().ListChannels(session, model::OrgId(1));
  const auto deliveries = store.deliveries().List(session, model::OrgId(1), 1'000'000);
  const auto events = store.events().ListAfter(session, model::EventId(), 1'000'000);
  if (!Expect(channels && deliveries && events, "deliveries cannot be read")) return;
  using Key = std::pair<std::string, int64_t>;  // tag, ordinal
  std::map<model::ChannelId, std::map<Key, int>> told;
  for (const model::Delivery& delivery : *deliveries) {
    const Value* transition = delivery.message.Find("transition");
    const Value* monitor = delivery.message.Find("monitor");
    if (transition == nullptr || monitor == nullptr) continue;
    if (delivery.message.Find("flapping") != nullptr) continue;  // a notice, not the change
    ++told[delivery.channel][{monitor->StringOr("tag", ""), transition->IntOr("ordinal", 0)}];
  }
  std::set<Key> news;
  for (const model::Event& event : *events) {
    // A change that waited for a look at the parents is told by a notice later.
    const bool is_change =
        event.kind == model::kMonitorTransition || event.data.StringOr("notice", "") == "late";
    if (is_change && event.data.BoolOr("alert", false)) {
      news.insert({event.data.StringOr("tag", ""), event.data.IntOr("ordinal", 0)});
    }
  }
  for (const model::Event& event : *events) {
    if (event.kind != model::kMonitorTransition) continue;
    const model::MonitorId monitor(event.data.IntOr("monitor", 0));
    const Key key{event.data.StringOr("tag", ""), event.data.IntOr("ordinal", 0)};
    for (const model::Channel& channel : *channels) {
      const int times = told[channel.id][key];
      const std::string what = "transition " + std::to_string(key.second) + " of " + key.first +
                               " on channel " + channel.name + ": told " + std::to_string(times) +
                               " times";
      Expect(times <= 1, what);
      if (deleted_.contains(monitor) || services_.contains(monitor)) continue;
      const bool is_linked = std::find(channel.monitors.begin(), channel.monitors.end(), monitor) !=
                             channel.monitors.end();
      const bool hears = channel.scope == model::ChannelScope::kAllMonitors || is_linked;
      const std::string to = event.data.StringOr("to", "");
      const bool is_plain = to == "up" || to == "down" || to == "degraded";
      const bool was_masked = event.data.StringOr("from", "") == "maintenance";
      if (!news.contains(key)) {
        Expect(times == 0, what + ", though it is no news");
      } else if (hears && is_plain && !was_masked) {
        Expect(times == 1, what + ", though it is news");
      }
    }
  }
}

}  // namespace pharos::sim
