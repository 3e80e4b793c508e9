#include "store/sqlite/sqlite_connection.h"

#include <sqlite3.h>

#include <climits>
#include <string>
#include <utility>

namespace pharos::store::sqlite {
namespace {

constexpr int kCopyPagesPerStep = 1024;

Error ErrorOf(int code, const std::string& detail) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: {
      Error error = Error::Unavailable("the database is busy", 1);
      error.detail = detail;
      return error;
    }
    case SQLITE_NOTADB:
      return Error(ErrorKind::kInvalid, "the file is not a database", detail);
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_FOREIGNKEY) {
        return Error(ErrorKind::kNotFound, "refers to something that does not exist", detail);
      }
      return Error(ErrorKind::kConflict, "exists already", detail);
    default:
      return Error::Internal(detail);
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionSettings& settings) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (settings.create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(settings.path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) {
    return ErrorOf(code, "open " + settings.path + ": " + sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle, settings.busy_timeout_ms);
  const std::string pragmas =
      "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
      "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;"
      "PRAGMA synchronous=" +
      std::string(settings.full_sync ? "FULL" : "OFF") + ";PRAGMA cache_size=-" +
      std::to_string(settings.cache_kib) + ";";
  PHAROS_RETURN_IF_ERROR(connection->Execute(pragmas.c_str()));
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status Connection::Execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return MakeError(code, sql);
  return Ok();
}

Result<Statement> Connection::Prepare(const char* sql) {
  if (const auto it = idle_.find(sql); it != idle_.end()) {
    sqlite3_stmt* handle = it->second;
    idle_.erase(it);
    return Statement(*this, sql, handle);
  }
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return MakeError(code, sql);
  return Statement(*this, sql, handle);
}

Result<int64_t> Connection::QueryInt(const char* sql) {
  PHAROS_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  PHAROS_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  return has_row ? statement.Get<int64_t>(0) : 0;
}

int64_t Connection::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }
int64_t Connection::Changes() const { return sqlite3_changes64(handle_); }
bool Connection::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

void Connection::Pause() { sqlite3_sleep(100); }

Status Connection::CopyTo(const std::string& path) {
  ConnectionSettings settings;
  settings.path = path;
  settings.create = true;
  PHAROS_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> target, Open(settings));
  sqlite3_backup* backup = sqlite3_backup_init(target->handle_, "main", handle_, "main");
  if (backup == nullptr) return target->MakeError(sqlite3_errcode(target->handle_), "backup");
  // The caller's open view keeps the source from changing under the copy, so this ends.
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = sqlite3_backup_step(backup, kCopyPagesPerStep);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return ErrorOf(code, std::string("backup: ") + sqlite3_errstr(code));
  return Ok();
}

Error Connection::MakeError(int code, const char* sql) const {
  return ErrorOf(code, std::string(sqlite3_errmsg(handle_)) + " (" + std::to_string(code) +
                           ") in: " + std::string(sql).substr(0, 120));
}

void Connection::GiveBack(const char* sql, sqlite3_stmt* handle) {
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
  // The same statement may have been used twice at a time; one copy is kept.
  if (!idle_.emplace(sql, handle).second) sqlite3_finalize(handle);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      sql_(other.sql_),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_code_(other.bind_code_) {}

Statement::~Statement() {
  if (handle_ != nullptr) connection_->GiveBack(sql_, handle_);
}

Result<bool> Statement::Step() {
  if (bind_code_ != SQLITE_OK) return connection_->MakeError(bind_code_, sql_);
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->MakeError(code, sql_);
}

Status Statement::Run() {
  auto has_row = Step();
  Reset();
  PHAROS_RETURN_IF_ERROR(std::move(has_row));
  return Ok();
}

void Statement::Reset() { sqlite3_reset(handle_); }

void Statement::BindNull(int index) {
  if (const int code = sqlite3_bind_null(handle_, index); code != SQLITE_OK) bind_code_ = code;
}

void Statement::BindInt(int index, int64_t value) {
  if (const int code = sqlite3_bind_int64(handle_, index, value); code != SQLITE_OK) {
    bind_code_ = code;
  }
}

void Statement::BindReal(int index, double value) {
  if (const int code = sqlite3_bind_double(handle_, index, value); code != SQLITE_OK) {
    bind_code_ = code;
  }
}

void Statement::BindText(int index, std::string_view value) {
  // A null pointer would bind NULL; an empty text is a text.
  const char* data = value.data() == nullptr ? "" : value.data();
  const int code =
      sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_code_ = code;
}

void Statement::BindBlob(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  const int code = sqlite3_bind_blob64(handle_, index, data, value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_code_ = code;
}

std::string_view Statement::Bytes(int column) {
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

bool Statement::IsNull(int column) { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
int64_t Statement::Int(int column) { return sqlite3_column_int64(handle_, column); }
double Statement::Real(int column) { return sqlite3_column_double(handle_, column); }

}  // namespace pharos::store::sqlite
