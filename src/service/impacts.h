#pragma once

#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "model/incident.h"
#include "service/context.h"

namespace pharos::service {

// Error: kInvalid "monitors" when there are too many, or one is not of this organisation.
Status CheckImpacts(const Context& context, model::OrgId org,
                    const std::vector<model::IncidentImpact>& impacts);
// A monitor named twice keeps its first place with its last impact.
std::vector<model::IncidentImpact> WithoutRepeats(std::vector<model::IncidentImpact> impacts);
// Monitor ids with impacts, for the audit log.
Value ImpactsForAudit(const std::vector<model::IncidentImpact>& impacts);
// Whether every dialect can show it: the years 0 to 9999.
bool IsStorableTime(Timestamp at);

}  // namespace pharos::service
