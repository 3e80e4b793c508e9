#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace pharos::script {

// Runs JavaScript functions of users (architecture D13): in an engine without input and output, in
// worker processes that may do nothing but compute. A worker that runs over is killed and replaced;
// no word of one call is there for the next.

struct EvaluatorSettings {
  // The program and its arguments that become a worker (worker/worker.h).
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments = {"script-worker"};
  size_t workers = 1;                      // started when first needed; 1 to 16
  size_t max_queued = 256;                 // calls that wait; more are refused with kOverload
  Duration cpu_limit = Seconds(1);         // computing time of one call
  Duration wall_limit = Seconds(10);       // of one call on a machine that has no time for it
  Duration queue_limit = Seconds(5);       // waited longer than this: kOverload
  size_t memory_limit = 64 * 1024 * 1024;  // of the engine, one call; at most 64 MiB
};

struct ScriptCall {
  // A function expression, in brackets or not; at most 256 KiB.
  std::string source;
  Value::List arguments;  // at most 8 MiB as JSON
  // One more argument: an object with the HTML parser as `cheerio`.
  bool wants_modules = false;
};

enum class ScriptEnd : uint8_t {
  kReturned,     // the function gave a value back
  kThrew,        // or is no function, or its promise never settles: `message`
  kTimeLimit,    // computed for longer than cpu_limit
  kMemoryLimit,  // needed more than memory_limit
  kCrashed,      // ended the engine twice in a row
  // Our own trouble; these say nothing about the function or the target.
  kOverload,     // too many calls, or the machine has no time for them
  kUnavailable,  // no worker can be started, or we are shutting down
};

struct ScriptOutcome {
  ScriptEnd end = ScriptEnd::kUnavailable;
  std::string message;  // for people; at most 1000 characters; empty for kReturned
  // Of kReturned. Whether the value is an object, and its members of interest: the type as
  // `typeof` names it, and the value if it is of the type that is wanted.
  bool is_object = false;
  std::string value_type;  // "undefined", "null", "number", ... when it is no object
  std::string status_type;
  std::string status;  // at most 100 characters
  std::string latency_type;
  std::optional<double> latency;  // may be NaN or infinite
  Duration cpu{};
  size_t memory_bytes = 0;  // of the engine when the call ended
};
using ScriptDone = std::function<void(ScriptOutcome outcome)>;

// Thread-safe.
class Evaluator {
 public:
  // Starts no process yet. `metrics` outlives it. Error: kInvalid for settings that cannot work.
  static Result<std::unique_ptr<Evaluator>> Start(EvaluatorSettings settings, Metrics& metrics);
  // Ends what runs and waits (kUnavailable) and leaves no process behind.
  virtual ~Evaluator() = default;

  // Calls `done` exactly once: on a thread of the evaluator or, when the call is refused, from
  // inside this call.
  virtual void Run(ScriptCall call, ScriptDone done) = 0;
};

}  // namespace pharos::script
