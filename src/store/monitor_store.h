#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/monitor.h"
#include "store/session.h"

namespace pharos::store {

// Ids are never reused after a deletion.
class MonitorStore {
 public:
  virtual ~MonitorStore() = default;
  // Assigns id and revision. Error: kConflict when the tag is taken in the organisation.
  virtual Result<model::Monitor> Insert(Transaction& tx, model::Monitor monitor) = 0;
  // Writes everything but id, org, uid, tag, created_at; assigns a new revision and returns the
  // stored form. Error: kNotFound.
  virtual Result<model::Monitor> Update(Transaction& tx, model::Monitor monitor) = 0;
  // Removes the monitor with its samples, roll-ups, state and transitions, and takes it off
  // incidents, maintenances, pages and channels. Monitors whose service it was have none any more
  // (at a new revision), incidents that it caused have no cause. Error: kNotFound.
  virtual Status Delete(Transaction& tx, model::OrgId org, model::MonitorId id) = 0;
  virtual Result<std::optional<model::Monitor>> FindByTag(Session& session, model::OrgId org,
                                                          std::string_view tag) = 0;
  // All monitors of all organisations, ascending id: the directory's image at start.
  virtual Result<std::vector<model::Monitor>> ListAll(Session& session) = 0;
};

}  // namespace pharos::store
