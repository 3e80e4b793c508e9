#include "script/evaluator.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "script/testing_pool.h"

namespace pharos::script {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Processes whose parent we are, by /proc.
std::set<pid_t> Children() {
  std::set<pid_t> found;
  DIR* dir = opendir("/proc");
  while (const dirent* entry = readdir(dir)) {
    const pid_t pid = static_cast<pid_t>(atoi(entry->d_name));
    if (pid <= 0) continue;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    const size_t at = text.rfind(')');
    if (at == std::string::npos) continue;
    if (atoi(text.c_str() + at + 4) == getpid()) found.insert(pid);
  }
  closedir(dir);
  return found;
}

pid_t OnlyChild() {
  const std::set<pid_t> children = Children();
  EXPECT_EQ(children.size(), 1u);
  return children.empty() ? 0 : *children.begin();
}

std::string StatusLine(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return line.substr(name.size() + 1);
  }
  return "";
}

TEST(Evaluator, FunctionsInAllTheirForms) {
  TestingPool pool;
  const char* const kBodies[] = {
      "(async function (a, b) { return {status: 'UP', latency: a + b} })",
      "async function (a, b) { return {status: 'UP', latency: a + b} }",
      "(function (a, b) { return {status: 'UP', latency: a + b} });",
      "  // says it\n  (a, b) => ({status: 'UP', latency: a + b})  // done",
      "async (a, b) => { await null; return {status: 'UP', latency: a + b} }",
      "function named(a, b) { return {status: 'UP', latency: a + b} }",
      "((a, b) => new Promise(r => setTimeout(() => r({status: 'UP', latency: a + b}), 90000)))",
      "(async (a, b) => { for await (const x of [a + b]) return {status: 'UP', latency: x} })",
  };
  for (const char* body : kBodies) EXPECT_EQ(pool.Say(body, {3, 4}), "UP 7") << body;
}

TEST(Evaluator, WhatIsReturnedIsReadWithoutTrust) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => 5"), "no object but number");
  EXPECT_EQ(pool.Say("() => null"), "no object but null");
  EXPECT_EQ(pool.Say("() => {}"), "no object but undefined");
  EXPECT_EQ(pool.Say("() => ({})"), "status undefined latency undefined");
  EXPECT_EQ(pool.Say("() => ({status: 5, latency: '7'})"), "status number latency string");
  EXPECT_EQ(pool.Say("() => ({status: 'a\\nb', latency: 1})"), "a\nb 1");
  EXPECT_EQ(pool.Run("() => ({status: 'x'.repeat(1000)})").status.size(), 100u);
  EXPECT_TRUE(std::isnan(*pool.Run("() => ({latency: NaN})").latency));
  EXPECT_TRUE(std::isinf(*pool.Run("() => ({latency: -1/0})").latency));
  EXPECT_EQ(*pool.Run("() => ({latency: 1e300})").latency, 1e300);
  EXPECT_EQ(*pool.Run("() => ({latency: 0.25})").latency, 0.25);
}

TEST(Evaluator, WhatIsThrownIsTold) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => { throw new Error('no luck') }"), "no luck");
  EXPECT_EQ(pool.Say("async () => { throw 'text' }"), "text");
  EXPECT_EQ(pool.Say("() => { throw null }"), "null");
  EXPECT_EQ(pool.Say("() => { throw undefined }"), "undefined");
  EXPECT_EQ(pool.Say("() => { throw Symbol('s') }"), "Symbol(s)");
  EXPECT_EQ(pool.Say("() => Promise.reject(new Error('later'))"), "later");
  EXPECT_EQ(pool.Say("() => JSON.parse('{').x"), pool.Say("() => JSON.parse('{')"));
  EXPECT_THAT(pool.Say("() => nowhere"), HasSubstr("nowhere is not defined"));
  EXPECT_EQ(pool.Say("5"), "the text is not a function");
  EXPECT_EQ(pool.Say("const x = 5; x"), "the text is not a function");
  EXPECT_EQ(pool.Say("(async function ("), "missing formal parameter");
  EXPECT_EQ(pool.Run("() => {{").end, ScriptEnd::kThrew);
  EXPECT_EQ(pool.Say("() => new Promise(() => {})"), "the function's promise never settles");
  EXPECT_EQ(pool.Run("() => { throw new Error('m'.repeat(100000)) }").message.size(), 1000u);
}

TEST(Evaluator, ConsoleTimeAndChanceWork) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => { console.log('x'); console.error(1, {}); console.table([]);"
                     "return {status: 'UP', latency: 1} }"),
            "UP 1");
  const auto now = static_cast<double>(time(nullptr)) * 1000;
  EXPECT_NEAR(*pool.Run("() => ({latency: Date.now()})").latency, now, 60'000);
  EXPECT_EQ(pool.Say("() => ({status: '' + new Date(2026, 0, 2).toISOString(), latency: 0})"),
            "2026-01-02T00:00:00.000Z 0");
  std::set<double> seen;
  for (int i = 0; i < 5; ++i) {
    seen.insert(*pool.Run("() => ({latency: Math.random()})").latency);
    seen.insert(*pool.Run("() => { Math.random(); return {latency: Math.random()} }").latency);
  }
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_GE(*seen.begin(), 0.0);
  EXPECT_LT(*seen.rbegin(), 1.0);
}

