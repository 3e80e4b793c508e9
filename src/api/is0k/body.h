#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/body_values.h"
#include "api/endpoint.h"
#include "api/schema.h"
#include "base/error.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace pharos::api::is0k {

// The body with camelCase names of known members turned into snake_case (is0k.md 2.2); one level of
// "config" too. What is no object stays as it is.
Value ToSnakeCase(const Value& body);

// The request's body in snake_case. Error: INVALID_JSON when it is no object.
Result<Value> ReadObject(Call& call);

// Error: kInvalid with one entry per field (is0k.md 2.1 `details`). `partial`: absent members are
// fine.
Status CheckBody(const Shape& shape, const Value& body, bool partial);

}  // namespace pharos::api::is0k
