#include "base/log.h"

// The Debian library is compiled with the system's fmt; the header must not bring its own.
#ifndef SPDLOG_FMT_EXTERNAL
#define SPDLOG_FMT_EXTERNAL
#endif
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos {
namespace {

constexpr size_t kQueueLines = 8192;
constexpr size_t kMaxValueBytes = 8 * 1024;

const char* LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// The pool drains its queue and joins its thread when it is destroyed. The logger only watches the
// pool, and queued lines hold the logger, so the pool always dies on the thread that stops logging.
struct Writer {
  Writer() {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    logger = std::make_shared<spdlog::async_logger>("pharos", std::move(sink), pool,
                                                    spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(spdlog::level::trace);
    logger->set_pattern("%v");
  }

  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  std::shared_ptr<spdlog::async_logger> logger;
};

// A process has one standard error and so one log; this is its state.
struct LogState {
  std::atomic<LogLevel> level{LogLevel::kInfo};
  std::atomic<LogFormat> format{LogFormat::kText};
  std::atomic<uint64_t> dropped_before{0};  // by writers that have been stopped
  Guarded<std::unique_ptr<Writer>> writer;
};

LogState& State() {
  static LogState state;  // tidy: process-wide
  return state;
}

bool NeedsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == '\x7f') {
      return true;
    }
  }
  return !IsValidUtf8(value);
}

// Values come from anywhere; quoting keeps one event on one line, whatever is in them.
void AppendTextValue(std::string& line, std::string_view value) {
  if (NeedsQuotes(value)) {
    AppendJsonString(line, value);
  } else {
    line += value;
  }
}

using Fields = std::span<const LogField>;

std::string TextLine(Timestamp now, LogLevel level, std::string_view event, Fields fields) {
  std::string line = FormatIsoMillis(now);
  line += ' ';
  line += LevelName(level);
  line += ' ';
  line += event;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    AppendTextValue(line, Ellipsize(field.value, kMaxValueBytes));
  }
  return line;
}

std::string JsonLine(Timestamp now, LogLevel level, std::string_view event, Fields fields) {
  std::string line;
  JsonWriter json(line);
  json.BeginObject().Key("time").String(FormatIsoMillis(now));
  json.Key("level").String(LevelName(level)).Key("event").String(event);
  for (const LogField& field : fields) {
    json.Key(field.name).String(Ellipsize(field.value, kMaxValueBytes));
  }
  json.EndObject();
  return line;
}

void WriteLine(LogLevel level, std::string_view event, Fields fields) {
  LogState& state = State();
  const Timestamp now = SystemClock().Now();
  std::string line = state.format == LogFormat::kJson ? JsonLine(now, level, event, fields)
                                                      : TextLine(now, level, event, fields);
  const bool queued = state.writer.Read([&](const std::unique_ptr<Writer>& writer) {
    if (writer == nullptr) return false;
    writer->logger->log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
    return true;
  });
  if (queued) return;
  line += '\n';
  // One call, so that lines of several threads do not mix.
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void StartLogging(const LogSettings& settings) {
  StopLogging();
  LogState& state = State();
  state.level = settings.level;
  state.format = settings.format;
  auto writer = std::make_unique<Writer>();
  state.writer.Write([&](std::unique_ptr<Writer>& slot) { std::swap(slot, writer); });
}

void StopLogging() {
  LogState& state = State();
  std::unique_ptr<Writer> writer;
  state.writer.Write([&](std::unique_ptr<Writer>& slot) { std::swap(slot, writer); });
  if (writer == nullptr) return;
  const uint64_t dropped = writer->pool->overrun_counter();
  writer.reset();
  state.dropped_before += dropped;
  if (dropped > 0) Log(LogLevel::kWarning, "log lines dropped", {{"count", dropped}});
}

uint64_t DroppedLogLines() {
  LogState& state = State();
  return state.dropped_before + state.writer.Read([](const std::unique_ptr<Writer>& writer) {
    return writer == nullptr ? uint64_t{0} : uint64_t{writer->pool->overrun_counter()};
  });
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (LogEnabled(level)) WriteLine(level, event, Fields(fields.begin(), fields.size()));
}

void LogError(std::string_view event, const Error& error, std::initializer_list<LogField> fields) {
  if (!LogEnabled(LogLevel::kError)) return;
  std::vector<LogField> all(fields);
  all.emplace_back("kind", ErrorKindName(error.kind));
  all.emplace_back("message", error.message);
  if (!error.detail.empty()) all.emplace_back("detail", error.detail);
  WriteLine(LogLevel::kError, event, all);
}

bool LogEnabled(LogLevel level) { return level >= State().level.load(std::memory_order_relaxed); }

}  // namespace pharos
