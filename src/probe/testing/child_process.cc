#include "probe/testing/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace pharos::probe {
namespace {

constexpr size_t kMaxOutput = 4 * 1024 * 1024;

// Whom children run as: nobody when we are root, else ourselves.
const passwd* ChildUser() { return geteuid() == 0 ? getpwnam("nobody") : nullptr; }

void GiveToChild(const std::string& path) {
  const passwd* user = ChildUser();
  if (user == nullptr) return;
  EXPECT_EQ(chown(path.c_str(), user->pw_uid, user->pw_gid), 0) << path;
}

// A file in memory that holds the input, at its beginning.
int InputFile(const std::string& input) {
  const int fd = memfd_create("input", 0);
  EXPECT_EQ(write(fd, input.data(), input.size()), static_cast<ssize_t>(input.size()));
  EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
  return fd;
}

[[noreturn]] void Become(const std::vector<std::string>& command, int input_fd, int output_fd,
                         const passwd* user, pid_t parent) {
  dup2(input_fd, 0);
  dup2(output_fd, 1);
  dup2(output_fd, 2);
  closefrom(3);
  if (user != nullptr) {
    const gid_t group = user->pw_gid;
    if (setgid(group) != 0 || setuid(user->pw_uid) != 0) _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(words[0], words.data());
  _exit(127);
}

}  // namespace

TempDirectory::TempDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "pharos-XXXXXX").string();
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  path_ = pattern;
  GiveToChild(path_);
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Write(std::string_view name, std::string_view text) const {
  const std::string path = Path(name);
  std::ofstream(path) << text;
  EXPECT_EQ(chmod(path.c_str(), 0600), 0);
  GiveToChild(path);
  return path;
}

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::string& input,
                           int stop_signal)
    : stop_signal_(stop_signal) {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  output_fd_ = ends[0];
  const int input_fd = InputFile(input);
  const passwd* user = ChildUser();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Become(command, input_fd, ends[1], user, parent);
  close(ends[1]);
  close(input_fd);
  reader_ = std::thread([this] { ReadOutput(); });
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, stop_signal_);
    Wait();
  }
  if (reader_.joinable()) reader_.join();
  close(output_fd_);
}

void ChildProcess::ReadOutput() {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = read(output_fd_, buffer.data(), buffer.size());
    std::lock_guard lock(mutex_);
    if (got > 0 && output_.size() < kMaxOutput) {
      output_.append(buffer.data(), static_cast<size_t>(got));
    }
    ended_ = got <= 0;
    changed_.notify_all();
    if (ended_) return;
  }
}

std::string ChildProcess::WaitForLine(std::string_view text) {
  std::unique_lock lock(mutex_);
  size_t at = std::string::npos;
  size_t end = std::string::npos;
  const auto found = [&] {
    at = output_.find(text);
    end = at == std::string::npos ? at : output_.find('\n', at);
    return end != std::string::npos;
  };
  changed_.wait_for(lock, std::chrono::seconds(30), [&] { return found() || ended_; });
  if (!found()) return "";
  const size_t begin = output_.rfind('\n', at);
  return output_.substr(begin == std::string::npos ? 0 : begin + 1,
                        end - (begin == std::string::npos ? 0 : begin + 1));
}

int ChildProcess::Wait() {
  int status = 0;
  if (pid_ > 0) waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string ChildProcess::Output() const {
  std::lock_guard lock(mutex_);
  return output_;
}

uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace pharos::probe
