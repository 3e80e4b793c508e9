#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "store/sqlite/statement.h"

struct sqlite3;

namespace pharos::store::sqlite {

struct ConnectionSettings {
  std::string path;
  bool full_sync = true;       // wait for the disk at each commit
  bool create = false;         // make the file when there is none
  int busy_timeout_ms = 5000;  // how long to wait for another process
  int cache_kib = 2048;        // page cache
};

// One connection to a database file. May be used by one thread at a time, handed over with a lock.
class Connection {
 public:
  // Errors: kInvalid when the file is no database, kUnavailable when it stays locked, kInternal.
  static Result<std::unique_ptr<Connection>> Open(const ConnectionSettings& settings);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one or more statements without parameters or results.
  Status Execute(const char* sql);
  // `sql` must be a constant that lives as long as the program: prepared statements are kept by its
  // address.
  Result<Statement> Prepare(const char* sql);
  // The first column of the first row; 0 when there is no row.
  Result<int64_t> QueryInt(const char* sql);
  int64_t LastInsertId() const;
  // Rows changed by the last statement.
  int64_t Changes() const;
  bool InTransaction() const;
  // Waits a tenth of a second for another process to let go.
  void Pause();
  // Copies the whole database, as this connection sees it now, into the new file `path`.
  Status CopyTo(const std::string& path);

 private:
  friend class Statement;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  Error MakeError(int code, const char* sql) const;
  void GiveBack(const char* sql, sqlite3_stmt* handle);

  sqlite3* handle_;
  std::unordered_map<const char*, sqlite3_stmt*> idle_;
};

}  // namespace pharos::store::sqlite