TEST(Evaluator, HtmlIsParsed) {
  TestingPool pool;
  const Value html("<title>Shop</title><table><tr><td class=a>7</td></tr></table><p>open");
  const std::string source =
      "(async function (html, modules) { const $ = modules.cheerio.load(html);"
      "return {status: $('title').text(), latency: +$('tbody td.a').text()} })";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.Say(source, {html}, true), "Shop 7");
  EXPECT_EQ(pool.Say("(h, m) => ({status: typeof m.cheerio, latency: 0})", {html}, true),
            "object 0");
  EXPECT_EQ(pool.Say("(h, modules) => ({status: typeof modules, latency: 0})", {html}, true),
            "object 0");
  EXPECT_EQ(pool.Say("(h, m) => ({status: typeof m, latency: 0})", {html}), "undefined 0");
  EXPECT_EQ(pool.Say("() => ({status: typeof cheerio + typeof globalThis.__pharos_cheerio})",
                     {html}, true),
            "undefinedundefined latency undefined");
}

TEST(Evaluator, CallsDoNotSeeEachOther) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => { globalThis.left = 'secret'; Object.prototype.p = 1;"
                     "Array.prototype.map = () => 'bad'; JSON.parse = () => 'bad';"
                     "Promise.prototype.then = null; return {status: 'UP', latency: 1} }"),
            "UP 1");
  EXPECT_EQ(pool.Say("(a) => ({status: typeof left + ({}).p + [1].map(x => x) + JSON.parse('2') +"
                     "typeof Promise.prototype.then, latency: a})",
                     {9}),
            "undefinedundefined12function 9");
}

TEST(Evaluator, TheWorkerCanDoNothingElse) {
  TestingPool pool;
  pool.Say("() => 1");
  const pid_t worker = OnlyChild();
  EXPECT_THAT(StatusLine(worker, "Seccomp"), HasSubstr("2"));
  EXPECT_THAT(StatusLine(worker, "NoNewPrivs"), HasSubstr("1"));
  std::set<std::string> files;
  DIR* dir = opendir(("/proc/" + std::to_string(worker) + "/fd").c_str());
  ASSERT_NE(dir, nullptr);
  while (const dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') files.insert(entry->d_name);
  }
  closedir(dir);
  EXPECT_EQ(files, (std::set<std::string>{"0", "1", "2"}));
  std::ifstream environment("/proc/" + std::to_string(worker) + "/environ");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(environment), {}), "");
}

TEST(Evaluator, AKilledWorkerIsReplacedAndNoneIsLeft) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => ({status: 'UP', latency: 1})"), "UP 1");
  kill(OnlyChild(), SIGKILL);
  EXPECT_EQ(pool.Say("() => ({status: 'UP', latency: 2})"), "UP 2");
  EXPECT_THAT(pool.MetricsText(), HasSubstr("pharos_script_worker_starts_total 2"));
  EXPECT_THAT(pool.MetricsText(), HasSubstr("pharos_script_calls_total{end=\"returned\"} 2"));
  pool.Close();
  EXPECT_TRUE(Children().empty());
}

TEST(Evaluator, NoProcessIsStartedBeforeItIsNeeded) {
  TestingPool pool;
  EXPECT_TRUE(Children().empty());
}

TEST(Evaluator, AStoppedWorkerIsOursNotTheFunctions) {
  EvaluatorSettings settings = TestingPool::Settings();
  settings.wall_limit = Milliseconds(100);
  TestingPool pool(settings);
  pool.Say("() => 1");
  kill(OnlyChild(), SIGSTOP);
  const ScriptOutcome seen = pool.Run("() => ({status: 'UP', latency: 1})");
  EXPECT_EQ(seen.end, ScriptEnd::kOverload);
  EXPECT_EQ(seen.message, "this machine had no time to run the evaluation function");
  EXPECT_EQ(pool.Say("() => ({status: 'UP', latency: 1})"), "UP 1");
}

// A worker that a function has taken over, as far as the pool can tell.
EvaluatorSettings Impostor(const std::string& says) {
  EvaluatorSettings settings = TestingPool::Settings();
  settings.program = "/bin/sh";
  settings.arguments = {"-c", "printf '" + says + "' >&0; exec /bin/sleep 600"};
  settings.wall_limit = Milliseconds(100);
  return settings;
}
const std::string kSaysReady = R"(1ASP\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\000)";

TEST(Evaluator, AWorkerThatDoesNotListenHoldsNobodyUp) {
  EvaluatorSettings settings = Impostor(kSaysReady);
  TestingPool pool(settings);
  const std::string large(2'000'000, 'x');  // more than a socket takes
  EXPECT_EQ(pool.Run("() => 1", {Value(large)}).end, ScriptEnd::kOverload);
  settings.wall_limit = Minutes(10);
  std::promise<ScriptOutcome> end;
  {
    TestingPool closing(settings);
    closing.pool().Run({"() => 1", {Value(large)}, false},
                       [&end](ScriptOutcome seen) { end.set_value(std::move(seen)); });
  }
  EXPECT_EQ(end.get_future().get().end, ScriptEnd::kUnavailable);
  pool.Close();
  EXPECT_TRUE(Children().empty());
}

