#include "script/worker/fence.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <initializer_list>

// Present when the program is built with that sanitizer, whose run time needs files and more room.
// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" {
__attribute__((weak)) void __asan_init();
__attribute__((weak)) void __tsan_init();
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

namespace pharos::script {
namespace {

constexpr rlim_t kMiB = 1024 * 1024;
// Mostly the empty room behind the engine's memory, which makes every stray access fault.
constexpr rlim_t kAddressBytes = 8 * 1024 * kMiB + 1024 * kMiB;
// What can be written to: the engine at its largest, two copies of its start, the program itself.
constexpr rlim_t kDataBytes = 256 * kMiB;
constexpr rlim_t kStackBytes = 64 * kMiB;
// For the whole life; the worker retires long before.
constexpr rlim_t kCpuSeconds = 3600;

bool Limit(int resource, rlim_t value) {
  const rlimit limit{value, value};
  return setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

bool SetLimits() {
  return Limit(RLIMIT_CORE, 0) && Limit(RLIMIT_FSIZE, 0) && Limit(RLIMIT_NOFILE, 3) &&
         Limit(RLIMIT_NPROC, 0) && Limit(RLIMIT_CPU, kCpuSeconds) &&
         Limit(RLIMIT_STACK, kStackBytes) && Limit(RLIMIT_AS, kAddressBytes) &&
         Limit(RLIMIT_DATA, kDataBytes);
}

bool FilterCalls() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr) return false;
  bool ok = true;
  for (const int call :
       {SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(setitimer),
        SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
        SCMP_SYS(restart_syscall)}) {
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  }
  // Its socket and no other file.
  for (const int call : {SCMP_SYS(read), SCMP_SYS(write)}) {
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A0(SCMP_CMP_EQ, 0)) == 0;
  }
  // Memory that can be run is never made.
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)) == 0;
  // What an allocator asks on the way; a refusal does no harm.
  for (const int call : {SCMP_SYS(mremap), SCMP_SYS(open), SCMP_SYS(openat)}) {
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(1), call, 0) == 0;
  }
  ok = ok && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return ok;
}

}  // namespace

bool IsSanitized() { return &__asan_init != nullptr || &__tsan_init != nullptr; }

bool LockIn() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (IsSanitized()) return true;
  return SetLimits() && FilterCalls();
}

}  // namespace pharos::script
