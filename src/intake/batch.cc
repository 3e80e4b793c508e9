#include "intake/batch.h"

#include <map>
#include <utility>
#include <variant>

#include "store/delivery_store.h"
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

}  // namespace

const model::MonitorState& Batch::StateOf(model::MonitorId monitor) {
  const auto it = states_.find(monitor);
  if (it != states_.end()) return it->second;
  model::MonitorState state;
  if (auto known = committed_.Find(monitor)) state = std::move(*known);
  state.monitor = monitor;
  return states_.emplace(monitor, std::move(state)).first->second;
}

void Batch::Apply(const model::Monitor& monitor, rules::Effects effects) {
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
              transitions_.push_back(std::move(e.transition));
            },
            [&](rules::QueueDelivery& e) {
              alerts_.push_back({monitor.tag, monitor.name, monitor.uid, std::move(e.transition)});
              alerts_.back().transition.org = monitor.org;
            },
        },
        effect);
  }
}

model::Delivery Batch::MakeDelivery(const Alert& alert, const model::Channel& channel,
                                    Timestamp now) {
  const model::Transition& t = alert.transition;
  model::Delivery delivery;
  delivery.org = t.org;
  delivery.channel = channel.id;
  delivery.event = "monitor.transition";
  // The ordinal counts the transitions of this monitor for ever, so a repeated attempt, also after
  // a crash, carries the key of the first one.
  delivery.dedup_key = alert.uid + "/" + std::to_string(t.ordinal);
  delivery.created_at = now;
  delivery.due_at = now;
  Value& message = delivery.message;
  message.Set("event", "monitor.transition");
  message.Set("monitor_tag", alert.tag);
  message.Set("monitor_name", alert.name);
  message.Set("from", model::StatusName(t.from));
  message.Set("to", model::StatusName(t.to));
  message.Set("at", FormatIsoMillis(t.at));
  message.Set("cause", t.cause);
  return delivery;
}

Status Batch::Write(store::Store& store, store::Transaction& tx, Timestamp now) const {
  if (!samples_.empty()) PHAROS_RETURN_IF_ERROR(store.history().Append(tx, samples_));
  for (const model::Transition& transition : transitions_) {
    auto stored = store.transitions().Insert(tx, transition);
    if (!stored) return Error(std::move(stored).error());
    PHAROS_RETURN_IF_ERROR(store.states().Upsert(tx, states_.at(transition.monitor)));
  }
  std::map<model::OrgId, std::vector<model::Channel>> channels;
  for (const Alert& alert : alerts_) {
    const model::OrgId org = alert.transition.org;
    if (!channels.contains(org)) {
      PHAROS_ASSIGN_OR_RETURN(channels[org], store.deliveries().ListChannels(tx, org));
    }
    for (const model::Channel& channel : channels[org]) {
      if (!channel.enabled) continue;
      PHAROS_RETURN_IF_ERROR(store.deliveries().Insert(tx, MakeDelivery(alert, channel, now)));
    }
  }
  return Ok();
}

}  // namespace pharos::intake
