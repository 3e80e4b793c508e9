#pragma once

#include <cstddef>
#include <cstdint>

namespace pharos::script {

// Between the pool and a worker process: one call, one answer, over a socket that only they have.
// Both ends are the same program on the same machine, so the records are copied as they lie. The
// pool believes nothing: every size is checked, and a wrong record ends the worker.

inline constexpr uint32_t kCallMagic = 0x50534331;
inline constexpr uint32_t kAnswerMagic = 0x50534131;
inline constexpr size_t kMaxSourceBytes = 256 * 1024;
inline constexpr size_t kMaxArgumentBytes = 8 * 1024 * 1024;
inline constexpr size_t kMaxAnswerBytes = 16 * 1024;

// What stands behind the arguments of a call.
enum class Extra : uint32_t { kNone = 0, kModules = 1, kModulesWithHtml = 2 };

// Followed by the source and the arguments (a JSON list).
struct CallHead {
  uint32_t magic;
  uint32_t source_bytes;
  uint32_t argument_bytes;
  uint32_t cpu_ms;      // computing time of the call
  uint32_t heap_bytes;  // memory of the engine
  Extra extra;
};

enum class AnswerKind : uint32_t {
  kReady = 0,  // once, after the worker has locked itself in
  kText = 1,   // what prelude.js returned
  kTimeLimit = 2,
  kMemoryLimit = 3,
  kNeverSettled = 4,  // nothing is left to do and the promise is still open
  kTrap = 5,          // the engine broke a rule of its own memory and was reset
};

// Followed by the text.
struct AnswerHead {
  uint32_t magic;
  AnswerKind kind;
  uint32_t cpu_us;
  uint32_t memory_bytes;  // of the engine, at the end
  uint32_t text_bytes;
};

}  // namespace pharos::script
