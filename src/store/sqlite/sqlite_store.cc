#include "store/sqlite/sqlite_store.h"

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/file_sync.h"
#include "store/sqlite/history.h"
#include "store/sqlite/history_tail.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/more_aggregates.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/writer.h"

namespace pharos::store {
namespace sqlite {
namespace {

constexpr char kMemoryPath[] = ":memory:";
// Switching a new file to write-ahead logging fails at once while another process looks at it.
constexpr int kWalAttempts = 50;
constexpr int kWriterCacheKib = 16 * 1024;
constexpr int kReaderCacheKib = 8 * 1024;

constexpr char kSelectDataVersion[] =
    "-- changes when another connection committed\n"
    "PRAGMA data_version";
constexpr char kSelectJournalMode[] =
    "-- whether write-ahead logging is on already\n"
    "SELECT journal_mode = 'wal' FROM pragma_journal_mode";

// A directory that goes away with this object. A database "in memory" is a file in one, in the
// system's memory file system where there is one: SQLite's own memory databases let readers block
// the writer, so tests on them would not test what runs.
class ScratchDirectory {
 public:
  static Result<std::unique_ptr<ScratchDirectory>> Create() {
    std::error_code ignored;
    for (const std::filesystem::path& root :
         {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path(ignored)}) {
      std::string path = (root / "pharos-XXXXXX").string();
      if (mkdtemp(path.data()) != nullptr) {
        return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(path));
      }
    }
    return Error::Internal("cannot make a temporary directory");
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  std::string File(const char* name) const { return path_ + "/" + name; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Status EnableWal(Connection& connection) {
  PHAROS_ASSIGN_OR_RETURN(const int64_t is_on, connection.QueryInt(kSelectJournalMode));
  if (is_on != 0) return Ok();
  Status enabled = Ok();
  for (int i = 0; i < kWalAttempts; ++i) {
    enabled = connection.Execute("PRAGMA journal_mode=WAL");
    if (enabled || enabled.error().kind != ErrorKind::kUnavailable) return enabled;
    connection.Pause();
  }
  return enabled;
}

class SqliteStore : public Store {
 public:
  SqliteStore(std::unique_ptr<ScratchDirectory> scratch, const ConnectionSettings& connection,
              int max_readers)
      : scratch_(std::move(scratch)),
        connection_(connection),
        readers_(connection, max_readers, tail_),
        history_(*this, tail_) {}

  Status Start(const SqliteSettings& settings, const Clock& clock, Metrics& metrics) {
    ConnectionSettings writing = connection_;
    writing.create = true;
    writing.cache_kib = kWriterCacheKib;
    PHAROS_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer, Connection::Open(writing));
    // Counts for a file that is still empty only. Chunks of about three kilobytes waste less of
    // pages of this size than of the usual ones.
    PHAROS_RETURN_IF_ERROR(writer->Execute("PRAGMA page_size=8192"));
    PHAROS_RETURN_IF_ERROR(EnableWal(*writer));
    PHAROS_RETURN_IF_ERROR(Migrate(*writer));
    PHAROS_RETURN_IF_ERROR(tail_.Load(*writer));
    PHAROS_ASSIGN_OR_RETURN(watcher_, Connection::Open(connection_));
    WriterSettings group;
    group.max_queued = settings.max_queued_writes;
    group.max_group = settings.max_group;
    writer_ = std::make_unique<Writer>(std::move(writer), tail_, group, clock, metrics);
    return Ok();
  }

  Status Write(WriteFunction write) override { return writer_->Write(std::move(write)); }
  void WriteAsync(WriteFunction write, WriteDone done) override {
    writer_->WriteAsync(std::move(write), std::move(done));
  }
  Result<std::unique_ptr<Session>> Read() override { return readers_.Open(); }

  OrganisationStore& organisations() override { return organisations_; }
  KeyStore& keys() override { return keys_; }
  AuditStore& audit() override { return audit_; }
  MonitorStore& monitors() override { return monitors_; }
  StateStore& states() override { return states_; }
  HistoryStore& history() override { return history_; }
  TransitionStore& transitions() override { return transitions_; }
  IncidentStore& incidents() override { return incidents_; }
  DeliveryStore& deliveries() override { return deliveries_; }
  SiteStore& site() override { return site_; }
  MaintenanceStore& maintenances() override { return maintenances_; }
  PageStore& pages() override { return pages_; }
  EventStore& events() override { return events_; }
  EvidenceStore& evidence() override { return evidence_; }
  RecordStore& records() override { return records_; }
  SecretStore& secrets() override { return secrets_; }

  // This connection never writes, so that it sees our own commits too.
  Result<int64_t> ChangeCounter() override {
    const std::lock_guard lock(watcher_mutex_);
    return watcher_->QueryInt(kSelectDataVersion);
  }

  Status BackupTo(const std::string& path) override {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      return Error(ErrorKind::kConflict, "the backup file exists already");
    }
    // Under another name until it is complete, so that no half backup can be taken for a whole one.
    const std::string partial = path + ".partial";
    std::filesystem::remove(partial, ignored);
    const Status copied = CopyTo(partial);
    if (!copied) {
      std::filesystem::remove(partial, ignored);
      return copied;
    }
    return PublishFile(partial, path);
  }

 private:
  Status CopyTo(const std::string& path) {
    PHAROS_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, readers_.Open());
    PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(*session));
    return core->connection().CopyTo(path);
  }

  std::unique_ptr<ScratchDirectory> scratch_;
  const ConnectionSettings connection_;
  HistoryTail tail_;
  ReaderPool readers_;
  SqliteOrganisationStore organisations_;
  SqliteKeyStore keys_;
  SqliteAuditStore audit_;
  SqliteMonitorStore monitors_;
  SqliteStateStore states_;
  SqliteHistoryStore history_;
  SqliteTransitionStore transitions_;
  SqliteIncidentStore incidents_;
  SqliteDeliveryStore deliveries_;
  SqliteSiteStore site_;
  SqliteMaintenanceStore maintenances_;
  SqlitePageStore pages_;
  SqliteEventStore events_;
  SqliteEvidenceStore evidence_;
  SqliteRecordStore records_;
  SqliteSecretStore secrets_;
  std::mutex watcher_mutex_;
  std::unique_ptr<Connection> watcher_;
  // Last, so that it drains its queue while everything else is still there.
  std::unique_ptr<Writer> writer_;
};

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> OpenSqliteStore(const SqliteSettings& settings, const Clock& clock,
                                               Metrics& metrics) {
  sqlite::ConnectionSettings connection;
  connection.path = settings.path;
  connection.full_sync = settings.full_sync;
  connection.cache_kib = sqlite::kReaderCacheKib;
  std::unique_ptr<sqlite::ScratchDirectory> scratch;
  if (settings.path == sqlite::kMemoryPath) {
    PHAROS_ASSIGN_OR_RETURN(scratch, sqlite::ScratchDirectory::Create());
    connection.path = scratch->File("pharos.db");
    connection.full_sync = false;
  }
  auto store =
      std::make_unique<sqlite::SqliteStore>(std::move(scratch), connection, settings.max_readers);
  PHAROS_RETURN_IF_ERROR(store->Start(settings, clock, metrics));
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace pharos::store
