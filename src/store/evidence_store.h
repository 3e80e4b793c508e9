#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/check_evidence.h"
#include "store/session.h"

namespace pharos::store {

// What checks saw: of each monitor the newest failures and the last check that went well.
class EvidenceStore {
 public:
  static constexpr int kFailuresKept = 20;  // per monitor

  virtual ~EvidenceStore() = default;
  // A failure pushes out the oldest of kFailuresKept; a good one replaces the good one before it.
  // Nothing happens when the monitor is gone.
  virtual Status Put(Transaction& tx, const model::EvidenceRecord& record) = 0;
  // Newest first.
  virtual Result<std::vector<model::EvidenceRecord>> ListFailures(Session& session,
                                                                  model::OrgId org,
                                                                  model::MonitorId monitor,
                                                                  int limit) = 0;
  virtual Result<std::optional<model::EvidenceRecord>> LastGood(Session& session, model::OrgId org,
                                                                model::MonitorId monitor) = 0;
  // Removes failures from before `before`, and the oldest beyond `keep` of the organisation; at
  // most `limit` rows a call. Returns how many went.
  virtual Result<int64_t> Prune(Transaction& tx, model::OrgId org, Timestamp before, int64_t keep,
                                int limit) = 0;
};

}  // namespace pharos::store
