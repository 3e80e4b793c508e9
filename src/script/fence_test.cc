// What a locked-in process can still do: each row runs in a child that locks itself in first.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "script/worker/fence.h"

namespace pharos::script {
namespace {

constexpr int kNotLocked = 99;
constexpr int kRefused = 7;

// The wait status of a child that does `act` behind the fence and ends with its value.
int StatusOf(int (*act)()) {
  const pid_t child = fork();
  if (child == 0) {
    if (!LockIn()) _exit(kNotLocked);
    _exit(act());
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

TEST(Fence, WhatIsNotComputingEndsTheProcess) {
  if (IsSanitized()) return;  // said by fence.h; the other presets run this
  struct Row {
    const char* name;
    int (*act)();
  };
  const Row kRows[] = {
      {"socket", [] { return socket(AF_INET, SOCK_STREAM, 0); }},
      {"connect", [] { return connect(0, nullptr, 0); }},
      {"exec", [] { return execl("/bin/true", "true", nullptr); }},
      {"fork", [] { return static_cast<int>(syscall(SYS_fork)); }},
      {"clone", [] { return static_cast<int>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
      {"kill", [] { return kill(getppid(), 0); }},
      {"ptrace", [] { return static_cast<int>(syscall(SYS_ptrace, 16, 1, 0, 0)); }},
      {"write elsewhere", [] { return static_cast<int>(write(2, "x", 1)); }},
      {"read elsewhere",
       [] {
         char c;
         return static_cast<int>(read(1, &c, 1));
       }},
      {"unlink", [] { return unlink("/nowhere"); }},
      {"getcwd",
       [] {
         char path[64];
         return getcwd(path, sizeof path) != nullptr ? 0 : 1;
       }},
      {"prctl", [] { return static_cast<int>(syscall(SYS_prctl, 1, 0, 0, 0, 0)); }},
      {"memory to run",
       [] {
         return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                        MAP_FAILED
                    ? 1
                    : 0;
       }},
      {"file in memory",
       [] { return mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, 0, 0) == MAP_FAILED ? 1 : 0; }},
      {"memory made to run",
       [] {
         void* page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return mprotect(page, 4096, PROT_READ | PROT_EXEC);
       }},
  };
  for (const Row& row : kRows) {
    const int status = StatusOf(row.act);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << row.name << " " << status;
  }
}

TEST(Fence, FilesAreRefused) {
  if (IsSanitized()) return;
  const int status = StatusOf([] { return open("/etc/passwd", O_RDONLY) < 0 ? kRefused : 0; });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kRefused);
}

TEST(Fence, ComputingGoesOn) {
  const int status = StatusOf([] {
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return 1;
    *static_cast<char*>(page) = 1;
    return munmap(page, 4096) == 0 && time(nullptr) > 0 ? kRefused : 2;
  });
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), kRefused);
}

TEST(Fence, MemoryIsBounded) {
  if (IsSanitized()) return;
  const int status = StatusOf([] {
    constexpr size_t kTooMuch = size_t{512} << 20;
    return mmap(nullptr, kTooMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? kRefused
               : 0;
  });
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), kRefused);
}

}  // namespace
}  // namespace pharos::script
