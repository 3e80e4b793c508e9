#include "app/secret_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace pharos::app {
namespace {

constexpr size_t kMaxFile = 4'096;
constexpr size_t kMaxKeys = 16;
constexpr std::string_view kHead =
    "# Pharos: the key that its secrets are encrypted with. Keep a copy apart from backups.\n";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error Refused(const std::string& path, const std::string& why) {
  return Error::Field("secrets", "the key file '" + path + "' " + why);
}

Error Failed(const std::string& path, const std::string& what) {
  return Refused(path, "cannot be " + what + ": " + std::generic_category().message(errno));
}

Status CheckMode(const std::string& path, int fd) {
  struct stat file{};
  if (fstat(fd, &file) != 0) return Failed(path, "read");
  if (!S_ISREG(file.st_mode)) return Refused(path, "is no plain file");
  if ((file.st_mode & 077) != 0) {
    return Refused(path, "may be read or written by others; run: chmod 600 '" + path + "'");
  }
  if (file.st_uid != geteuid() && geteuid() != 0) return Refused(path, "belongs to another user");
  return Ok();
}

std::optional<Secret> ParseKey(std::string_view line) {
  if (line.size() != 2 * kSealKeyBytes) return std::nullopt;
  std::string key;
  key.reserve(kSealKeyBytes);
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (size_t i = 0; i < line.size(); i += 2) {
    const int high = digit(line[i]);
    const int low = digit(line[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key += static_cast<char>(high * 16 + low);
  }
  return Secret(std::move(key));
}

bool WriteAll(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return fsync(fd) == 0;
}

// The name in the directory is durable only then.
void SyncDirectoryOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) fsync(fd.get());
}

}  // namespace

Result<std::vector<Secret>> SecretKeyFile::Load() {
  const Descriptor fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0) {
    if (errno == ENOENT) return std::vector<Secret>();
    if (errno == ELOOP) return Refused(path_, "is a link, which is not followed");
    return Failed(path_, "opened");
  }
  PHAROS_RETURN_IF_ERROR(CheckMode(path_, fd.get()));
  std::string text(kMaxFile, '\0');
  const ssize_t size = read(fd.get(), text.data(), text.size());
  if (size < 0) return Failed(path_, "read");
  const Secret whole(text.substr(0, static_cast<size_t>(size)));
  Secret::Wipe(text);
  std::vector<Secret> keys;
  for (const std::string_view row : Split(whole.Reveal(), '\n')) {
    const std::string_view line = Trim(row);
    if (line.empty() || line.front() == '#') continue;
    auto key = ParseKey(line);
    if (!key || keys.size() == kMaxKeys) return Refused(path_, "is not a key file of Pharos");
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) return Refused(path_, "holds no key");
  return keys;
}

Status SecretKeyFile::Save(const std::vector<Secret>& keys) {
  const std::lock_guard lock(saving_);
  // What could not be loaded again must not replace what can.
  if (keys.empty() || keys.size() > kMaxKeys) {
    return Refused(path_, "can hold 1 to " + std::to_string(kMaxKeys) + " keys");
  }
  std::string text(kHead);
  text.reserve(text.size() + keys.size() * (2 * kSealKeyBytes + 1));
  for (const Secret& key : keys) {
    std::string line = HexLower(key.Reveal());
    text += line + "\n";
    Secret::Wipe(line);
  }
  const Secret whole(std::move(text));
  const std::string fresh = path_ + ".new";
  unlink(fresh.c_str());
  {
    const Descriptor fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0 || !WriteAll(fd.get(), whole.Reveal())) return Failed(path_, "written");
  }
  if (rename(fresh.c_str(), path_.c_str()) != 0) return Failed(path_, "replaced");
  SyncDirectoryOf(path_);
  return Ok();
}

Result<std::vector<Secret>> SecretKeysInMemory::Load() {
  const std::lock_guard lock(mutex_);
  return keys_;
}

Status SecretKeysInMemory::Save(const std::vector<Secret>& keys) {
  const std::lock_guard lock(mutex_);
  keys_ = keys;
  return Ok();
}

std::string SecretKeyPath(const std::string& database_path) {
  return (std::filesystem::path(database_path).parent_path() / "secret.key").string();
}

std::unique_ptr<service::SecretKeys> SecretKeysFor(const std::string& database_path) {
  if (database_path == ":memory:") return std::make_unique<SecretKeysInMemory>();
  return std::make_unique<SecretKeyFile>(SecretKeyPath(database_path));
}

probe::SecretLookup EnvironmentSecrets(std::string prefix) {
  return [prefix = std::move(prefix)](std::string_view name) -> std::optional<std::string> {
    if (!name.starts_with(prefix) || name.starts_with("PHAROS_")) return std::nullopt;
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

}  // namespace pharos::app
