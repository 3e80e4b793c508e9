#include "store/sqlite/reader_pool.h"

#include <chrono>
#include <utility>

#include "base/log.h"

namespace pharos::store::sqlite {
namespace {

constexpr std::chrono::seconds kMaxWait{5};

// The first statement of a deferred transaction takes the snapshot; this one also tells which
// journal rows are in it.
constexpr char kSelectJournalSeq[] =
    "-- takes the snapshot and gives its last journal row\n"
    "SELECT seq FROM sqlite_sequence WHERE name = 'history_journal'";
constexpr char kBegin[] = "BEGIN DEFERRED";
constexpr char kEnd[] = "COMMIT";

Status RunOnce(Connection& connection, const char* sql) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, connection.Prepare(sql));
  return s.Run();
}

}  // namespace

class ReaderPool::ReadSession : public Session, public SessionCore {
 public:
  ReadSession(ReaderPool& pool, std::unique_ptr<Connection> connection)
      : SessionCore(*connection),
        pool_(pool),
        connection_(std::move(connection)),
        ticket_(pool.tail_.EnterSession()) {}

  ~ReadSession() override {
    if (connection_->InTransaction()) {
      const Status ended = RunOnce(*connection_, kEnd);
      if (!ended) LogError("read session did not end", ended.error());
    }
    pool_.tail_.LeaveSession(ticket_);
    pool_.GiveBack(std::move(connection_));
  }

  Status Begin() {
    PHAROS_RETURN_IF_ERROR(RunOnce(*connection_, kBegin));
    PHAROS_ASSIGN_OR_RETURN(visible_seq, connection_->QueryInt(kSelectJournalSeq));
    has_changes = false;
    return Ok();
  }

 private:
  ReaderPool& pool_;
  std::unique_ptr<Connection> connection_;
  // Taken before the snapshot, so that the tail keeps whatever the snapshot's chunks may lack.
  int64_t ticket_;
};

Result<std::unique_ptr<Session>> ReaderPool::Open() {
  PHAROS_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Borrow());
  auto session = std::make_unique<ReadSession>(*this, std::move(connection));
  PHAROS_RETURN_IF_ERROR(session->Begin());
  return std::unique_ptr<Session>(std::move(session));
}

Result<std::unique_ptr<Connection>> ReaderPool::Borrow() {
  {
    std::unique_lock lock(mutex_);
    const bool is_free = given_back_.wait_for(
        lock, kMaxWait, [&] { return !idle_.empty() || opened_ < max_readers_; });
    if (!is_free) return Error::Unavailable("too many readers of the store", 1);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++opened_;
  }
  auto connection = Connection::Open(settings_);
  if (!connection) {
    const std::lock_guard lock(mutex_);
    --opened_;
    given_back_.notify_one();
  }
  return connection;
}

void ReaderPool::GiveBack(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  given_back_.notify_one();
}

}  // namespace pharos::store::sqlite
