#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "store/session.h"
#include "store/sqlite/history_tail.h"
#include "store/sqlite/sqlite_connection.h"

namespace pharos::store::sqlite {

// What both kinds of session share: a connection with an open transaction on it.
class SessionCore {
 public:
  explicit SessionCore(Connection& connection) : connection_(connection) {}
  virtual ~SessionCore() = default;
  SessionCore(const SessionCore&) = delete;
  SessionCore& operator=(const SessionCore&) = delete;

  Connection& connection() { return connection_; }

  // Which journal rows this session sees in the tail.
  int64_t visible_seq = INT64_MAX;
  // Visible changes that are not in the tail: uncommitted ones of this write group, or rows that
  // another process wrote and this process has not taken in yet.
  HistoryChanges changes;
  // Whether `changes` holds all of them; a read session fills it in when history is first read.
  bool has_changes = true;

 private:
  Connection& connection_;
};

class WriteTransaction : public Transaction, public SessionCore {
 public:
  explicit WriteTransaction(Connection& connection) : SessionCore(connection) {}
};

// The core of a session of this backend. Error: kInternal for a session of another one.
Result<SessionCore*> CoreOf(Session& session);
// Prepares a constant statement on the session's connection.
Result<Statement> Prepare(Session& session, const char* sql);

}  // namespace pharos::store::sqlite
