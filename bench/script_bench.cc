// Evaluation functions through one worker process: calls a second, the pipe included.

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

#include "base/metrics.h"
#include "base/one_shot.h"
#include "script/evaluator.h"

namespace pharos::script {
namespace {

class Pool {
 public:
  Pool() {
    EvaluatorSettings settings;
    settings.program = PHAROS_SCRIPT_WORKER;
    settings.arguments = {};
    pool_ = Evaluator::Start(std::move(settings), metrics_).value();
  }
  ScriptOutcome Run(const std::string& source, const std::string& body) {
    OneShot<ScriptOutcome> outcome;
    pool_->Run({source, {200, 12, body}, true},
               [&outcome](ScriptOutcome seen) { outcome.Set(std::move(seen)); });
    return outcome.Take();
  }

 private:
  Metrics metrics_;
  std::unique_ptr<Evaluator> pool_;
};

void Measure(benchmark::State& state, const std::string& source, const std::string& body) {
  Pool pool;
  pool.Run(source, body);
  for (auto _ : state) {
    if (pool.Run(source, body).status != "UP") state.SkipWithError("the function failed");
  }
  state.SetItemsProcessed(state.iterations());
}

void Status(benchmark::State& state) {
  Measure(state,
          "(async function (statusCode, responseTime) {"
          "return {status: statusCode === 200 ? 'UP' : 'DOWN', latency: responseTime} })",
          "ok");
}
BENCHMARK(Status)->UseRealTime();

void JsonField(benchmark::State& state) {
  std::string body = R"({"state":"ok","items":[)";
  for (int i = 0; i < 100; ++i) body += (i == 0 ? "" : ",") + std::string(R"({"id":1,"on":true})");
  Measure(state,
          "(async function (statusCode, responseTime, responseRaw) {"
          "const data = JSON.parse(responseRaw);"
          "return {status: data.state === 'ok' ? 'UP' : 'DOWN', latency: responseTime} })",
          body + "]}");
}
BENCHMARK(JsonField)->UseRealTime();

void HtmlQuery(benchmark::State& state) {
  Measure(state,
          "(async function (statusCode, responseTime, responseRaw, modules) {"
          "const $ = modules.cheerio.load(responseRaw);"
          "return {status: $('h1').text() === 'Welcome' ? 'UP' : 'DOWN', latency: responseTime} })",
          "<html><body><h1>Welcome</h1><p>to the shop</p></body></html>");
}
BENCHMARK(HtmlQuery)->UseRealTime();

}  // namespace
}  // namespace pharos::script
