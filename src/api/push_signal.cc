#include "api/push_signal.h"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/check_result.h"

namespace pharos::api {
namespace {

using Signal = service::HeartbeatService::Signal;

constexpr size_t kMaxBodyBytes = 16 * 1024;
constexpr std::string_view kMetricPrefix = "metrics.";

std::optional<model::Status> StatusOf(std::string_view word) {
  const std::string lower = AsciiLower(word);
  if (lower == "up" || lower == "ok") return model::Status::kUp;
  if (lower == "degraded" || lower == "warning") return model::Status::kDegraded;
  if (lower == "down" || lower == "error") return model::Status::kDown;
  return std::nullopt;
}

bool IsLatencyName(std::string_view name) {
  return name == "latency" || name == "ping" || name == "latency_ms" || name == "response_time_ms";
}

// A number, or a text that holds one; nullopt for anything else.
std::optional<double> NumberOf(const Value& value) {
  if (value.IsNumber()) return value.AsDouble();
  if (!value.IsString()) return std::nullopt;
  Result<Value> parsed = ParseJson(Trim(value.AsString()));
  if (!parsed || !parsed->IsNumber()) return std::nullopt;
  return parsed->AsDouble();
}

bool IsEmpty(const Value& value) {
  return value.IsNull() || (value.IsString() && Trim(value.AsString()).empty());
}

Status Take(std::string_view name, const Value& value, Signal& signal) {
  if (IsEmpty(value)) return Ok();
  if (name == "status") {
    const auto status = value.IsString() ? StatusOf(value.AsString()) : std::nullopt;
    if (!status) return Error::Field("status", "must be up, degraded or down");
    signal.status = *status;
  } else if (IsLatencyName(name)) {
    const auto ms = NumberOf(value);
    if (!ms || !std::isfinite(*ms) || *ms < 0) {
      return Error::Field(std::string(name), "must be a number of milliseconds, not negative");
    }
    signal.latency_ms = *ms;
  } else if (name == "msg" || name == "message") {
    if (!value.IsString()) return Error::Field(std::string(name), "must be a text");
    signal.message = Ellipsize(value.AsString(), model::kMaxMessageBytes);
  } else if (name == "metrics") {
    if (!value.IsObject()) return Error::Field("metrics", "must be an object of numbers");
    for (const auto& [figure, number] : value.AsObject()) signal.metrics.Set(figure, number);
  } else if (name.starts_with(kMetricPrefix) && name.size() > kMetricPrefix.size()) {
    const auto number = NumberOf(value);
    if (!number) return Error::Field(std::string(name), "must be a number");
    signal.metrics.Set(name.substr(kMetricPrefix.size()), *number);
  }
  return Ok();
}

Status TakePairs(std::string_view text, Signal& signal) {
  for (const auto& [name, value] : http::ParseQuery(text)) {
    if (name == "metrics") {
      Result<Value> parsed = ParseJson(value);
      if (!parsed) return Error::Field("metrics", "must be an object of numbers");
      PHAROS_RETURN_IF_ERROR(Take(name, *parsed, signal));
    } else {
      PHAROS_RETURN_IF_ERROR(Take(name, Value(value), signal));
    }
  }
  return Ok();
}

}  // namespace

Result<Signal> ReadPushSignal(const http::Request& request) {
  Signal signal;
  if (request.body_too_large || request.body.size() > kMaxBodyBytes) {
    return Error(ErrorKind::kTooLarge, "A report may have at most 16 KiB");
  }
  PHAROS_RETURN_IF_ERROR(TakePairs(request.query, signal));
  const std::string_view body = Trim(request.body);
  if (body.empty()) return signal;
  if (body.front() != '{') {
    PHAROS_RETURN_IF_ERROR(TakePairs(body, signal));
    return signal;
  }
  PHAROS_ASSIGN_OR_RETURN(const Value parsed, ParseJson(body));
  for (const auto& [name, value] : parsed.AsObject()) {
    PHAROS_RETURN_IF_ERROR(Take(name, value, signal));
  }
  return signal;
}

}  // namespace pharos::api
