#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /domain-monitors (kodo.md 10): monitors of kind "domain".
Result<std::string> ListDomainMonitors(Call& call);
// Waits for a first look-up; when nobody can be asked, `registration` is null.
void CreateDomainMonitor(Call& call, Answer answer);
Result<std::string> GetDomainMonitor(Call& call);
Result<std::string> UpdateDomainMonitor(Call& call);
Result<std::string> DeleteDomainMonitor(Call& call);
void CheckDomainMonitor(Call& call, Answer answer);

}  // namespace pharos::api::kodo
