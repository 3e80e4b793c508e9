#include "app/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace pharos::app {

Status CreateDirectoryOf(const std::string& database_path) {
  const std::filesystem::path directory = std::filesystem::path(database_path).parent_path();
  std::error_code failed;
  if (!directory.empty()) std::filesystem::create_directories(directory, failed);
  if (!failed) return Ok();
  return Error::Field("data",
                      "data: cannot create '" + directory.string() + "': " + failed.message());
}

Result<DataLock> DataLock::Take(const std::string& database_path) {
  if (database_path == ":memory:") return DataLock(-1);
  PHAROS_RETURN_IF_ERROR(CreateDirectoryOf(database_path));
  // Not the database itself: closing a second descriptor of it would drop SQLite's own locks.
  const std::string path = database_path + ".lock";
  DataLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd_ < 0) {
    return Error::Field(
        "data", "data: cannot open '" + path + "': " + std::generic_category().message(errno));
  }
  if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error(ErrorKind::kConflict,
                   "a server is running on '" + database_path + "'; stop it first");
    }
    return Error::Field(
        "data", "data: cannot lock '" + path + "': " + std::generic_category().message(errno));
  }
  return lock;
}

DataLock::~DataLock() {
  if (fd_ >= 0) close(fd_);
}

DataLock::DataLock(DataLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DataLock& DataLock::operator=(DataLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace pharos::app
