#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /ssl-monitors (kodo.md 9): monitors of kind "tls".
Result<std::string> ListSslMonitors(Call& call);
// Waits for a first handshake, so that what has no certificate is refused.
void CreateSslMonitor(Call& call, Answer answer);
Result<std::string> GetSslMonitor(Call& call);
Result<std::string> UpdateSslMonitor(Call& call);
Result<std::string> DeleteSslMonitor(Call& call);
void CheckSslMonitor(Call& call, Answer answer);

}  // namespace pharos::api::kodo
