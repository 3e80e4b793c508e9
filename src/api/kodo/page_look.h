#pragma once

#include "api/endpoint.h"
#include "base/json.h"
#include "model/page.h"

namespace pharos::api::kodo {

// The fields of a status page that say how it looks (kodo.md 14.1), kept in model::Page::look by
// their own names. Absent ones have the documented defaults.
void PutLook(JsonWriter& json, const model::Page& page);
// Takes over what the body has. Errors: the fixed texts of kodo.md 14.2, kInvalid on fields.
Status ApplyLook(const Value& body, model::Page& page);

// One member of the look, or its default.
Value LookOf(const model::Page& page, std::string_view name);

}  // namespace pharos::api::kodo
