#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// Where messages go. `kind` is a name from the channel catalog ("webhook").
struct Channel {
  ChannelId id;
  OrgId org;
  std::string kind;
  std::string name;
  Value config;  // by the kind's field specs; may hold secrets
  bool enabled = true;
  std::string disabled_reason;  // set when a permanent failure disabled it
  Timestamp created_at{};
};

// Persisted: never renumber.
enum class DeliveryState : uint8_t { kPending = 0, kClaimed = 1, kSent = 2, kFailed = 3 };

// One message to one channel: written in the transaction of the change that causes it, sent at
// least once (architecture D8).
struct Delivery {
  DeliveryId id;
  OrgId org;
  ChannelId channel;
  std::string event;      // "monitor.transition"
  std::string dedup_key;  // the same for every attempt; unique per channel
  Value message;          // prepared once: title, text, status, times, links
  DeliveryState state = DeliveryState::kPending;
  int attempts = 0;
  Timestamp created_at{};
  Timestamp due_at{};         // next attempt
  Timestamp claimed_until{};  // a claim that passed this time is void
  std::string last_error;
};

}  // namespace pharos::model
