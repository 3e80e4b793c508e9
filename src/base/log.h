#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace pharos {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

struct LogField {
  std::string_view name;
  std::string value;

  LogField(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(v) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  LogField(std::string_view n, T v) : name(n), value(std::to_string(v)) {}
};

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

// Starts logging to standard error through a bounded queue and one writer thread, so that no caller
// waits for a slow terminal or disk; when the queue is full the oldest line is dropped and counted.
// Before this call lines go to standard error directly.
void StartLogging(const LogSettings& settings);
// Writes what is queued and stops the writer.
void StopLogging();
// Lines lost to a full queue since the process began; for /metrics.
uint64_t DroppedLogLines();

// One structured line. `event` is a short constant text; what varies goes into fields. Thread-safe.
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
// Logs kind, message and private detail of an error.
void LogError(std::string_view event, const Error& error,
              std::initializer_list<LogField> fields = {});
bool LogEnabled(LogLevel level);

}  // namespace pharos
