#pragma once

#include <string_view>

#include "base/result.h"
#include "probe/domain/registration.h"

namespace pharos::probe {

// Reads an RDAP answer (RFC 9083) about `domain`. Anything may be missing or of a wrong type; only
// an answer that is no domain object, or about another domain, is an error (kInvalid).
Result<Registration> ParseRdap(std::string_view json, std::string_view domain);

}  // namespace pharos::probe