TEST(Evaluator, AnswersToNobodysQuestionAreNotBelieved) {
  // Behind "ready", at once, an answer of 4 bytes.
  TestingPool pool(Impostor(kSaysReady + R"(1ASP\1\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0none)"));
  EXPECT_EQ(pool.Run("() => 1").end, ScriptEnd::kCrashed);
}

TEST(Evaluator, WithoutAWorkerItSaysSo) {
  for (const char* program : {"/nowhere/at/all", "/bin/true"}) {
    EvaluatorSettings settings = TestingPool::Settings();
    settings.program = program;
    TestingPool pool(settings);
    for (int i = 0; i < 3; ++i) {
      const ScriptOutcome seen = pool.Run("() => 1");
      EXPECT_EQ(seen.end, ScriptEnd::kUnavailable);
      EXPECT_THAT(seen.message, StartsWith("evaluation functions cannot run here: "));
    }
  }
}

TEST(Evaluator, FullQueuesRefuse) {
  EvaluatorSettings settings = TestingPool::Settings();
  settings.max_queued = 2;
  settings.cpu_limit = Milliseconds(300);
  TestingPool pool(settings);
  std::vector<std::promise<ScriptEnd>> ends(8);
  for (auto& end : ends) {
    pool.pool().Run({"() => { for (;;); }", {}, false},
                    [&end](const ScriptOutcome& seen) { end.set_value(seen.end); });
  }
  int refused = 0;
  for (auto& end : ends) refused += end.get_future().get() == ScriptEnd::kOverload ? 1 : 0;
  EXPECT_GE(refused, 5);
  EXPECT_EQ(pool.Say("() => ({status: 'UP', latency: 1})"), "UP 1");
}

TEST(Evaluator, ThoseWhoRanIntoALimitWaitForTheOthers) {
  EvaluatorSettings settings = TestingPool::Settings();
  settings.cpu_limit = Milliseconds(100);
  TestingPool pool(settings);
  const std::string endless = "() => { for (;;); }";
  EXPECT_EQ(pool.Say(endless), "the function computed for longer than 0.1 s");
  std::mutex mutex;
  std::string order;
  std::vector<std::promise<void>> done(5);
  const auto run = [&](size_t i, const std::string& source, char mark) {
    pool.pool().Run({source, {}, false}, [&, i, mark](const ScriptOutcome&) {
      {
        std::lock_guard lock(mutex);
        order += mark;
      }
      done[i].set_value();
    });
  };
  run(0, endless + "//", 'n');  // not known yet: keeps the worker busy
  run(1, endless, 's');
  run(2, endless, 's');
  run(3, "() => 1", 'f');
  run(4, "() => 2", 'f');
  for (auto& end : done) end.get_future().get();
  EXPECT_EQ(order, "nffss");
}

TEST(Evaluator, ClosingEndsWhatRunsAndWhatWaits) {
  TestingPool pool;
  std::vector<std::promise<ScriptOutcome>> ends(3);
  pool.Say("() => 1");
  for (auto& end : ends) {
    pool.pool().Run({"() => { for (;;); }", {}, false},
                    [&end](ScriptOutcome seen) { end.set_value(std::move(seen)); });
  }
  pool.Close();
  for (auto& end : ends) {
    const ScriptOutcome seen = end.get_future().get();
    EXPECT_EQ(seen.end, ScriptEnd::kUnavailable);
    EXPECT_EQ(seen.message, "the server is shutting down");
  }
  EXPECT_TRUE(Children().empty());
}

TEST(Evaluator, SizesAndSettingsAreChecked) {
  TestingPool pool;
  EXPECT_EQ(pool.Say("() => 1" + std::string(300'000, ' ')), "the function is longer than 256 KiB");
  EXPECT_EQ(pool.Say("() => 1", {std::string(9'000'000, 'x')}),
            "what the function is given is over 8 MiB");
  EXPECT_EQ(pool.Say("(s) => ({status: 'UP', latency: s.length})", {std::string(4'000'000, 'x')}),
            "UP 4000000");
  Metrics metrics;
  EvaluatorSettings settings = TestingPool::Settings();
  settings.workers = 0;
  EXPECT_FALSE(Evaluator::Start(settings, metrics));
  settings.workers = 17;
  EXPECT_FALSE(Evaluator::Start(settings, metrics));
}

TEST(Evaluator, SeveralWorkersServeManyThreads) {
  EvaluatorSettings settings = TestingPool::Settings();
  settings.workers = 3;
  TestingPool pool(settings);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string said =
            pool.Say("(a) => ({status: 'UP', latency: a})", {int64_t{t * 1000 + i}});
        if (said == "UP " + std::to_string(t * 1000 + i)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
  EXPECT_LE(Children().size(), 3u);
}

}  // namespace
}  // namespace pharos::script
