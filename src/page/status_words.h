#pragma once

#include <string_view>

#include "model/incident.h"
#include "model/status.h"

namespace pharos::page {

// "Operational", "Degraded", "Partial outage", "Down", "Under maintenance", "No data".
std::string_view StatusWord(model::Status status);
// Class of web/page/page.css and id of the icon: "up", "deg", "par", "dn", "mnt", "non".
std::string_view StatusClass(model::Status status);
// The one-letter code in the day data of the bars, read by web/page/page.js.
char StatusCode(model::Status status);
// "Investigating", "Identified", "Monitoring", "Resolved".
std::string_view IncidentWord(model::IncidentState state);

}  // namespace pharos::page
