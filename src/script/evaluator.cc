#include "script/evaluator.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "script/wire.h"
#include "script/worker_process.h"

namespace pharos::script {
namespace {

constexpr size_t kMaxWorkers = 16;
constexpr size_t kMaxQueuedBytes = 64 * 1024 * 1024;
constexpr size_t kMaxOffenders = 1024;
constexpr size_t kMaxMessageBytes = 4000;  // 1000 characters
constexpr size_t kMaxHeapBytes = 64 * 1024 * 1024;
// A worker that ended is not always the function's doing: it may have retired, or been killed by
// the machine.
constexpr int kAttempts = 3;
constexpr Duration kFirstPause = Milliseconds(200);
constexpr Duration kLongestPause = Seconds(30);

struct Waiting {
  ScriptCall call;
  std::string arguments;
  ScriptDone done;
  MonotonicTime since;
  size_t fingerprint = 0;
  size_t Bytes() const { return call.source.size() + arguments.size(); }
};

ScriptOutcome Ended(ScriptEnd end, std::string message) {
  ScriptOutcome outcome;
  outcome.end = end;
  outcome.message = std::move(message);
  return outcome;
}

// The first line of `text`, which loses it.
std::string_view TakeLine(std::string_view& text) {
  const size_t at = text.find('\n');
  const std::string_view line = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return line;
}

std::optional<double> NumberOf(std::string_view text) {
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return number;
}

std::string Printable(std::string_view text) {
  return Ellipsize(SanitizeUtf8(text.substr(0, kMaxMessageBytes)), kMaxMessageBytes);
}

// What prelude.js wrote.
ScriptOutcome ReadText(std::string_view text) {
  const std::string_view kind = TakeLine(text);
  if (kind == "threw") return Ended(ScriptEnd::kThrew, Printable(text));
  ScriptOutcome outcome;
  outcome.end = ScriptEnd::kReturned;
  if (kind == "none") {
    outcome.value_type = Printable(text);
    return outcome;
  }
  if (kind != "object") return Ended(ScriptEnd::kCrashed, "the script engine gave no answer");
  outcome.is_object = true;
  outcome.latency_type = Printable(TakeLine(text));
  const std::string_view latency = TakeLine(text);
  if (outcome.latency_type == "number") outcome.latency = NumberOf(latency);
  outcome.status_type = Printable(TakeLine(text));
  outcome.status = Printable(text);
  return outcome;
}

// Loading the HTML parser costs more than most functions do: only for those that could use it. The
// parameter's name alone, as in the text that consoles offer, does not.
Extra ExtraOf(const ScriptCall& call) {
  if (!call.wants_modules) return Extra::kNone;
  const std::string_view source = call.source;
  const size_t first = source.find("modules");
  const bool used = source.find("cheerio") != std::string_view::npos ||
                    (first != std::string_view::npos &&
                     source.find("modules", first + 1) != std::string_view::npos);
  return used ? Extra::kModulesWithHtml : Extra::kModules;
}

std::string SecondsText(Duration d) {
  std::string text;
  AppendJsonNumber(text, ToMillis(d) / 1000.0);
  return text + " s";
}

class Pool : public Evaluator {
 public:
  Pool(EvaluatorSettings settings, Metrics& metrics, int wake)
      : settings_(std::move(settings)),
        wake_(wake),
        starts_(metrics.GetCounter("pharos_script_worker_starts_total",
                                   "Worker processes for evaluation functions that were started")) {
    constexpr std::array<const char*, 7> kEnds = {
        "returned", "threw", "time_limit", "memory_limit", "crashed", "overload", "unavailable"};
    for (size_t i = 0; i < kEnds.size(); ++i) {
      ended_[i] =
          &metrics.GetCounter("pharos_script_calls_total",
                              "Evaluation functions run, by how they ended", {{"end", kEnds[i]}});
    }
    for (size_t i = 0; i < settings_.workers; ++i) lanes_.emplace_back([this] { Lane(); });
  }

  ~Pool() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    ready_.notify_all();
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t sent = write(wake_, &one, sizeof one);
    for (std::thread& lane : lanes_) lane.join();
    for (auto* queue : {&waiting_, &slow_}) {
      for (Waiting& item : *queue) Finish(item, ShuttingDown());
    }
    close(wake_);
  }

