#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// What a channel listens to. Persisted: never renumber.
enum class ChannelScope : uint8_t {
  kAllMonitors = 0,   // every change of every monitor of the organisation
  kLinked = 1,        // changes of the monitors in `monitors`, and incidents that name them
  kIncidents = 2,     // incidents and maintenances, not single monitors (kodo.md 15)
  kSubscription = 3,  // exactly the events in `events`: an outgoing webhook
};

// Where messages go. `kind` is a name from the channel catalog ("webhook").
struct Channel {
  ChannelId id;
  OrgId org;
  std::string uid;
  std::string kind;
  std::string name;
  Value config;  // by the kind's field specs; may hold secrets
  ChannelScope scope = ChannelScope::kAllMonitors;
  std::vector<MonitorId> monitors;  // kLinked
  // kSubscription: "monitor.down", "monitor.up", "monitor.degraded", "service.status_changed", or
  // a kind of event (model/event.h).
  std::vector<std::string> events;
  bool on_incident = true;     // kLinked, kIncidents: hears of incidents
  bool on_maintenance = true;  // kIncidents: hears of maintenances
  bool enabled = true;
  std::string disabled_reason;  // set when a permanent failure disabled it
  std::optional<Timestamp> last_tested_at;
  Value notes;  // what one dialect alone knows, by dialect name
  Timestamp created_at{};
  Timestamp updated_at{};
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

// One try to send a delivery, kept for people to look at; the newest hundred of a channel.
struct DeliveryAttempt {
  AttemptId id;
  OrgId org;
  ChannelId channel;
  DeliveryId delivery;
  std::string uid;
  std::string event;
  std::string payload;  // what was sent, without secrets, at most 64 KiB
  int status_code = 0;  // of an HTTP answer; 0 = none came
  std::string error;    // empty = delivered
  Timestamp at{};
};

}  // namespace pharos::model
