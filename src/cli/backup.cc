#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "app/data_directory.h"
#include "app/wiring.h"
#include "cli/commands.h"
#include "store/monitor_store.h"

namespace pharos::cli {
namespace {

namespace fs = std::filesystem;

Error FileError(const std::string& what, const std::error_code& code) {
  return Error::Field("file", what + ": " + code.message());
}

// SQLite takes an empty file for an empty database, which is what a failed download leaves behind.
Status CheckIsDatabase(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::error_code failed;
  if (!fs::exists(path, failed)) return Error::Field("file", "there is no file '" + path + "'");
  std::ifstream file(path, std::ios::binary);
  std::string head(kMagic.size(), '\0');
  if (file) file.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (!file) return Error::Field("file", "'" + path + "' cannot be read or is no backup");
  if (head != kMagic) return Error::Field("file", "'" + path + "' is not a database");
  return Ok();
}

// Opens a copy of the backup, migrates it and reads it, so that a broken file never replaces data.
Status Verify(const app::Settings& settings, const fs::path& copy, const Clock& clock) {
  Metrics metrics;
  app::Settings at_copy = settings;
  at_copy.database = copy.string();
  PHAROS_ASSIGN_OR_RETURN(auto store, app::OpenStoreFor(at_copy, clock, metrics));
  PHAROS_ASSIGN_OR_RETURN(auto session, store->Read());
  auto monitors = store->monitors().ListAll(*session);
  if (!monitors) return std::move(monitors).error();
  std::fprintf(stderr, "%zu monitors in the backup.\n", monitors->size());
  return Ok();
}

}  // namespace

Status RunBackup(const app::Settings& settings, const CommandLine& line) {
  SystemClock clock;
  Metrics metrics;
  PHAROS_RETURN_IF_ERROR(app::CheckDatabaseExists(settings));
  if (line.target.empty()) return Error::Field("file", "the name of the file is empty");
  std::error_code failed;
  if (fs::exists(line.target, failed)) {
    return Error::Field("file", "'" + line.target + "' exists already");
  }
  PHAROS_ASSIGN_OR_RETURN(auto store, app::OpenStoreFor(settings, clock, metrics));
  PHAROS_RETURN_IF_ERROR(store->BackupTo(line.target));
  std::fprintf(stderr, "Backup written to %s (%ju bytes).\n", line.target.c_str(),
               static_cast<uintmax_t>(fs::file_size(line.target)));
  return Ok();
}

Status RunRestore(const app::Settings& settings, const CommandLine& line) {
  SystemClock clock;
  const fs::path target = app::DatabasePath(settings);
  if (fs::exists(target) && !line.force) {
    return Error::Field("data",
                        "'" + target.string() + "' exists; stop the server and use --force");
  }
  PHAROS_RETURN_IF_ERROR(CheckIsDatabase(line.target));
  // A running server would go on writing to the file that is no longer there.
  PHAROS_ASSIGN_OR_RETURN(const app::DataLock lock, app::DataLock::Take(target.string()));
  std::error_code failed;
  fs::path copy = target;
  copy += ".restoring";
  fs::copy_file(line.target, copy, fs::copy_options::overwrite_existing, failed);
  if (failed) return FileError("cannot read '" + line.target + "'", failed);
  // It holds secrets, however openly the backup was kept.
  fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, failed);
  if (failed) return FileError("cannot protect the copy", failed);
  if (Status status = Verify(settings, copy, clock); !status) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(copy.string() + suffix, failed);
    return status;
  }
  // Leftovers of the old database must not be applied to the new one.
  for (const char* suffix : {"-wal", "-shm"}) {
    fs::remove(target.string() + suffix, failed);
    fs::remove(copy.string() + suffix, failed);
  }
  fs::rename(copy, target, failed);
  if (failed) return FileError("cannot put the backup in place", failed);
  std::fprintf(stderr, "Restored to %s.\n", target.c_str());
  return Ok();
}

}  // namespace pharos::cli
