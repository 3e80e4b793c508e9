#include "script/worker/engine.h"

#include <quickjs.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <wasm-rt-impl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "script_assets.h"

struct Z_env_instance_t {};
struct Z_wasi_snapshot_preview1_instance_t {};

namespace pharos::script {
namespace {

constexpr uint32_t kPage = 65536;
constexpr size_t kCompared = 4096;
// dlmalloc keeps more than it hands out; what the engine counts is CallHead::heap_bytes.
constexpr uint32_t kSlackBytes = 24 * 1024 * 1024;
constexpr uint32_t kMaxNativeStack = 512 * 1024;  // what the package says is the most
// The engine asks every few thousand steps whether to go on. Some built-in loops never ask: they
// are left by a signal.
constexpr uint32_t kHardStopMs = 100;
// Loading the HTML parser is our own work, not the function's.
constexpr uint32_t kSetUpMs = 20'000;

// The engine's memory at one moment.
struct Copy {
  uint8_t* bytes = nullptr;
  uint32_t pages = 0;
  uint32_t stack_pointer = 0;
};

// Whatever a longjmp may cross lives here and nowhere else.
struct State {
  Z_quickjs_instance_t vm;
  Z_env_instance_t env;
  Z_wasi_snapshot_preview1_instance_t wasi;
  Copy plain;
  Copy with_html;
  const Copy* loaded = nullptr;  // nullptr: dirty
  const Copy* last = nullptr;    // what the last call began from
  uint32_t run = 0;              // handle of the prelude's value
  uint32_t tick = 0;
  int64_t deadline_us = 0;  // computing time of the process
  volatile sig_atomic_t inside = 0;
  volatile sig_atomic_t hard_stopped = 0;
};
// tidy: process-wide, as the run time of the translation and the signal handler are
State g_state;

int64_t CpuMicros() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

bool IsOverBudget() { return g_state.hard_stopped != 0 || CpuMicros() >= g_state.deadline_us; }

// A place in the engine's memory; leaves by a trap when it is none.
uint8_t* Guest(uint32_t at, uint32_t bytes) {
  wasm_rt_memory_t& memory = g_state.vm.w2c_memory;
  if (at > memory.size || bytes > memory.size - at) wasm_rt_trap(WASM_RT_TRAP_OOB);
  return memory.data + at;
}

void OnHardStop(int) {
  if (g_state.inside == 0) return;
  g_state.hard_stopped = 1;
  wasm_rt_trap(WASM_RT_TRAP_UNREACHABLE);
}

void SetTimer(uint32_t ms) {
  itimerval timer{};
  timer.it_value.tv_sec = ms / 1000;
  timer.it_value.tv_usec = static_cast<suseconds_t>(ms % 1000) * 1000;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

// Runs `body`; false when it broke a rule or was stopped by the signal.
bool Guarded(void (*body)(void*), void* argument, uint32_t cpu_ms) {
  g_state.hard_stopped = 0;
  g_state.deadline_us = CpuMicros() + static_cast<int64_t>(cpu_ms) * 1000;
  if (wasm_rt_impl_try() != 0) {
    g_state.inside = 0;
    SetTimer(0);
    return false;
  }
  g_state.inside = 1;
  SetTimer(cpu_ms + kHardStopMs);
  body(argument);
  g_state.inside = 0;
  SetTimer(0);
  return true;
}

bool Save(Copy& copy) {
  const wasm_rt_memory_t& memory = g_state.vm.w2c_memory;
  copy.bytes = static_cast<uint8_t*>(malloc(memory.size));
  if (copy.bytes == nullptr) return false;
  memcpy(copy.bytes, memory.data, memory.size);
  copy.pages = memory.pages;
  copy.stack_pointer = *Z_quickjsZ___stack_pointer(&g_state.vm);
  g_state.loaded = &copy;
  return true;
}

void Load(const Copy& copy) {
  if (g_state.loaded == &copy) return;
  wasm_rt_memory_t& memory = g_state.vm.w2c_memory;
  const size_t kept = static_cast<size_t>(copy.pages) * kPage;
  if (memory.pages > copy.pages) {
    const size_t surplus = static_cast<size_t>(memory.pages - copy.pages) * kPage;
    madvise(memory.data + kept, surplus, MADV_DONTNEED);
    mprotect(memory.data + kept, surplus, PROT_NONE);
  } else if (memory.pages < copy.pages) {
    mprotect(memory.data, kept, PROT_READ | PROT_WRITE);
  }
  memory.pages = copy.pages;
  memory.size = copy.pages * kPage;
  // Most of it is as it was: reading both costs a third of writing all.
  for (size_t at = 0; at < kept; at += kCompared) {
    if (memcmp(memory.data + at, copy.bytes + at, kCompared) == 0) continue;
    memcpy(memory.data + at, copy.bytes + at, kCompared);
  }
  *Z_quickjsZ___stack_pointer(&g_state.vm) = copy.stack_pointer;
  g_state.loaded = &copy;
}

// A text in the engine's memory, with a zero behind it; 0 when there is no room.
uint32_t Put(std::string_view text) {
  const auto size = static_cast<uint32_t>(text.size());
  const uint32_t at = Z_quickjsZ_wasm_malloc(&g_state.vm, size + 1);
  if (at == 0) return 0;
  uint8_t* bytes = Guest(at, size + 1);
  memcpy(bytes, text.data(), size);
  bytes[size] = 0;
  return at;
}

uint32_t NewText(std::string_view text) {
  const uint32_t at = Put(text);
  if (at == 0) return 0;
  const auto size = static_cast<uint32_t>(text.size());
  const uint32_t handle = Z_quickjsZ_qjs_new_string(&g_state.vm, at, size);
  Z_quickjsZ_wasm_free(&g_state.vm, at);
  return handle;
}

// The handle of a script's value; 0 when it threw.
uint32_t EvalOwn(std::string_view script, std::string_view name) {
  const uint32_t code = Put(script);
  const uint32_t file = Put(name);
  if (code == 0 || file == 0) return 0;
  const uint32_t value =
      Z_quickjsZ_qjs_eval(&g_state.vm, code, static_cast<uint32_t>(script.size()), file, 0);
  Z_quickjsZ_wasm_free(&g_state.vm, code);
  Z_quickjsZ_wasm_free(&g_state.vm, file);
  if (value == 0 || Z_quickjsZ_qjs_is_exception(&g_state.vm, value) != 0) return 0;
  return value;
}

void StartBody(void* ok) {
  Z_quickjs_instance_t* vm = &g_state.vm;
  Z_quickjsZ__initialize(vm);
  if (Z_quickjsZ_qjs_init(vm) != 0) return;
  Z_quickjsZ_qjs_set_max_stack_size(vm, kMaxNativeStack);
  Z_quickjsZ_qjs_set_interrupt_handler(vm, 1);
  g_state.run = EvalOwn(FindEmbeddedAsset("prelude.js"), "prelude");
  if (g_state.run == 0 || Z_quickjsZ_qjs_is_function(vm, g_state.run) == 0) return;
  const uint32_t name = Put("tick");
  g_state.tick = Z_quickjsZ_qjs_get_prop_string(vm, g_state.run, name);
  Z_quickjsZ_qjs_run_gc(vm);
  *static_cast<bool*>(ok) = Z_quickjsZ_qjs_is_function(vm, g_state.tick) != 0;
}

void LoadHtmlBody(void* ok) {
  *static_cast<bool*>(ok) = EvalOwn(FindEmbeddedAsset("html.js"), "html") != 0;
  Z_quickjsZ_qjs_run_gc(&g_state.vm);
}

// Made when the first function asks for it.
bool PrepareHtml() {
  if (g_state.with_html.bytes != nullptr) return true;
  Load(g_state.plain);
  g_state.loaded = nullptr;
  bool ok = false;
  return Guarded(LoadHtmlBody, &ok, kSetUpMs) && ok && Save(g_state.with_html);
}

struct Job {
  const EngineCall* call;
  EngineAnswer* answer;
  uint32_t seed;
};

// Until the promise is settled, over jobs and timers.
AnswerKind Drive(uint32_t promise) {
  Z_quickjs_instance_t* vm = &g_state.vm;
  while (Z_quickjsZ_qjs_promise_state(vm, promise) == 0) {
    if (IsOverBudget()) return AnswerKind::kTimeLimit;
    if (Z_quickjsZ_qjs_is_job_pending(vm) != 0) {
      Z_quickjsZ_qjs_execute_pending_job(vm);
      continue;
    }
    const uint32_t rang = Z_quickjsZ_qjs_call(vm, g_state.tick, g_state.run, 0, 0);
    if (rang == 0) return AnswerKind::kMemoryLimit;
    const bool more =
        Z_quickjsZ_qjs_is_exception(vm, rang) == 0 && Z_quickjsZ_qjs_get_bool(vm, rang) != 0;
    Z_quickjsZ_qjs_free_value(vm, rang);
    if (!more) return IsOverBudget() ? AnswerKind::kTimeLimit : AnswerKind::kNeverSettled;
  }
  const bool settled = Z_quickjsZ_qjs_promise_state(vm, promise) == 1;
  if (settled) return AnswerKind::kText;
  // The prelude catches everything but being stopped and having no room to do so.
  return IsOverBudget() ? AnswerKind::kTimeLimit : AnswerKind::kMemoryLimit;
}

void TakeText(uint32_t promise, EngineAnswer& answer) {
  Z_quickjs_instance_t* vm = &g_state.vm;
  const uint32_t value = Z_quickjsZ_qjs_promise_result(vm, promise);
  const uint32_t size_at = Z_quickjsZ_wasm_malloc(vm, 4);
  if (value == 0 || size_at == 0) {
    answer.kind = AnswerKind::kMemoryLimit;
    return;
  }
  const uint32_t at = Z_quickjsZ_qjs_get_string_len(vm, value, size_at);
  uint32_t size = 0;
  memcpy(&size, Guest(size_at, 4), 4);
  if (at == 0) {
    answer.kind = AnswerKind::kMemoryLimit;
    return;
  }
  size = std::min(size, static_cast<uint32_t>(sizeof answer.text));
  memcpy(answer.text, Guest(at, size), size);
  answer.text_bytes = size;
}

void CallBody(void* argument) {
  Job& job = *static_cast<Job*>(argument);
  EngineAnswer& answer = *job.answer;
  Z_quickjs_instance_t* vm = &g_state.vm;
  answer.kind = AnswerKind::kMemoryLimit;
  Z_quickjsZ_qjs_set_memory_limit(vm, job.call->heap_bytes);
  // Most calls end before anything is worth collecting.
  Z_quickjsZ_qjs_set_gc_threshold(vm, job.call->heap_bytes / 3);
  const uint32_t arguments[4] = {
      NewText(job.call->source), NewText(job.call->arguments),
      Z_quickjsZ_qjs_new_number(vm, job.seed),
      Z_quickjsZ_qjs_new_number(vm, static_cast<double>(job.call->extra))};
  const uint32_t list = Z_quickjsZ_wasm_malloc(vm, sizeof arguments);
  for (const uint32_t handle : arguments) {
    if (handle == 0 || list == 0) return;
  }
  memcpy(Guest(list, sizeof arguments), arguments, sizeof arguments);
  const uint32_t promise = Z_quickjsZ_qjs_call(vm, g_state.run, g_state.run, 4, list);
  if (promise == 0 || Z_quickjsZ_qjs_is_promise(vm, promise) == 0) {
    if (IsOverBudget()) answer.kind = AnswerKind::kTimeLimit;
    return;
  }
  answer.kind = Drive(promise);
  if (answer.kind == AnswerKind::kText) TakeText(promise, answer);
}

}  // namespace

bool StartEngine() {
  wasm_rt_init();
  Z_quickjs_init_module();
  Z_quickjs_instantiate(&g_state.vm, &g_state.env, &g_state.wasi);
  struct sigaction action{};
  action.sa_handler = OnHardStop;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGPROF, &action, nullptr) != 0) return false;
  bool ok = false;
  return Guarded(StartBody, &ok, kSetUpMs) && ok && Save(g_state.plain);
}

