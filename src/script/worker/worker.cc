#include "script/worker/worker.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "script/wire.h"
#include "script/worker/engine.h"
#include "script/worker/fence.h"

namespace pharos::script {
namespace {

constexpr int kSocket = 0;
// Of the 3600 seconds that the system allows. The pool starts the next one.
constexpr time_t kRetireAfterCpuSeconds = 3000;
constexpr uint32_t kMaxHeapBytes = 64 * 1024 * 1024;
constexpr uint32_t kMaxCpuMs = 60'000;

bool ReadAll(void* to, size_t size) {
  char* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = read(kSocket, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteAll(const void* from, size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t sent = write(kSocket, at, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

bool Send(const EngineAnswer& answer) {
  const AnswerHead head{kAnswerMagic, answer.kind, answer.cpu_us, answer.memory_bytes,
                        answer.text_bytes};
  return WriteAll(&head, sizeof head) && WriteAll(answer.text, answer.text_bytes);
}

bool IsSane(const CallHead& head) {
  return head.magic == kCallMagic && head.source_bytes <= kMaxSourceBytes &&
         head.argument_bytes <= kMaxArgumentBytes && head.heap_bytes <= kMaxHeapBytes &&
         head.cpu_ms <= kMaxCpuMs;
}

bool IsOld() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec >= kRetireAfterCpuSeconds;
}

// Room for the texts of one call, made before the door is shut.
struct Room {
  char texts[kMaxSourceBytes + kMaxArgumentBytes];
  EngineAnswer answer;
};

}  // namespace

int RunScriptWorker() {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  signal(SIGPIPE, SIG_IGN);
  auto* room = static_cast<Room*>(malloc(sizeof(Room)));
  if (room == nullptr || !StartEngine() || !LockIn()) return EXIT_FAILURE;
  room->answer.kind = AnswerKind::kReady;
  room->answer.text_bytes = 0;
  room->answer.cpu_us = 0;
  room->answer.memory_bytes = 0;
  if (!Send(room->answer)) return EXIT_FAILURE;
  CallHead head{};
  while (ReadAll(&head, sizeof head)) {
    if (!IsSane(head)) return EXIT_FAILURE;
    const size_t size = size_t{head.source_bytes} + head.argument_bytes;
    if (!ReadAll(room->texts, size)) break;
    EngineCall call;
    call.source = {room->texts, head.source_bytes};
    call.arguments = {room->texts + head.source_bytes, head.argument_bytes};
    call.cpu_ms = head.cpu_ms;
    call.heap_bytes = head.heap_bytes;
    call.extra = head.extra;
    RunInEngine(call, room->answer);
    if (!Send(room->answer)) break;
    if (IsOld()) break;
    // After the answer, so that nobody waits for it: no word of this call is there for the next.
    ResetEngine();
    memset(room->texts, 0, size);
  }
  return EXIT_SUCCESS;
}

}  // namespace pharos::script
