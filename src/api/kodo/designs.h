#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /status-pages/{id}/design (kodo.md 14.3).
Result<std::string> GetDesignState(Call& call);
Result<std::string> ListDesigns(Call& call);
Result<std::string> GetDesign(Call& call);
Result<std::string> PutDesignDraft(Call& call);
Result<std::string> ValidateDesignDraft(Call& call);
Result<std::string> PublishDesign(Call& call);

}  // namespace pharos::api::kodo
