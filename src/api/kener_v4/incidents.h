#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"
#include "model/ids.h"

namespace pharos::api::kener_v4 {

// The incident that the path names exists (kener-v4.md 2.2 step 5).
Status IncidentExists(Call& call);

// kener-v4.md 8.3 to 8.7.
Result<std::string> ListIncidents(Call& call);
Result<std::string> CreateIncident(Call& call);
Result<std::string> GetIncident(Call& call);
Result<std::string> UpdateIncident(Call& call);
Result<std::string> DeleteIncident(Call& call);

// The comment that the path names exists on its incident; asked before the body (9.4).
Status CommentExists(Call& call);

// kener-v4.md 9.2 to 9.6.
Result<std::string> ListComments(Call& call);
Result<std::string> CreateComment(Call& call);
Result<std::string> GetComment(Call& call);
Result<std::string> UpdateComment(Call& call);
Result<std::string> DeleteComment(Call& call);

}  // namespace pharos::api::kener_v4
