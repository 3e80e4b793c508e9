#include "cli/read_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace pharos::cli {
namespace {

constexpr std::streamsize kMaxFileBytes = 1024 * 1024;

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, const std::string& field) {
  std::error_code failed;
  // The stream would open a directory and fail only at the first byte.
  if (std::filesystem::is_directory(path, failed)) {
    return Error::Field(field, field + ": '" + path + "' is a directory");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error::Field(field, field + ": cannot read '" + path + "'");
  std::string text(static_cast<size_t>(kMaxFileBytes) + 1, '\0');
  file.read(text.data(), kMaxFileBytes + 1);
  if (file.bad()) return Error::Field(field, field + ": cannot read '" + path + "'");
  if (file.gcount() > kMaxFileBytes) {
    return Error::Field(field, field + ": '" + path + "' is longer than 1 MiB");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace pharos::cli
