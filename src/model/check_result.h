#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::model {

// Who says so.
enum class ResultSource : uint8_t { kProbe, kHeartbeat, kPush, kSilence, kManual, kMetrics, kTick };

inline constexpr size_t kMaxMessageBytes = 200;  // of a result's or sample's message

// How the check ended. kBlocked (outbound policy), kOverload and kBlind are our own trouble and
// never downtime (architecture D14, D17). kNone: nobody had anything to say (a tick of a manual
// monitor), so only a default status or an overlay can fill the minute.
enum class CheckOutcome : uint8_t { kAnswered, kTimeout, kError, kBlocked, kBlind, kNone };

struct CheckEvidence;

// What one check said: the only thing that may enter intake (architecture D7).
struct CheckResult {
  MonitorId monitor;
  // The time that the result stands for: the scheduled time for probes, arrival for pushes.
  Timestamp at{};
  Timestamp finished_at{};
  ResultSource source = ResultSource::kProbe;
  CheckOutcome outcome = CheckOutcome::kAnswered;
  Status observed = Status::kNoData;
  std::optional<double> latency_ms;
  std::string message;  // for people, at most 200 bytes
  int32_t code = 0;     // see Sample::code
  uint8_t attempts = 1;
  Value facts;  // what the kind saw beyond that ("certificate"); null = nothing new to say
  // What a failed check saw, now and then a good one; mostly nullptr (model/check_evidence.h).
  std::shared_ptr<const CheckEvidence> evidence;
};

}  // namespace pharos::model
