#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/session.h"
#include "store/sqlite/history_tail.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {

// Connections for reading, opened when first needed and lent to one session each. Thread-safe. All
// sessions must be gone before the pool is.
class ReaderPool {
 public:
  ReaderPool(ConnectionSettings settings, int max_readers, HistoryTail& tail)
      : settings_(std::move(settings)), max_readers_(max_readers), tail_(tail) {}

  // A session with its snapshot taken. Waits a little when all connections are lent. Error:
  // kUnavailable when none comes back.
  Result<std::unique_ptr<Session>> Open();

 private:
  class ReadSession;
  Result<std::unique_ptr<Connection>> Borrow();
  void GiveBack(std::unique_ptr<Connection> connection);

  const ConnectionSettings settings_;
  const int max_readers_;
  HistoryTail& tail_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int opened_ = 0;
};

}  // namespace pharos::store::sqlite
