#include "api/kener_v4/data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/monitor_view.h"
#include "api/kener_v4/monitors.h"
#include "api/kener_v4/times.h"
#include "api/kener_v4/words.h"
#include "base/crypto.h"
#include "base/json.h"
#include "service/samples.h"

namespace pharos::api::kener_v4 {
namespace {

void PrintSample(JsonWriter& json, const std::string& tag, const model::Sample& sample) {
  json.BeginObject();
  json.Key("monitor_tag").String(tag);
  json.Key("timestamp").Int(ToUnixSeconds(sample.at));
  json.Key("status").String(StatusWord(sample.status));
  json.Key("latency").Real(sample.latency_ms);
  json.Key("type").String(OriginWord(sample.origin));
  json.EndObject();
}

std::string OneSample(const std::string& tag, const model::Sample& sample) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("data");
  PrintSample(json, tag, sample);
  json.EndObject();
  return out;
}

std::optional<int64_t> TimestampOf(const Call& call) {
  const auto seconds = kener::ParseIntPrefix(call.params.Find("timestamp"));
  return seconds ? MinuteStart(*seconds) : std::nullopt;
}

// A status that may be written by hand.
std::optional<model::Status> WritableStatus(const Value* value) {
  if (value == nullptr || !value->IsString()) return std::nullopt;
  const std::string& word = value->AsString();
  if (word != "UP" && word != "DOWN" && word != "DEGRADED") return std::nullopt;
  return ParseStatusWord(word);
}

// Far beyond any real latency (31 years), so that sums stay finite.
constexpr double kMaxLatencyMs = 1e12;

Status CheckNotHuge(std::string_view field, double value) {
  if (value <= kMaxLatencyMs) return Ok();
  return BadField(field, "must be at most 1000000000000");
}

std::optional<double> NonNegative(const Value* value) {
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  const double n = value->AsDouble();
  if (!std::isfinite(n) || n < 0) return std::nullopt;
  return n;
}

// The body of 7.4, checked.
struct RangeWrite {
  int64_t first = 0;  // minute starts, both inclusive
  int64_t last = 0;
  int64_t updated_count = 0;
  model::Status status = model::Status::kUp;
  double latency_ms = 0;
  double deviation = 0;
};

Result<RangeWrite> DecodeRange(const Value& body) {
  constexpr const char* kNumbers =
      "start_ts and end_ts must be numbers (UTC timestamps in seconds)";
  const Value* start = body.Find("start_ts");
  const Value* end = body.Find("end_ts");
  if (start == nullptr || end == nullptr) return BadRequest("start_ts and end_ts are required");
  if (!start->IsNumber() || !end->IsNumber()) return BadRequest(kNumbers);
  const double from = start->AsDouble();
  const double to = end->AsDouble();
  const auto first = MinuteStart(from);
  const auto last = MinuteStart(to);
  if (!first || !last) return BadRequest(kNumbers);
  if (from >= to) return BadRequest("start_ts must be less than end_ts");
  RangeWrite range;
  range.first = *first;
  range.last = *last;
  const auto status = WritableStatus(body.Find("status"));
  if (!status) return BadRequest("status is required and must be one of: UP, DOWN, DEGRADED");
  range.status = *status;
  const auto latency = NonNegative(body.Find("latency"));
  if (!latency) return BadRequest("latency is required and must be a non-negative number");
  PHAROS_RETURN_IF_ERROR(CheckNotHuge("latency", *latency));
  range.latency_ms = *latency;
  if (const Value* deviation = body.Find("deviation"); deviation && !deviation->IsNull()) {
    const auto n = NonNegative(deviation);
    if (!n) return BadRequest("deviation must be a non-negative number");
    PHAROS_RETURN_IF_ERROR(CheckNotHuge("deviation", *n));
    range.deviation = std::floor(*n);
  }
  const auto rows = static_cast<size_t>((range.last - range.first) / 60 + 1);
  if (rows > service::SampleService::kMaxManualSamples) {
    return BadField("end_ts", "is too far from start_ts: one request may write at most " +
                                  std::to_string(service::SampleService::kMaxManualSamples) +
                                  " minutes");
  }
  // The minute starts m with start <= m < end, which is not what is written (7.4).
  range.updated_count =
      static_cast<int64_t>(std::ceil(to / 60.0)) - static_cast<int64_t>(std::ceil(from / 60.0));
  return range;
}

std::mt19937_64 FreshGenerator() {
  uint64_t seed = 0;
  const std::string bytes = RandomBytes(sizeof seed);
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return std::mt19937_64(seed);
}

std::vector<model::Sample> SamplesOf(const RangeWrite& range) {
  std::vector<model::Sample> samples;
  samples.reserve(static_cast<size_t>((range.last - range.first) / 60 + 1));
  std::mt19937_64 generator = FreshGenerator();
  std::uniform_real_distribution<double> share(0.0, 1.0);
  for (int64_t at = range.first; at <= range.last; at += 60) {
    model::Sample sample;
    sample.at = FromUnixSeconds(at);
    sample.status = sample.observed = range.status;
    sample.origin = model::SampleOrigin::kManual;
    const double offset =
        range.deviation == 0
            ? 0
            : std::floor(share(generator) * (2 * range.deviation + 1)) - range.deviation;
    sample.latency_ms = std::max(0.0, range.latency_ms + offset);
    samples.push_back(std::move(sample));
  }
  return samples;
}

// What an absent `status` means: the row's, else the monitor's default, else UP (7.6).
model::Status StandingStatus(const std::optional<model::Sample>& row,
                             const model::Monitor& monitor) {
  if (row) return row->status;
  const Text word = ShownDefaultStatus(monitor);
  return (word ? ParseStatusWord(*word) : std::nullopt).value_or(model::Status::kUp);
}

}  // namespace

