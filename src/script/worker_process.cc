#include "script/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/clock.h"

namespace pharos::script {
namespace {

constexpr Duration kStartLimit = Seconds(20);

Error CannotStart(std::string_view what, int code) {
  return Error(ErrorKind::kUnavailable,
               std::string(what) + (code == 0 ? "" : ": " + std::string(strerror(code))));
}

// What a child gets: its end of the socket as file 0, nothing to write to, default signals.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, socket, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    // A group of its own: an interrupt typed at the terminal is for us, not for it.
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int Spawn(const std::string& program, const std::vector<std::string>& arguments,
            pid_t& pid) const {
    std::string name = program;
    std::vector<std::string> copies = arguments;
    std::vector<char*> argv = {name.data()};
    for (std::string& argument : copies) argv.push_back(argument.data());
    argv.push_back(nullptr);
    char* environment[] = {nullptr};
    return posix_spawn(&pid, program.c_str(), &actions_, &attributes_, argv.data(), environment);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Status WorkerProcess::Start(const std::string& program, const std::vector<std::string>& arguments) {
  Kill();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return CannotStart("cannot make a socket", errno);
  }
  const int failed = SpawnPlan(ends[1]).Spawn(program, arguments, pid_);
  close(ends[1]);
  socket_ = ends[0];
  if (failed != 0) {
    pid_ = 0;
    Kill();
    return CannotStart("cannot start " + program, failed);
  }
  AnswerHead head{};
  std::string text;
  if (Read(kStartLimit, -1, head, text) != ReadEnd::kAnswer || head.kind != AnswerKind::kReady) {
    Kill();
    return CannotStart("the script worker ended before it was ready", 0);
  }
  return Ok();
}

WorkerProcess::ReadEnd WorkerProcess::Send(Duration wait, int wake, const CallHead& head,
                                           std::string_view source, std::string_view arguments) {
  // What a worker said before it was asked is no answer to this call.
  char early = 0;
  if (recv(socket_, &early, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) return ReadEnd::kGone;
  const MonotonicTime until = SystemClock().Monotonic() + wait;
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes.append(source).append(arguments);
  size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t sent =
        send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) at += static_cast<size_t>(sent);
    if (sent > 0 || (sent < 0 && errno == EINTR)) continue;
    if (sent == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return ReadEnd::kGone;
    if (!WaitFor(POLLOUT, until, wake)) return ReadEnd::kTimeout;
  }
  return ReadEnd::kAnswer;
}

bool WorkerProcess::WaitFor(short events, MonotonicTime until, int wake) {
  while (true) {
    const int64_t left_ms = (until - SystemClock().Monotonic()).count() / 1000;
    pollfd files[2] = {{socket_, events, 0}, {wake, POLLIN, 0}};
    const int wait_ms = static_cast<int>(std::clamp<int64_t>(left_ms + 1, 0, 3'600'000));
    const int ready = poll(files, wake < 0 ? 1 : 2, wait_ms);
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && files[0].revents != 0;
  }
}

bool WorkerProcess::ReadExactly(char* to, size_t size, MonotonicTime until, int wake,
                                ReadEnd& end) {
  while (size > 0) {
    if (!WaitFor(POLLIN, until, wake)) {
      end = ReadEnd::kTimeout;
      return false;
    }
    const ssize_t got = recv(socket_, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      end = ReadEnd::kGone;
      return false;
    }
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

WorkerProcess::ReadEnd WorkerProcess::Read(Duration wait, int wake, AnswerHead& head,
                                           std::string& text) {
  const MonotonicTime until = SystemClock().Monotonic() + wait;
  ReadEnd end = ReadEnd::kAnswer;
  if (!ReadExactly(reinterpret_cast<char*>(&head), sizeof head, until, wake, end)) return end;
  if (head.magic != kAnswerMagic || head.text_bytes > kMaxAnswerBytes) return ReadEnd::kGone;
  text.resize(head.text_bytes);
  if (!ReadExactly(text.data(), text.size(), until, wake, end)) return end;
  return ReadEnd::kAnswer;
}

Duration WorkerProcess::CpuUsed() const {
  clockid_t clock{};
  timespec used{};
  if (pid_ <= 0 || clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return Duration(0);
  }
  return Seconds(used.tv_sec) + Duration(used.tv_nsec / 1000);
}

void WorkerProcess::Kill() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

}  // namespace pharos::script
