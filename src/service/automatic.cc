#include "service/automatic.h"

#include <utility>

#include "store/incident_store.h"

namespace pharos::service {

NewIncident DraftAutomaticIncident(const Value& settings, AutomaticIncident wanted, Timestamp now) {
  NewIncident made;
  model::Incident& incident = made.incident;
  incident.title = std::move(wanted.title);
  incident.severity = wanted.severity;
  incident.source = wanted.source;
  incident.impacts = std::move(wanted.impacts);
  incident.started_at = now;
  incident.draft = settings.StringOr("auto_incident_visibility", "public") == "draft";
  if (incident.draft) {
    const int64_t minutes = settings.IntOr("auto_publish_minutes", -1);
    if (minutes >= 0) incident.publish_at = now + Minutes(minutes);
  }
  made.message = std::move(wanted.message);
  return made;
}

Result<std::optional<model::Incident>> FindOpenIncident(store::Store& store,
                                                        store::Session& session, model::OrgId org,
                                                        std::string_view uid) {
  if (uid.empty()) return std::optional<model::Incident>();
  PHAROS_ASSIGN_OR_RETURN(auto found, store.incidents().FindByUid(session, org, uid));
  if (found && found->state == model::IncidentState::kResolved) found.reset();
  return found;
}

Status ResolveAutomaticIncident(const Context& context, store::Transaction& tx,
                                const model::Principal& who, std::string_view incident_uid,
                                std::string_view message, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(const auto open,
                          FindOpenIncident(context.store, tx, who.org, incident_uid));
  if (!open) return Ok();
  const auto resolve = [&](IncidentService::Edit& edit) -> Status {
    edit.incident.state = model::IncidentState::kResolved;
    edit.incident.ended_at = now;
    model::IncidentUpdate update;
    update.state = model::IncidentState::kResolved;
    update.text = std::string(message);
    update.at = now;
    edit.new_updates.push_back(std::move(update));
    return Ok();
  };
  PHAROS_RETURN_IF_ERROR(ChangeIncident(context.store, tx, who, open->id, resolve, now));
  return Ok();
}

}  // namespace pharos::service
