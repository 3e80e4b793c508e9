#include "intake/batch.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "rules/status_engine.h"
#include "store/event_store.h"
#include "store/evidence_store.h"
#include "store/history_store.h"
#include "store/state_store.h"
#include "store/transition_store.h"

namespace pharos::intake {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

model::Event EventOf(const model::Monitor& monitor, const model::Transition& t) {
  model::Event event;
  event.org = monitor.org;
  event.kind = model::kMonitorTransition;
  event.data.Set("monitor", monitor.id.value());
  event.data.Set("tag", monitor.tag);
  event.data.Set("from", model::StatusName(t.from));
  event.data.Set("to", model::StatusName(t.to));
  event.data.Set("cause", t.cause);
  event.data.Set("ordinal", t.ordinal);
  event.data.Set("at", ToUnixMicros(t.at));
  event.data.Set("failures", 0);
  event.data.Set("alert", false);
  return event;
}

const char* NoticeName(rules::QueueNotice::Kind kind) {
  switch (kind) {
    case rules::QueueNotice::Kind::kLate:
      return "late";
    case rules::QueueNotice::Kind::kFlapping:
      return "flapping";
    case rules::QueueNotice::Kind::kSettled:
      return "settled";
  }
  return "late";
}

model::Event EventOf(const model::Monitor& monitor, const rules::QueueNotice& notice) {
  model::Event event = EventOf(monitor, notice.transition);
  event.kind = model::kMonitorNotice;
  event.data.Set("notice", NoticeName(notice.kind));
  event.data.Set("changes", notice.side_changes);
  event.data.Set("alert", true);
  return event;
}

model::Event EventOf(const model::Monitor& monitor, const rules::ReportFailing& failing) {
  model::Event event;
  event.org = monitor.org;
  event.kind = model::kMonitorFailing;
  event.data.Set("monitor", monitor.id.value());
  event.data.Set("failures", failing.failures);
  event.data.Set("at", ToUnixMicros(failing.at));
  event.data.Set("cause", failing.cause);
  return event;
}

}  // namespace

const model::MonitorState& Batch::StateOf(model::MonitorId monitor) {
  const auto it = states_.find(monitor);
  if (it != states_.end()) return it->second;
  model::MonitorState state;
  if (auto known = committed_.Find(monitor)) state = std::move(*known);
  state.monitor = monitor;
  return states_.emplace(monitor, std::move(state)).first->second;
}

std::optional<model::MonitorState> Batch::Peek(model::MonitorId monitor) const {
  const auto it = states_.find(monitor);
  if (it != states_.end()) return it->second;
  return committed_.Find(monitor);
}

void Batch::Apply(const model::Monitor& monitor, rules::Effects effects) {
  const size_t first = events_.size();
  // A transition's row is written with it; so is that of a state which a replay of the samples
  // after a crash would not lead to.
  if (!rows_.contains(monitor.id) && !rules::ReplaySays(StateOf(monitor.id), effects)) {
    rows_.insert(monitor.id);
  }
  for (rules::Effect& effect : effects) {
    std::visit(
        Overloaded{
            [&](rules::StoreSample& e) { samples_.push_back({monitor.id, std::move(e.sample)}); },
            [&](rules::SetState& e) {
              e.state.monitor = monitor.id;
              states_[monitor.id] = std::move(e.state);
            },
            [&](rules::RecordTransition& e) {
              e.transition.org = monitor.org;
              e.transition.monitor = monitor.id;
              events_.push_back(EventOf(monitor, e.transition));
              transitions_.push_back(std::move(e.transition));
            },
            [&](rules::QueueDelivery& e) {
              const auto change =
                  std::find_if(events_.begin() + static_cast<std::ptrdiff_t>(first), events_.end(),
                               [&](const model::Event& event) {
                                 return event.kind == model::kMonitorTransition &&
                                        event.data.IntOr("ordinal", 0) == e.transition.ordinal;
                               });
              if (change != events_.end()) change->data.Set("alert", true);
            },
            [&](rules::ReportFailing& e) { events_.push_back(EventOf(monitor, e)); },
            [&](rules::QueueNotice& e) { events_.push_back(EventOf(monitor, e)); },
        },
        effect);
  }
  const int failures = StateOf(monitor.id).failures;
  for (size_t i = first; i < events_.size(); ++i) events_[i].data.Set("failures", failures);
}

void Batch::AddEvidence(const model::Monitor& monitor, const model::CheckResult& result) {
  evidence_.push_back({monitor.org, monitor.id, result.at, result.observed, result.outcome,
                       result.message, *result.evidence});
}

Status Batch::Write(store::Store& store, store::Transaction& tx, Timestamp now) const {
  if (!samples_.empty()) PHAROS_RETURN_IF_ERROR(store.history().Append(tx, samples_));
  for (const model::Transition& transition : transitions_) {
    auto stored = store.transitions().Insert(tx, transition);
    if (!stored) return Error(std::move(stored).error());
  }
  for (const model::MonitorId id : rows_) {
    PHAROS_RETURN_IF_ERROR(store.states().Upsert(tx, states_.at(id)));
  }
  for (model::Event event : events_) {
    event.at = now;
    PHAROS_RETURN_IF_ERROR(store.events().Append(tx, event));
  }
  for (const model::EvidenceRecord& record : evidence_) {
    PHAROS_RETURN_IF_ERROR(store.evidence().Put(tx, record));
  }
  return Ok();
}

}  // namespace pharos::intake
