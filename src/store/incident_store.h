#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "model/incident.h"
#include "store/session.h"

namespace pharos::store {

class IncidentStore {
 public:
  virtual ~IncidentStore() = default;
  virtual Result<model::Incident> Insert(Transaction& tx, model::Incident incident) = 0;
  // Replaces title, state, times and impacts. Error: kNotFound.
  virtual Status Update(Transaction& tx, const model::Incident& incident) = 0;
  virtual Status Delete(Transaction& tx, model::OrgId org, model::IncidentId id) = 0;
  virtual Result<model::IncidentUpdate> InsertUpdate(Transaction& tx, model::OrgId org,
                                                     model::IncidentUpdate update) = 0;
  virtual Result<std::optional<model::Incident>> Find(Session& session, model::OrgId org,
                                                      model::IncidentId id) = 0;
  // Not resolved, or ended at or after `since`; newest id first.
  virtual Result<std::vector<model::Incident>> ListSince(Session& session, model::OrgId org,
                                                         Timestamp since, int limit) = 0;
  // Unresolved incidents of all organisations, for overlays.
  virtual Result<std::vector<model::Incident>> ListOpen(Session& session) = 0;
  // Newest time first, then highest id.
  virtual Result<std::vector<model::IncidentUpdate>> ListUpdates(Session& session, model::OrgId org,
                                                                 model::IncidentId incident) = 0;
};

}  // namespace pharos::store
