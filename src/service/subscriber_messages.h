#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/event.h"
#include "model/record.h"
#include "service/context.h"
#include "service/direct_send.h"
#include "service/event_listener.h"
#include "service/phones.h"

namespace pharos::service {

// Tells confirmed subscribers of incidents and maintenances as their preferences say (kodo.md 19,
// 20). What is to be told is queued with its event; it goes out in batches and to each subscriber
// at most once. Without a channel of kind "sms" or "email" nothing is sent. Thread-safe; blocks on
// the store.
class SubscriberMessages : public EventListener {
 public:
  static constexpr int kBatch = 100;      // subscribers of one message at a time
  static constexpr int kMaxQueued = 500;  // messages of an organisation

  SubscriberMessages(const Context& context, DirectSend send)
      : context_(context), send_(std::move(send)) {}

  Status OnEvent(store::Transaction& tx, const model::Event& event) override;
  void OnCommitted() override;
  // Sends one batch of every message; called by the housekeeper every few seconds.
  Status Step();

 private:
  struct Batch;
  Result<std::optional<Batch>> TakeBatch(model::OrgId org, const std::string& message);
  Status Send(const Batch& batch);

  Context context_;
  DirectSend send_;
};

// What somebody may be told of.
struct SubscriberNews {
  enum class Topic : uint8_t { kIncident, kResolution, kMaintenance };
  Topic topic = Topic::kIncident;
  bool critical = false;
  std::vector<std::string> services;  // uids of those concerned; empty = all
};
// Whether the preferences ask for it. Pure.
bool WantsToHear(const SubscriberPreferences& preferences, const SubscriberNews& news);

}  // namespace pharos::service
