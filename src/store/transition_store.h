#pragma once

#include <vector>

#include "base/result.h"
#include "model/transition.h"
#include "store/session.h"

namespace pharos::store {

class TransitionStore {
 public:
  virtual ~TransitionStore() = default;
  virtual Result<model::Transition> Insert(Transaction& tx, model::Transition transition) = 0;
  // Newest first, from <= at < to.
  virtual Result<std::vector<model::Transition>> List(Session& session, model::OrgId org,
                                                      model::MonitorId monitor, Timestamp from,
                                                      Timestamp to, int limit) = 0;
  // The same, oldest first.
  virtual Result<std::vector<model::Transition>> ListUp(Session& session, model::OrgId org,
                                                        model::MonitorId monitor, Timestamp from,
                                                        Timestamp to, int limit) = 0;
};

}  // namespace pharos::store
