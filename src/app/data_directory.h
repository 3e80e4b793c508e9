#pragma once

#include <string>

#include "base/result.h"

namespace pharos::app {

// Creates the directory that `database_path` is in. Errors: kInvalid for "data", with the reason.
Status CreateDirectoryOf(const std::string& database_path);

// One server per database: two would check and alert twice, and each would decide from an image of
// the data that the other changes. The lock is advisory, lies beside the database (its name and
// ".lock") and ends with the process, however that ends; the empty file stays. Commands that work
// beside a server (keys, backup) do not take it.
class DataLock {
 public:
  // Creates the directory if need be. ":memory:" needs no lock and always succeeds.
  // Errors: kConflict when another process has it, kInvalid when the file cannot be made.
  static Result<DataLock> Take(const std::string& database_path);
  ~DataLock();
  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&& other) noexcept;

 private:
  explicit DataLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace pharos::app
