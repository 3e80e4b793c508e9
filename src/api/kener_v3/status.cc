#include "api/kener_v3/status.h"

#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "api/kener/js.h"
#include "api/kener_v3/envelope.h"
#include "api/kener_v3/monitor_row.h"
#include "api/kener_v3/words.h"
#include "base/json.h"
#include "base/text.h"
#include "service/heartbeats.h"
#include "service/monitors.h"
#include "service/samples.h"

namespace pharos::api::kener_v3 {
namespace {

constexpr double kMaxLatencyMs = 1e12;
constexpr Duration kOldest = Days(90);

// Refusals of the push have their number in the body too.
Error PushError(Call& call, std::string message) {
  call.failure.details.Set("status", 400);
  return BadRequest(std::move(message));
}

// What the sample says, checked in the order of A.2.
Result<model::Sample> DecodeSample(Call& call, const Value& body) {
  model::Sample sample;
  const Value* word = body.Find("status");
  const auto status =
      word != nullptr && word->IsString() ? ParsePushedStatus(word->AsString()) : std::nullopt;
  if (!status) return PushError(call, "status missing");
  const std::optional<double> latency = kener::LooseNumber(body.Find("latency"));
  if (!latency || *latency < 0 || *latency > kMaxLatencyMs) {
    return PushError(call, "latency missing or not a number");
  }
  const Timestamp now = call.clock.Now();
  Timestamp at = now;
  if (const Value* given = body.Find("timestampInSeconds"); given != nullptr && !given->IsNull()) {
    const std::optional<double> seconds = kener::LooseNumber(given);
    if (!seconds) return PushError(call, "timestampInSeconds not a number");
    if (*seconds > static_cast<double>(ToUnixSeconds(now))) {
      return PushError(call, "timestampInSeconds is in future");
    }
    if (*seconds < static_cast<double>(ToUnixSeconds(now - kOldest))) {
      return PushError(call, "timestampInSeconds is older than 90days");
    }
    at = FromUnixSeconds(static_cast<int64_t>(*seconds));
  }
  sample.at = FloorToMinute(at);
  sample.status = sample.observed = *status;
  sample.origin = model::SampleOrigin::kManual;
  sample.latency_ms = *latency;
  return sample;
}

// What a day's samples sum up to.
struct DaySoFar {
  double up = 0, degraded = 0, down = 0;
  std::optional<model::Sample> newest;

  void Add(const model::Sample& sample) {
    if (sample.origin == model::SampleOrigin::kSignal) return;
    switch (sample.status) {
      case model::Status::kUp:
        ++up;
        break;
      case model::Status::kDegraded:
      case model::Status::kPartialOutage:
        ++degraded;
        break;
      case model::Status::kDown:
        ++down;
        break;
      case model::Status::kMaintenance:
        break;
      case model::Status::kNoData:
        return;
    }
    newest = sample;
  }
};

// Refusals of the read are successes to HTTP; clients look into the body (A.2, "quirks").
std::string QuietRefusal(std::string_view text) {
  std::string out;
  JsonWriter(out).BeginObject().Key("error").String(text).Key("status").Int(400).EndObject();
  return out;
}

}  // namespace

std::string UptimeText(double good, double all) {
  if (all <= 0) return "-";
  const double percent = 100.0 * good / all;
  char text[32];
  const bool round_tens = std::fmod(percent, 10.0) == 0;
  std::snprintf(text, sizeof text, round_tens ? "%.0f" : "%.4f", percent);
  return text;
}

Result<std::string> PushStatus(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Sample sample, DecodeSample(call, call.body));
  const auto tag = NonEmptyText(call.body.Find("tag"));
  const service::MonitorPtr monitor =
      tag ? call.services.monitors.FindByTag(*call.who, *tag) : nullptr;
  if (monitor == nullptr) return PushError(call, "no monitor with tag found");
  if (!monitor->active) return PushError(call, "monitor with the given tag is not active");
  PHAROS_RETURN_IF_ERROR(call.services.samples.WriteManual(*monitor, {sample}));
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Key("status")
      .Int(200)
      .Key("message")
      .String("success at " + std::to_string(ToUnixSeconds(sample.at)))
      .EndObject();
  return out;
}

Result<std::string> ReadStatus(Call& call) {
  const auto parameters = http::ParseQuery(call.request.query);
  const std::string* tag = http::FindParameter(parameters, "tag");
  const service::MonitorPtr monitor =
      tag != nullptr ? call.services.monitors.FindByTag(*call.who, *tag) : nullptr;
  if (monitor == nullptr) return QuietRefusal("no monitor with tag found");
  if (!monitor->active) return QuietRefusal("monitor with the given tag is not active");
  Timestamp until = call.clock.Now();
  if (const std::string* given = http::FindParameter(parameters, "timestamp")) {
    const Value text(*given);
    if (const auto seconds = LooseSeconds(&text)) until = FromUnixSeconds(*seconds);
  }
  PHAROS_ASSIGN_OR_RETURN(
      const std::vector<model::Sample> samples,
      call.services.samples.ReadMinutes(*monitor, FloorTo(until, Days(1)), until + Seconds(1)));
  DaySoFar day;
  for (const model::Sample& sample : samples) day.Add(sample);
  const double good = day.up + (CountsDegradedAsDown(*monitor) ? 0 : day.degraded);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("status").String(day.newest ? StatusWord(day.newest->status) : "NO_DATA");
  json.Key("uptime").String(UptimeText(good, day.up + day.degraded + day.down));
  for (const std::string_view name : {"last_updated_at", "lastUpdatedAt"}) {
    json.Key(name);
    day.newest ? json.Int(ToUnixSeconds(day.newest->at)) : json.Null();
  }
  json.EndObject();
  return out;
}

void PushHeartbeat(Call& call, Answer answer) {
  const auto text = PercentDecode(call.params.Find("signal"));
  const size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos || text->find(':', colon + 1) != std::string::npos) {
    answer.Send(BadRequest("Invalid url"));
    return;
  }
  call.services.heartbeats.RecordWithSecret(
      call.who->org, text->substr(0, colon), text->substr(colon + 1), {},
      [answer](Result<Timestamp> recorded) {
        if (recorded) {
          answer.Send(std::string("{\"status\":\"OK\"}"));
          return;
        }
        const ErrorKind kind = recorded.error().kind;
        const bool refused = kind == ErrorKind::kNotFound || kind == ErrorKind::kUnauthenticated;
        answer.Send(refused ? BadRequest("Invalid heartbeat url") : std::move(recorded).error());
      });
}

}  // namespace pharos::api::kener_v3
