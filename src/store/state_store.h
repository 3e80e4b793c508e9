#pragma once

#include <vector>

#include "base/result.h"
#include "model/monitor_state.h"
#include "store/session.h"

namespace pharos::store {

// One row per monitor. Written at transitions and whenever intake checkpoints; what lies between is
// rebuilt from samples (rules/status_engine.h, ObserveStoredSample).
class StateStore {
 public:
  virtual ~StateStore() = default;
  virtual Status Upsert(Transaction& tx, const model::MonitorState& state) = 0;
  virtual Result<std::vector<model::MonitorState>> ListAll(Session& session) = 0;
};

}  // namespace pharos::store
