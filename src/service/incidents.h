#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/incident.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/incident_store.h"

namespace pharos::service {

using store::IncidentQuery;

// An incident with its timeline, newest first; hidden updates are absent.
struct IncidentDetail {
  model::Incident incident;
  std::vector<model::IncidentUpdate> updates;
};

struct NewIncident {
  model::Incident incident;            // id, uid, org and times of making are assigned
  std::optional<std::string> message;  // becomes the first update, in the incident's state
  bool notify = true;                  // subscribers hear of it
};

// How an update moves its incident; dialects differ.
struct UpdateEffects {
  bool moves_state = true;       // the incident takes the update's state
  bool resolving_ends = true;    // kResolved sets the end: to the update's time
  bool reopening_clears = true;  // another state clears the end
  bool notify = true;
};

// Use cases of incidents. Every call is limited to the principal's organisation; each writes one
// transaction with audit entry and event (model/event.h), refreshes the overlays and tells the
// pages. Thread-safe; blocks on the store. Errors: kNotFound ("Incident not found"), kInvalid with
// fields "title" (1-255 bytes unless stated), "started_at", "monitors", "message" (64 KiB).
class IncidentService {
 public:
  explicit IncidentService(const Context& context) : context_(context) {}

  Result<std::vector<model::Incident>> List(const model::Principal& who,
                                            const IncidentQuery& query) const;
  Result<std::vector<IncidentDetail>> ListDetailed(const model::Principal& who,
                                                   const IncidentQuery& query) const;
  Result<int64_t> Count(const model::Principal& who, const IncidentQuery& query) const;
  Result<IncidentDetail> Get(const model::Principal& who, model::IncidentId id) const;
  Result<IncidentDetail> GetByUid(const model::Principal& who, std::string_view uid) const;

  Result<IncidentDetail> Create(const model::Principal& who, NewIncident wanted);

  // Runs `change` on the stored incident inside the transaction; updates that it adds to
  // `new_updates` (state, text, at; the rest is assigned) are appended. The function keeps `state`
  // and `ended_at` consistent itself where its dialect wants that. An error of `change` is returned
  // as it is and nothing is written.
  struct Edit {
    model::Incident& incident;
    std::vector<model::IncidentUpdate> new_updates;
    bool notify = true;
  };
  using Change = std::function<Status(Edit&)>;
  Result<IncidentDetail> Update(const model::Principal& who, model::IncidentId id,
                                const Change& change);

  // Adds one update. `update.text` must not be empty.
  Result<model::IncidentUpdate> AddUpdate(const model::Principal& who, model::IncidentId id,
                                          model::IncidentUpdate update,
                                          const UpdateEffects& effects = {});
  // Error: kNotFound ("Update not found").
  using UpdateChange = std::function<Status(model::IncidentUpdate&)>;
  Result<model::IncidentUpdate> EditUpdate(const model::Principal& who, model::IncidentId id,
                                           model::IncidentUpdateId update,
                                           const UpdateChange& change,
                                           const UpdateEffects& effects = {});
  Status DeleteUpdate(const model::Principal& who, model::IncidentId id,
                      model::IncidentUpdateId update);

  // Makes a draft public for good. Error: kConflict ("Incident is already public").
  Status Publish(const model::Principal& who, model::IncidentId id);
  Status Delete(const model::Principal& who, model::IncidentId id);

  // Publishes drafts whose time has come; called by the housekeeper.
  Status PublishDue();

 private:
  Context context_;
};

// The same steps inside somebody else's transaction (automation). They write rows, audit entry and
// event; the caller refreshes overlays and pages after the commit with AnnounceIncidents.
Result<model::Incident> InsertIncident(store::Store& store, store::Transaction& tx,
                                       const model::Principal& who, NewIncident wanted,
                                       Timestamp now);
Result<model::Incident> ChangeIncident(store::Store& store, store::Transaction& tx,
                                       const model::Principal& who, model::IncidentId id,
                                       const IncidentService::Change& change, Timestamp now);
// After a commit that touched incidents: reloads the overlays from the store and publishes a
// notice.
Status AnnounceIncidents(const Context& context, model::OrgId org);

}  // namespace pharos::service
