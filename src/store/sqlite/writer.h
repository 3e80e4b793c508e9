#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "store/sqlite/history_tail.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_session.h"
#include "store/store.h"

namespace pharos::store::sqlite {

struct WriterSettings {
  size_t max_queued = 10'000;
  size_t max_group = 512;
};

// The one thread that writes. It takes what has queued up, runs each function inside its own
// savepoint of one transaction, commits once, tells the history tail, then the callers. A bounded
// queue in front of it; closing runs what is queued and refuses what comes later. Thread-safe.
class Writer {
 public:
  Writer(std::unique_ptr<Connection> connection, HistoryTail& tail, const WriterSettings& settings,
         const Clock& clock, Metrics& metrics);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Status Write(WriteFunction write);
  void WriteAsync(WriteFunction write, WriteDone done);

 private:
  struct Job {
    WriteFunction write;
    WriteDone done;
  };

  void Run();
  void RunGroup(std::vector<Job>& jobs);
  // Runs the functions and commits. An error means that nothing of the group is stored; otherwise
  // `outcomes` holds one status per job.
  Status Commit(std::vector<Job>& jobs, std::vector<Status>& outcomes);
  Status RunFunctions(std::vector<Job>& jobs, WriteTransaction& tx, std::vector<Status>& outcomes);
  // `outcome` is the function's own; the returned error is the database's, and the group cannot go
  // on.
  Status RunOne(WriteFunction& write, WriteTransaction& tx, Status& outcome);

  std::unique_ptr<Connection> connection_;
  HistoryTail& tail_;
  const WriterSettings settings_;
  const Clock& clock_;
  Counter& commits_;
  Counter& writes_;
  Counter& failures_;
  Gauge& queued_;
  Histogram& commit_seconds_;
  BoundedQueue<Job> queue_;
  std::thread thread_;
};

}  // namespace pharos::store::sqlite