void ResetEngine() { Load(g_state.last == nullptr ? g_state.plain : *g_state.last); }

void RunInEngine(const EngineCall& call, EngineAnswer& answer) {
  answer.text_bytes = 0;
  answer.kind = AnswerKind::kTrap;
  const bool with_html = call.extra == Extra::kModulesWithHtml;
  Job job{&call, &answer, 0};
  if (with_html && !PrepareHtml()) {
    g_state.loaded = nullptr;
    answer.kind = AnswerKind::kMemoryLimit;
    return;
  }
  if (getrandom(&job.seed, sizeof job.seed, 0) != sizeof job.seed) job.seed = 1;
  g_state.last = with_html ? &g_state.with_html : &g_state.plain;
  Load(*g_state.last);
  g_state.loaded = nullptr;
  g_state.vm.w2c_memory.max_pages = (call.heap_bytes + kSlackBytes) / kPage;
  const int64_t begin_us = CpuMicros();
  if (!Guarded(CallBody, &job, call.cpu_ms)) {
    answer.kind = g_state.hard_stopped != 0 ? AnswerKind::kTimeLimit : AnswerKind::kTrap;
    answer.text_bytes = 0;
  }
  answer.cpu_us = static_cast<uint32_t>(CpuMicros() - begin_us);
  answer.memory_bytes = g_state.vm.w2c_memory.size;
}

