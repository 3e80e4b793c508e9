#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/check_evidence.h"
#include "model/monitor.h"
#include "service/context.h"

namespace pharos::service {

// What a failed check saw and how that differs from the last good one.
struct FailureSeen {
  model::EvidenceRecord record;
  std::vector<std::string> changes;  // for people; empty without a good check to compare with
};

struct MonitorEvidence {
  std::vector<FailureSeen> failures;          // newest first
  std::optional<model::EvidenceRecord> good;  // what they are compared with
};

inline constexpr int64_t kMaxEvidenceRows = 20'000;  // failures of an organisation
inline constexpr int64_t kEvidencePerMonitor = 20;

// Evidence of checks (docs/operating/evidence.md). Monitors must come from MonitorService of the
// asking organisation. Thread-safe; blocks on the store.
class EvidenceService {
 public:
  explicit EvidenceService(const Context& context) : context_(context) {}

  // Error: kInvalid naming `limit`.
  Result<MonitorEvidence> Read(const model::Monitor& monitor, int64_t limit) const;
  // Removes some of what is older than its organisation's cutoff and of what an organisation has
  // too much of; true while there may be more (RetentionService::AddStep).
  Result<bool> Prune(const std::function<Timestamp(model::OrgId org)>& cutoff) const;

 private:
  Context context_;
};

// What is different in `seen` from `good`, the most telling first, one text for people each.
std::vector<std::string> Differences(const model::CheckEvidence& good,
                                     const model::CheckEvidence& seen);

}  // namespace pharos::service
