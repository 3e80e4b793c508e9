#pragma once

#include <string>

#include "api/dialect.h"
#include "base/value.h"

namespace pharos::api {

// True for the mounts at which a dialect is described: its main ones, where clients bring keys.
bool IsDescribed(const Mount& mount);

// The OpenAPI 3.1 document of a dialect as clients meet it at `mount`, one of its described mounts:
// rows of other areas stand at the first mount of theirs that is lone like this one, or is not.
// Made from the rows and shapes alone, so it cannot say what the server does not do.
Value DescribeDialect(const Dialect& dialect, const Mount& mount);

}  // namespace pharos::api
