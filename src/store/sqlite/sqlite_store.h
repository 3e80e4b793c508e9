#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "store/store.h"

namespace pharos::store {

struct SqliteSettings {
  // File path, or ":memory:" for tests (a shared in-memory database of this store object alone).
  std::string path;
  size_t max_queued_writes = 10'000;
  size_t max_group = 512;  // write functions per commit
  int max_readers = 16;    // pooled read connections
  bool full_sync = true;   // durable before acknowledged (architecture D5)
};

// Opens (creating it if need be) and migrates the database; migrations are numbered and only go
// forward, a database of a newer version than this program is refused. Errors: kInvalid for a
// database that is not ours or too new, kUnavailable when another process holds it for too long,
// kInternal otherwise. Several processes may have the same file open: a running server and the
// command line beside it.
Result<std::unique_ptr<Store>> OpenSqliteStore(const SqliteSettings& settings, const Clock& clock,
                                               Metrics& metrics);

}  // namespace pharos::store
