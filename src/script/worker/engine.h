#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "script/wire.h"

namespace pharos::script {

// The JavaScript engine as WebAssembly translated to C: whatever a function does to it stays within
// the engine's own memory, which is put back after each call. One per process (the translation's
// run time keeps its state in globals), one thread.
//
// Nothing here allocates or owns while a function runs: a limit or a broken rule leaves by longjmp.

struct EngineCall {
  std::string_view source;
  std::string_view arguments;  // a JSON list
  uint32_t cpu_ms = 1000;
  uint32_t heap_bytes = 0;
  Extra extra = Extra::kNone;
};

struct EngineAnswer {
  AnswerKind kind = AnswerKind::kTrap;
  uint32_t cpu_us = 0;
  uint32_t memory_bytes = 0;
  uint32_t text_bytes = 0;
  char text[kMaxAnswerBytes];
};

// Starts the engine and runs the prelude; false when it does not come up.
bool StartEngine();
// Runs one function. StartEngine was true before.
void RunInEngine(const EngineCall& call, EngineAnswer& answer);
// Takes back what the last call left behind; costs nothing when nothing was.
void ResetEngine();

}  // namespace pharos::script
