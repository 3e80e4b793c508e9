#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/sqlite/sqlite_connection.h"

namespace pharos::store::sqlite {

// "PHAR": tells our databases from other programs'.
inline constexpr int64_t kApplicationId = 0x50484152;

// The version that this program writes.
int SchemaVersion();
// Brings the database to `target`, one transaction per step. Numbered steps, forward only; what is
// there already is left alone. Errors: kInvalid for a database of another program or of a newer
// version, kUnavailable when somebody else holds it, kInternal.
Status Migrate(Connection& connection, int target = SchemaVersion());

}  // namespace pharos::store::sqlite