  void Run(ScriptCall call, ScriptDone done) override {
    Waiting item;
    item.arguments = WriteJson(Value(std::move(call.arguments)));
    item.call = std::move(call);
    item.call.arguments.clear();
    item.done = std::move(done);
    item.since = clock_.Monotonic();
    item.fingerprint = std::hash<std::string>()(item.call.source);
    if (item.call.source.size() > kMaxSourceBytes) {
      return Finish(item, Ended(ScriptEnd::kThrew, "the function is longer than 256 KiB"));
    }
    if (item.arguments.size() > kMaxArgumentBytes) {
      return Finish(item, Ended(ScriptEnd::kThrew, "what the function is given is over 8 MiB"));
    }
    if (auto refused = Queue(item)) Finish(item, std::move(*refused));
  }

 private:
  static ScriptOutcome ShuttingDown() {
    return Ended(ScriptEnd::kUnavailable, "the server is shutting down");
  }

  std::optional<ScriptOutcome> Queue(Waiting& item) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return ShuttingDown();
      if (waiting_.size() + slow_.size() >= settings_.max_queued ||
          queued_bytes_ + item.Bytes() > kMaxQueuedBytes) {
        return Ended(ScriptEnd::kOverload, "too many evaluation functions are waiting");
      }
      queued_bytes_ += item.Bytes();
      // Those that ran into a limit wait until nobody else does.
      const bool is_slow = offenders_.contains(item.fingerprint);
      (is_slow ? slow_ : waiting_).push_back(std::move(item));
    }
    ready_.notify_one();
    return std::nullopt;
  }

  // nullopt: the pool stops.
  std::optional<Waiting> Take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return stopping_ || !waiting_.empty() || !slow_.empty(); });
    if (stopping_) return std::nullopt;
    auto& queue = waiting_.empty() ? slow_ : waiting_;
    std::optional<Waiting> item(std::move(queue.front()));
    queue.pop_front();
    queued_bytes_ -= item->Bytes();
    return item;
  }

  void Note(size_t fingerprint, ScriptEnd end) {
    const bool offended = end == ScriptEnd::kTimeLimit || end == ScriptEnd::kMemoryLimit ||
                          end == ScriptEnd::kCrashed;
    std::lock_guard lock(mutex_);
    if (!offended) {
      offenders_.erase(fingerprint);
    } else if (offenders_.size() < kMaxOffenders) {
      offenders_.insert(fingerprint);
    }
  }

  void Finish(Waiting& item, ScriptOutcome outcome) {
    ended_[static_cast<size_t>(outcome.end)]->Add();
    item.done(std::move(outcome));
  }

  void Lane() {
    WorkerProcess worker;
    Patience patience;
    while (std::optional<Waiting> item = Take()) {
      ScriptOutcome outcome = Serve(worker, patience, *item);
      Note(item->fingerprint, outcome.end);
      Finish(*item, std::move(outcome));
    }
  }

  // When a worker may be started again after it could not be.
  struct Patience {
    Duration pause = kFirstPause;
    MonotonicTime not_before{};
    std::string reason;
  };

  bool StartWorker(WorkerProcess& worker, Patience& patience) {
    if (clock_.Monotonic() < patience.not_before) return false;
    const Status started = worker.Start(settings_.program, settings_.arguments);
    if (started) {
      starts_.Add();
      patience = Patience();
      return true;
    }
    patience.reason = started.error().message;
    patience.not_before = clock_.Monotonic() + patience.pause;
    patience.pause = std::min(patience.pause * 2, kLongestPause);
    LogError("no script worker", started.error());
    return false;
  }

  ScriptOutcome Serve(WorkerProcess& worker, Patience& patience, const Waiting& item) {
    if (clock_.Monotonic() - item.since > settings_.queue_limit) {
      return Ended(ScriptEnd::kOverload, "the evaluation function waited too long for its turn");
    }
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (!worker.is_running() && !StartWorker(worker, patience)) {
        return Ended(ScriptEnd::kUnavailable,
                     "evaluation functions cannot run here: " + patience.reason);
      }
      if (auto outcome = Ask(worker, item)) return std::move(*outcome);
      worker.Kill();
    }
    Log(LogLevel::kWarning, "an evaluation function ended its worker",
        {{"attempts", kAttempts}, {"source_bytes", item.call.source.size()}});
    return Ended(ScriptEnd::kCrashed, "the function made the script engine end");
  }

  // nullopt: the worker is gone.
  std::optional<ScriptOutcome> Ask(WorkerProcess& worker, const Waiting& item) {
    CallHead head{};
    head.magic = kCallMagic;
    head.source_bytes = static_cast<uint32_t>(item.call.source.size());
    head.argument_bytes = static_cast<uint32_t>(item.arguments.size());
    head.cpu_ms = static_cast<uint32_t>(settings_.cpu_limit.count() / 1000);
    head.heap_bytes = static_cast<uint32_t>(settings_.memory_limit);
    head.extra = ExtraOf(item.call);
    const Duration before = worker.CpuUsed();
    AnswerHead answer{};
    std::string text;
    auto end = worker.Send(settings_.wall_limit, wake_, head, item.call.source, item.arguments);
    if (end == WorkerProcess::ReadEnd::kAnswer) {
      end = worker.Read(settings_.wall_limit, wake_, answer, text);
    }
    switch (end) {
      case WorkerProcess::ReadEnd::kAnswer:
        return Translate(answer, text);
      case WorkerProcess::ReadEnd::kGone:
        return std::nullopt;
      case WorkerProcess::ReadEnd::kTimeout:
        break;
    }
    const Duration used = worker.CpuUsed() - before;
    worker.Kill();
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return ShuttingDown();
    }
    if (used >= settings_.cpu_limit * 9 / 10) return OverTime();
    return Ended(ScriptEnd::kOverload, "this machine had no time to run the evaluation function");
  }

  ScriptOutcome OverTime() const {
    return Ended(ScriptEnd::kTimeLimit,
                 "the function computed for longer than " + SecondsText(settings_.cpu_limit));
  }

  ScriptOutcome Translate(const AnswerHead& answer, std::string_view text) const {
    // Of a number that is no kind, too.
    ScriptOutcome outcome = Ended(ScriptEnd::kCrashed, "the function made the script engine stop");
    switch (answer.kind) {
      case AnswerKind::kText:
        outcome = text == "memory" ? OverMemory() : ReadText(text);
        break;
      case AnswerKind::kTimeLimit:
        outcome = OverTime();
        break;
      case AnswerKind::kMemoryLimit:
        outcome = OverMemory();
        break;
      case AnswerKind::kNeverSettled:
        outcome = Ended(ScriptEnd::kThrew, "the function's promise never settles");
        break;
      case AnswerKind::kReady:
      case AnswerKind::kTrap:
        break;
    }
    outcome.cpu = Duration(answer.cpu_us);
    outcome.memory_bytes = answer.memory_bytes;
    return outcome;
  }

  ScriptOutcome OverMemory() const {
    return Ended(ScriptEnd::kMemoryLimit,
                 "the function needed more than " +
                     std::to_string(settings_.memory_limit / (1024 * 1024)) + " MiB of memory");
  }

  const EvaluatorSettings settings_;
  const SystemClock clock_;
  const int wake_;  // readable when the pool stops
  Counter& starts_;
  std::array<Counter*, 7> ended_{};
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Waiting> waiting_;
  std::deque<Waiting> slow_;
  std::unordered_set<size_t> offenders_;  // by source; forgotten when they behave
  size_t queued_bytes_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> lanes_;
};

}  // namespace

Result<std::unique_ptr<Evaluator>> Evaluator::Start(EvaluatorSettings settings, Metrics& metrics) {
  if (settings.workers < 1 || settings.workers > kMaxWorkers) {
    return Error(ErrorKind::kInvalid, "script workers must be from 1 to 16");
  }
  if (settings.memory_limit > kMaxHeapBytes || settings.cpu_limit < Milliseconds(1) ||
      settings.cpu_limit > Seconds(60)) {
    return Error(ErrorKind::kInvalid, "script limits are at most 64 MiB and 60 s");
  }
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) return Error(ErrorKind::kUnavailable, "cannot make an event file");
  return std::unique_ptr<Evaluator>(std::make_unique<Pool>(std::move(settings), metrics, wake));
}

}  // namespace pharos::script
