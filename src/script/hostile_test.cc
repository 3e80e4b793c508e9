// Functions that want to harm: each ends as a failed check with a clear text, within its limits,
// and the next function on the same worker does not notice. With PHAROS_HOSTILE_TABLE=1 in the
// environment the limits are those of the product and the table is printed.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "script/testing_pool.h"

namespace pharos::script {
namespace {

enum class Want { kTime, kMemory, kThrew, kReturned, kTimeOrMemory, kAny };

struct Hostile {
  const char* name;
  const char* source;
  Want want;
  const char* says = "";  // part of the text
};

const Hostile kFunctions[] = {
    {"endless loop", "() => { for (;;); }", Want::kTime},
    {"endless loop that catches", "() => { for (;;) { try { for (;;); } catch {} finally {} } }",
     Want::kTime},
    {"catastrophic regular expression",
     "() => ({status: '' + /^(a+)+$/.test('a'.repeat(50) + 'b')})", Want::kTime},
    {"regular expression with back references",
     "() => /(a*)*\\1(b|c)*$/.test('a'.repeat(200000) + '!') && 1", Want::kAny},
    {"built-in loop that never asks", "() => [].indexOf.call({length: 2 ** 53 - 1}, 1)",
     Want::kTime},
    {"memory by strings", "() => { const a = []; for (;;) a.push('x'.repeat(5000) + a.length) }",
     Want::kTimeOrMemory},
    {"memory by arrays", "() => { const a = []; for (;;) a.push(new Array(1000).fill(a)) }",
     Want::kTimeOrMemory},
    {"memory by typed arrays",
     "() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)) }", Want::kTimeOrMemory},
    {"one huge typed array", "() => new Uint8Array(2 ** 31)", Want::kThrew,
     "invalid array buffer length"},
    {"one huge array buffer", "() => new ArrayBuffer(2 ** 40)", Want::kAny},
    {"memory by a map", "() => { const m = new Map(); for (let i = 0; ; i++) m.set(i, {i}) }",
     Want::kTimeOrMemory},
    {"memory by closures", "() => { let f = () => 1; for (;;) { const g = f; f = () => g } }",
     Want::kTimeOrMemory},
    {"memory, caught and again",
     "() => { for (;;) { try { const a = []; for (;;) a.push(new Uint8Array(1e6)) } catch {} } }",
     Want::kTimeOrMemory},
    {"string doubling", "() => { let s = 'x'; for (;;) s += s }", Want::kThrew, "string too long"},
    {"giant string", "() => ({status: 'x'.repeat(2 ** 29), latency: 1})", Want::kMemory},
    {"padding", "() => 'x'.padStart(2 ** 30).length && 1", Want::kAny},
    {"endless recursion", "() => { const f = () => f() + 1; return f() }", Want::kThrew, "stack"},
    {"recursion by getters", "() => { const o = {get a() { return this.a }}; return o.a }",
     Want::kThrew, "stack"},
    {"recursion by toString",
     "() => { const a = []; a[0] = {toString: () => '' + a}; return '' + a }", Want::kAny},
    {"promise that never settles", "() => new Promise(() => {})", Want::kThrew, "never settles"},
    {"microtasks without end", "async () => { for (;;) await 0 }", Want::kTime},
    {"microtasks that multiply",
     "() => { const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f();"
     "return new Promise(() => {}) }",
     Want::kTimeOrMemory},
    {"thenable that calls itself", "() => { const t = {then: (r) => r(t)}; return t }",
     Want::kTime},
    {"timers without end", "() => new Promise(() => setInterval(() => {}, 0))", Want::kTime},
    {"thrown getter that loops", "() => { throw {get message() { for (;;); }} }", Want::kTime},
    {"thrown proxy", "() => { throw new Proxy({}, {get() { throw 1 }}) }", Want::kThrew, "no text"},
    {"returned proxy that loops",
     "() => new Proxy({}, {get(t, k) { if (k === 'then') return; for (;;); }})", Want::kTime},
    {"returned getter that throws", "() => ({get status() { throw new Error('trap') }})",
     Want::kThrew, "trap"},
    {"prototype pollution",
     "() => { Object.prototype.status = 'UP'; Object.prototype.latency = 1;"
     "Array.prototype.push = null; Function.prototype.call = null; return 5 }",
     Want::kReturned},
    {"broken globals",
     "() => { for (const k of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[k] "
     "}"
     "catch {} } return {status: 'UP', latency: 1} }",
     Want::kReturned},
    {"JSON 100,000 deep", "() => JSON.parse('['.repeat(100000) + ']'.repeat(100000))", Want::kThrew,
     "stack"},
    {"JSON of a cycle", "() => { const a = {}; a.a = a; return JSON.stringify(a) }", Want::kThrew},
    {"import", "() => import('std')", Want::kThrew, "could not load module"},
    {"import of a file", "() => import('/etc/passwd')", Want::kThrew, "could not load module"},
    {"require", "() => require('child_process').execSync('id')", Want::kThrew,
     "require is not defined"},
    {"fetch", "() => fetch('http://192.0.2.1/')", Want::kThrew, "fetch is not defined"},
    {"std and os", "() => { std.exit(1); os.kill(1, 9) }", Want::kThrew, "std is not defined"},
    {"process", "() => process.exit(1)", Want::kThrew, "process is not defined"},
    {"process by the constructor", "() => (() => {}).constructor('return process')().mainModule",
     Want::kThrew, "process is not defined"},
    {"eval and Function", "() => { eval('for (;;);'); new Function('for (;;);')() }", Want::kTime},
    {"huge result", "() => ({status: 'UP', latency: 1, junk: 'x'.repeat(3e6)})", Want::kReturned},
    {"huge status", "() => ({status: 'x'.repeat(3e6), latency: 1})", Want::kReturned},
    {"huge error message", "() => { throw new Error('x'.repeat(3e6)) }", Want::kThrew},
    {"infinite generator", "() => { function* g() { for (;;) yield 1 } return [...g()] }",
     Want::kTimeOrMemory},
    {"endless iterator", "() => new Set({[Symbol.iterator]: () => ({next: () => ({})})})",
     Want::kTime},
    {"WebAssembly", "() => new WebAssembly.Module(new Uint8Array(8))", Want::kThrew,
     "WebAssembly is not defined"},
    {"Atomics.wait", "() => Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
     Want::kThrew},
    {"sort that never ends",
     "() => Array.from({length: 1e6}, (_, i) => i).sort(() => Math.random() - 0.5) && 1",
     Want::kTimeOrMemory},
    {"sort of a lie", "() => [].sort.call({length: 2 ** 53 - 1, 0: 1})", Want::kAny},
    {"big numbers", "() => { let n = 3n; for (;;) n = n * n }", Want::kAny},
    {"big power", "() => (7n ** 9999999n).toString().length && 1", Want::kAny},
    {"array of a lie", "() => Array.prototype.concat.apply([], {length: 2 ** 32 - 1})", Want::kAny},
    {"join of a lie", "() => [].join.call({length: 2 ** 53 - 1}, 'x')", Want::kAny},
    {"20,000 groups", "() => new RegExp('('.repeat(20000) + ')'.repeat(20000)).test('')",
     Want::kAny},
    {"deep source", "() => eval('('.repeat(100000) + '1' + ')'.repeat(100000))", Want::kThrew},
    {"date out of range", "() => new Date(8.64e15 + 1).toISOString()", Want::kThrew},
    {"resizing under a sort",
     "() => { const b = new ArrayBuffer(8e6, {maxByteLength: 8e6}); const a = new Float64Array(b);"
     "a.sort(() => { b.resize(8); return 1 }); return {status: 'UP', latency: 1} }",
     Want::kAny},
    {"detached while in use",
     "() => { const a = [1, 2, 3]; a.map((x) => { a.length = 0; return x });"
     "return {status: 'UP', latency: 1} }",
     Want::kReturned},
};

bool Fits(Want want, ScriptEnd end) {
  const bool time = end == ScriptEnd::kTimeLimit;
  const bool memory = end == ScriptEnd::kMemoryLimit;
  const bool threw = end == ScriptEnd::kThrew;
  switch (want) {
    case Want::kTime:
      return time;
    case Want::kMemory:
      return memory;
    case Want::kThrew:
      return threw;
    case Want::kReturned:
      return end == ScriptEnd::kReturned;
    case Want::kTimeOrMemory:
      return time || memory;
    case Want::kAny:
      return time || memory || threw || end == ScriptEnd::kReturned;
  }
  return false;
}

TEST(HostileFunctions, HarmNobody) {
  const bool print = std::getenv("PHAROS_HOSTILE_TABLE") != nullptr;
  EvaluatorSettings settings = TestingPool::Settings();
  if (!print) settings.cpu_limit = Milliseconds(100);
  if (print) std::printf("%-40s %8s %8s  %s\n", "function", "ms", "MiB", "what is said");
  TestingPool pool(settings);
  const SystemClock clock;
  size_t judged = 0;
  for (const Hostile& hostile : kFunctions) {
    const MonotonicTime begin = clock.Monotonic();
    const ScriptOutcome seen = pool.Run(hostile.source);
    const double ms = ToMillis(clock.Monotonic() - begin);
    if (print) {
      const std::string said = seen.end == ScriptEnd::kReturned
                                   ? "returned " + (seen.is_object ? "an object" : seen.value_type)
                                   : seen.message.substr(0, 70);
      std::printf("%-40s %8.1f %8.1f  %s\n", hostile.name, ms,
                  static_cast<double>(seen.memory_bytes) / 1048576.0, said.c_str());
    }
    EXPECT_TRUE(Fits(hostile.want, seen.end)) << hostile.name << ": " << seen.message;
    EXPECT_NE(seen.message.find(hostile.says), std::string::npos)
        << hostile.name << ": " << seen.message;
    EXPECT_LE(seen.cpu, settings.cpu_limit + Milliseconds(250)) << hostile.name;
    EXPECT_LE(seen.memory_bytes, 88u * 1024 * 1024) << hostile.name;
    EXPECT_EQ(pool.Say("(a) => ({status: typeof left, latency: a})", {5}), "undefined 5")
        << hostile.name;
    ++judged;
  }
  EXPECT_GE(judged, 25u);
  // Nobody was so bad that the worker had to go.
  EXPECT_NE(pool.MetricsText().find("pharos_script_worker_starts_total 1"), std::string::npos)
      << pool.MetricsText();
}

}  // namespace
}  // namespace pharos::script
