#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/incident.h"
#include "store/session.h"

namespace pharos::store {

// Which incidents of an organisation, and in what order.
struct IncidentQuery {
  std::optional<Timestamp> started_from = {};            // at or after
  std::optional<Timestamp> started_to = {};              // at or before
  std::vector<model::IncidentState> states = {};         // empty = all
  std::vector<model::IncidentSeverity> severities = {};  // empty = all
  std::vector<model::MonitorId> monitors = {};           // names at least one of them; empty = all
  bool open_only = false;                                // not resolved
  bool drafts = true;                                    // drafts too
  std::optional<bool> closed = false;                    // put away: no, yes, or both
  bool by_start = false;  // newest start first; otherwise newest id first
  int limit = 1000;
  int offset = 0;
};

class IncidentStore {
 public:
  virtual ~IncidentStore() = default;
  virtual Result<model::Incident> Insert(Transaction& tx, model::Incident incident) = 0;
  // Replaces everything but id, org, uid, source, cause and created_at. Error: kNotFound.
  virtual Status Update(Transaction& tx, const model::Incident& incident) = 0;
  // Its updates and impacts go with it.
  virtual Status Delete(Transaction& tx, model::OrgId org, model::IncidentId id) = 0;
  virtual Result<model::IncidentUpdate> InsertUpdate(Transaction& tx, model::OrgId org,
                                                     model::IncidentUpdate update) = 0;
  // Replaces state, text, hidden and times. Error: kNotFound.
  virtual Status ChangeUpdate(Transaction& tx, model::OrgId org,
                              const model::IncidentUpdate& update) = 0;
  virtual Status DeleteUpdate(Transaction& tx, model::OrgId org, model::IncidentId incident,
                              model::IncidentUpdateId id) = 0;
  virtual Result<std::optional<model::Incident>> Find(Session& session, model::OrgId org,
                                                      model::IncidentId id) = 0;
  virtual Result<std::optional<model::Incident>> FindByUid(Session& session, model::OrgId org,
                                                           std::string_view uid) = 0;
  virtual Result<std::vector<model::Incident>> List(Session& session, model::OrgId org,
                                                    const IncidentQuery& query) = 0;
  // How many the query finds, whatever its limit and offset.
  virtual Result<int64_t> Count(Session& session, model::OrgId org, const IncidentQuery& query) = 0;
  // All that are not resolved, and of those that ended at or after `since` (without an end: were
  // changed last) the `limit` latest; neither draft nor put away; newest id first.
  virtual Result<std::vector<model::Incident>> ListSince(Session& session, model::OrgId org,
                                                         Timestamp since, int limit) = 0;
  // Unresolved incidents of all organisations, for overlays; drafts and those put away are absent.
  virtual Result<std::vector<model::Incident>> ListOpen(Session& session) = 0;
  // Drafts of all organisations that are to be published by `now`.
  virtual Result<std::vector<model::Incident>> ListDueDrafts(Session& session, Timestamp now) = 0;
  // The newest incident that a failure of this monitor opened.
  virtual Result<std::optional<model::Incident>> FindLatestOfCause(Session& session,
                                                                   model::OrgId org,
                                                                   model::MonitorId cause) = 0;
  // Newest time first, then highest id; hidden ones too.
  virtual Result<std::vector<model::IncidentUpdate>> ListUpdates(Session& session, model::OrgId org,
                                                                 model::IncidentId incident) = 0;
  // The same for many incidents at once, grouped in the order asked.
  virtual Result<std::vector<std::vector<model::IncidentUpdate>>> ListUpdatesOf(
      Session& session, model::OrgId org, const std::vector<model::IncidentId>& incidents) = 0;
};

}  // namespace pharos::store
