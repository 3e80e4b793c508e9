#include "store/sqlite/writer.h"

#include <future>
#include <utility>

#include "base/log.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kSavepoint[] = "SAVEPOINT one_write";
constexpr char kRelease[] = "RELEASE one_write";
constexpr char kRollbackTo[] = "ROLLBACK TO one_write";

const std::vector<double>& CommitBounds() {
  static const std::vector<double> bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                             0.1,   0.25,   0.5,   1,    2.5};
  return bounds;
}

Error Refused() { return Error::Unavailable("the store is overloaded or closing", 1); }

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, HistoryTail& tail,
               const WriterSettings& settings, const Clock& clock, Metrics& metrics)
    : connection_(std::move(connection)),
      tail_(tail),
      settings_(settings),
      clock_(clock),
      commits_(metrics.GetCounter("pharos_store_commits_total", "Commits to the database.")),
      writes_(metrics.GetCounter("pharos_store_writes_total", "Write functions committed.")),
      failures_(metrics.GetCounter("pharos_store_write_failures_total",
                                   "Write functions that failed or were refused.")),
      queued_(metrics.GetGauge("pharos_store_queued_writes", "Write functions waiting.")),
      commit_seconds_(metrics.GetHistogram("pharos_store_commit_seconds",
                                           "Time from taking a group of writes to its commit.",
                                           CommitBounds())),
      queue_(settings.max_queued),
      thread_([this] { Run(); }) {}

Writer::~Writer() {
  queue_.Close();
  thread_.join();
}

Status Writer::Write(WriteFunction write) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    return Error::Internal("a write inside a write");
  }
  std::promise<Status> promise;
  std::future<Status> outcome = promise.get_future();
  WriteAsync(std::move(write), [&promise](Status status) { promise.set_value(std::move(status)); });
  return outcome.get();
}

void Writer::WriteAsync(WriteFunction write, WriteDone done) {
  Job job{std::move(write), std::move(done)};
  if (queue_.TryPush(std::move(job))) return;
  failures_.Add();
  job.done(Refused());  // NOLINT(bugprone-use-after-move): a refused job is left untouched
}

void Writer::Run() {
  while (true) {
    std::vector<Job> jobs = queue_.PopBatch(settings_.max_group);
    if (jobs.empty()) return;
    queued_.Set(static_cast<double>(queue_.Size()));
    RunGroup(jobs);
  }
}

void Writer::RunGroup(std::vector<Job>& jobs) {
  const MonotonicTime begun = clock_.Monotonic();
  std::vector<Status> outcomes;
  const Status group = Commit(jobs, outcomes);
  if (!group) LogError("store commit failed", group.error());
  if (group) commits_.Add();
  commit_seconds_.Observe(ToMillis(clock_.Monotonic() - begun) / 1000);
  for (size_t i = 0; i < jobs.size(); ++i) {
    // A function's own error stands, whatever became of the group.
    const bool failed_itself = i < outcomes.size() && !outcomes[i];
    Status outcome = failed_itself ? outcomes[i] : group;
    (outcome ? writes_ : failures_).Add();
    jobs[i].done(std::move(outcome));
  }
}

Status Writer::Commit(std::vector<Job>& jobs, std::vector<Status>& outcomes) {
  PHAROS_RETURN_IF_ERROR(connection_->Execute("BEGIN IMMEDIATE"));
  WriteTransaction tx(*connection_);
  Status status = tail_.CatchUp(*connection_);
  if (status) status = RunFunctions(jobs, tx, outcomes);
  if (status) status = connection_->Execute("COMMIT");
  if (!status) {
    if (connection_->InTransaction()) {
      const Status undone = connection_->Execute("ROLLBACK");
      if (!undone) LogError("store rollback failed", undone.error());
    }
    return status;
  }
  tail_.Apply(std::move(tx.changes));
  return Ok();
}

Status Writer::RunFunctions(std::vector<Job>& jobs, WriteTransaction& tx,
                            std::vector<Status>& outcomes) {
  for (Job& job : jobs) {
    const size_t mark = tx.changes.size();
    Status outcome;
    PHAROS_RETURN_IF_ERROR(RunOne(job.write, tx, outcome));
    if (!outcome) tx.changes.resize(mark);
    outcomes.push_back(std::move(outcome));
  }
  return Ok();
}

Status Writer::RunOne(WriteFunction& write, WriteTransaction& tx, Status& outcome) {
  {
    PHAROS_ASSIGN_OR_RETURN(Statement savepoint, connection_->Prepare(kSavepoint));
    PHAROS_RETURN_IF_ERROR(savepoint.Run());
  }
  outcome = write(tx);
  if (!connection_->InTransaction()) {
    // A full disk or an I/O error makes SQLite roll back everything by itself.
    if (!outcome) return outcome;
    return Error::Internal("the transaction ended inside a write");
  }
  if (!outcome) {
    PHAROS_ASSIGN_OR_RETURN(Statement rollback, connection_->Prepare(kRollbackTo));
    PHAROS_RETURN_IF_ERROR(rollback.Run());
  }
  PHAROS_ASSIGN_OR_RETURN(Statement release, connection_->Prepare(kRelease));
  return release.Run();
}

}  // namespace pharos::store::sqlite