Result<std::string> ReadRange(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  const auto query = http::ParseQuery(call.request.query);
  const std::string* start = http::FindParameter(query, "start_ts");
  const std::string* end = http::FindParameter(query, "end_ts");
  if (start == nullptr || end == nullptr || start->empty() || end->empty()) {
    return BadRequest("Both start_ts and end_ts query parameters are required");
  }
  const auto from_number = kener::ParseIntPrefix(*start);
  const auto to_number = kener::ParseIntPrefix(*end);
  const auto from = from_number ? MinuteStart(*from_number) : std::nullopt;
  const auto to = to_number ? MinuteStart(*to_number) : std::nullopt;
  if (!from || !to) {
    return BadRequest("start_ts and end_ts must be valid integers (UTC timestamps in seconds)");
  }
  if (*from >= *to) return BadRequest("start_ts must be less than end_ts");
  PHAROS_ASSIGN_OR_RETURN(
      const std::vector<model::Sample> samples,
      call.services.samples.ReadMinutes(*monitor, FromUnixSeconds(*from), FromUnixSeconds(*to)));
  std::string out;
  out.reserve(16 + samples.size() * (96 + monitor->tag.size()));
  JsonWriter json(out);
  json.BeginObject().Key("data").BeginList();
  for (const model::Sample& sample : samples) PrintSample(json, monitor->tag, sample);
  json.EndList().EndObject();
  return out;
}

Result<std::string> WriteRange(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  PHAROS_ASSIGN_OR_RETURN(const RangeWrite range, DecodeRange(call.body));
  PHAROS_RETURN_IF_ERROR(call.services.samples.WriteManual(*monitor, SamplesOf(range)));
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("message").String("Monitoring data updated successfully");
  json.Key("updated_count").Int(range.updated_count);
  json.EndObject();
  return out;
}

Status CheckTimestamp(Call& call) {
  if (TimestampOf(call)) return Ok();
  return BadRequest("Timestamp must be a valid integer (UTC timestamp in seconds)");
}

Result<std::string> ReadPoint(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  const int64_t minute = *TimestampOf(call);
  PHAROS_ASSIGN_OR_RETURN(const auto sample,
                          call.services.samples.FindMinute(*monitor, FromUnixSeconds(minute)));
  if (!sample) {
    return NotFound("No monitoring data found for monitor '" + monitor->tag + "' at timestamp " +
                    std::to_string(minute));
  }
  return OneSample(monitor->tag, *sample);
}

Result<std::string> WritePoint(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const service::MonitorPtr monitor, FindMonitor(call));
  const Value* status = call.body.Find("status");
  const Value* latency = call.body.Find("latency");
  const auto new_status = WritableStatus(status);
  if (status != nullptr && !new_status) {
    return BadRequest("status must be one of: UP, DOWN, DEGRADED");
  }
  const auto new_latency = NonNegative(latency);
  if (latency != nullptr && !new_latency) {
    return BadRequest("latency must be a non-negative number");
  }
  if (new_latency) PHAROS_RETURN_IF_ERROR(CheckNotHuge("latency", *new_latency));
  const Timestamp minute = FromUnixSeconds(*TimestampOf(call));
  std::optional<model::Sample> row;
  if (!new_status || !new_latency) {
    PHAROS_ASSIGN_OR_RETURN(row, call.services.samples.FindMinute(*monitor, minute));
  }
  model::Sample sample;
  sample.at = minute;
  sample.origin = model::SampleOrigin::kManual;
  sample.status = new_status ? *new_status : StandingStatus(row, *monitor);
  sample.observed = sample.status;
  sample.latency_ms = new_latency ? *new_latency : row ? row->latency_ms : 0;
  PHAROS_RETURN_IF_ERROR(call.services.samples.WriteManual(*monitor, {sample}));
  return OneSample(monitor->tag, sample);
}

}  // namespace pharos::api::kener_v4
