#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /api/oncall (kodo.md 19): making a policy is documented, the rest are extensions.
Result<std::string> ListPolicies(Call& call);
Result<std::string> CreatePolicy(Call& call);
Result<std::string> GetPolicy(Call& call);
Result<std::string> ReplacePolicy(Call& call);
Result<std::string> DeletePolicy(Call& call);
Result<std::string> PageByPolicy(Call& call);
Result<std::string> ListSchedules(Call& call);
Result<std::string> CreateSchedule(Call& call);
Result<std::string> GetSchedule(Call& call);
Result<std::string> ReplaceSchedule(Call& call);
Result<std::string> DeleteSchedule(Call& call);
Result<std::string> WhoIsOnCall(Call& call);

}  // namespace pharos::api::kodo
