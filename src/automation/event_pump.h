#pragma once

#include <map>
#include <vector>

#include "automation/reaction.h"
#include "base/metrics.h"
#include "base/result.h"
#include "service/context.h"
#include "service/event_listener.h"

namespace pharos::automation {

// Takes the outbox in order and reacts: a bounded batch of events, all their reactions and the new
// place in one transaction, so that each event is reacted to exactly once, also when the process
// dies at any moment. Used by one thread; the automation runs it.
class EventPump {
 public:
  static constexpr const char* kReader = "automation";
  static constexpr int kBatch = 64;
  static constexpr int kMaxStrikes = 5;

  EventPump(const service::Context& context, std::vector<service::EventListener*> listeners,
            Metrics& metrics);

  // One batch. True: there may be more. An error leaves everything as it was.
  Result<bool> Step();
  // Looks at where monitors stand (auto_incidents.h, FindOverdue).
  Status Sweep();

 private:
  struct Told {
    std::set<model::OrgId> incidents_of;
    std::set<model::OrgId> deliveries_of;
  };
  Result<std::map<model::OrgId, Value>> SettingsOf(const std::vector<model::Event>& events) const;
  Status React(const std::vector<model::Event>& events, model::EventId from, Told& told);
  Status ReactToOne(Batch& batch, const model::Event& event);
  Status GiveUp(const model::Event& event, model::EventId from, const Error& error);
  void Announce(const Told& told);

  const service::Context context_;
  const std::vector<service::EventListener*> listeners_;
  Counter& reacted_;
  Counter& skipped_;
  int limit_ = kBatch;  // 1 while looking for the event that fails
  int strikes_ = 0;     // failures in a row of the event at the head
};

}  // namespace pharos::automation
