#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /workflows (kodo.md 18). Listing and triggering are inferred there; making, changing and deleting
// them and reading their runs are extensions, without which there would be nothing to trigger.
Result<std::string> ListWorkflows(Call& call);
Result<std::string> CreateWorkflow(Call& call);
Result<std::string> GetWorkflow(Call& call);
Result<std::string> UpdateWorkflow(Call& call);
Result<std::string> DeleteWorkflow(Call& call);
Result<std::string> TriggerWorkflow(Call& call);
Result<std::string> ListWorkflowRuns(Call& call);

}  // namespace pharos::api::kodo
