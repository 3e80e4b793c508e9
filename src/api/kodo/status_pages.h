#pragma once

#include <string>

#include "api/endpoint.h"
#include "model/page.h"

namespace pharos::api::kodo {

// /status-pages (kodo.md 14.1, 14.2).
Result<std::string> ListStatusPages(Call& call);
Result<std::string> CreateStatusPage(Call& call);
Result<std::string> GetStatusPage(Call& call);
Result<std::string> UpdateStatusPage(Call& call);
Result<std::string> DeleteStatusPage(Call& call);
Result<std::string> GetPageServices(Call& call);
Result<std::string> SetPageServices(Call& call);

// The page that the path names, by id or slug. Error: kNotFound "Status page not found".
Result<model::Page> PageOfPath(const Call& call);
// "default" for the home page, which has no path of its own.
std::string SlugOf(const model::Page& page);
// The page of a slug. Error: kNotFound "Status page not found".
Result<model::Page> PageOfSlug(const Call& call, const std::string& slug);

}  // namespace pharos::api::kodo