// --- what the engine may ask of its host; none of it reaches outside ---

namespace {

constexpr uint32_t kDone = 0;
constexpr uint32_t kBadFile = 8;
constexpr uint32_t kNoSuchCall = 52;

void PutWord(uint32_t at, uint64_t word, uint32_t bytes) { memcpy(Guest(at, bytes), &word, bytes); }

uint32_t GetWord(uint32_t at) {
  uint32_t word = 0;
  memcpy(&word, Guest(at, sizeof word), sizeof word);
  return word;
}

}  // namespace

extern "C" {

u32 Z_envZ_host_call(Z_env_instance_t*, u32, u32, u32, u32, u32) { return 0; }
u32 Z_envZ_host_get_timezone_offset(Z_env_instance_t*, u32, u32) { return 0; }  // UTC
u32 Z_envZ_host_interrupt(Z_env_instance_t*) { return IsOverBudget() ? 1 : 0; }
u32 Z_envZ_host_module_load(Z_env_instance_t*, u32, u32) { return 0; }
u32 Z_envZ_host_module_normalize(Z_env_instance_t*, u32, u32) { return 0; }
void Z_envZ_host_promise_rejection(Z_env_instance_t*, u32, u32, u32) {}

u32 Z_wasi_snapshot_preview1Z_clock_time_get(Z_wasi_snapshot_preview1_instance_t*, u32 which, u64,
                                             u32 at) {
  timespec now{};
  clock_gettime(which == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  PutWord(at,
          static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec),
          8);
  return kDone;
}

u32 Z_wasi_snapshot_preview1Z_random_get(Z_wasi_snapshot_preview1_instance_t*, u32 at, u32 size) {
  size = std::min(size, 256u);
  return getrandom(Guest(at, size), size, 0) == static_cast<ssize_t>(size) ? kDone : kNoSuchCall;
}

// Swallowed.
u32 Z_wasi_snapshot_preview1Z_fd_write(Z_wasi_snapshot_preview1_instance_t*, u32, u32 list,
                                       u32 count, u32 written_at) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < std::min(count, 1024u); ++i) total += GetWord(list + 8 * i + 4);
  PutWord(written_at, total, 4);
  return kDone;
}

u32 Z_wasi_snapshot_preview1Z_fd_close(Z_wasi_snapshot_preview1_instance_t*, u32) {
  return kNoSuchCall;
}
u32 Z_wasi_snapshot_preview1Z_fd_fdstat_get(Z_wasi_snapshot_preview1_instance_t*, u32, u32) {
  return kBadFile;
}
u32 Z_wasi_snapshot_preview1Z_fd_seek(Z_wasi_snapshot_preview1_instance_t*, u32, u64, u32, u32) {
  return kNoSuchCall;
}

}  // extern "C"

}  // namespace pharos::script
