#include "store/sqlite/file_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace pharos::store::sqlite {
namespace {

Status SyncPath(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return Error::Internal("open " + path + ": " + std::strerror(errno));
  const int code = fsync(fd);
  const int why = errno;
  close(fd);
  if (code != 0) return Error::Internal("fsync " + path + ": " + std::strerror(why));
  return Ok();
}

}  // namespace

Status PublishFile(const std::string& from, const std::string& to) {
  PHAROS_RETURN_IF_ERROR(SyncPath(from, O_RDONLY));
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    return Error::Internal("rename " + from + ": " + std::strerror(errno));
  }
  const std::filesystem::path parent = std::filesystem::path(to).parent_path();
  return SyncPath(parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace pharos::store::sqlite
