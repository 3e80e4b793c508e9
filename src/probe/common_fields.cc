#include "probe/common_fields.h"

#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMessageBytes = 200;

std::vector<model::FieldSpec> MakeCommonFields() {
  using model::FieldType;
  return {
      {.name = "timeout_ms",
       .type = FieldType::kInt,
       .fallback = 10000,
       .min = 100,
       .max = 120000,
       .help = "Time for one attempt, from name resolution to the last byte, in milliseconds."},
      {.name = "retries",
       .type = FieldType::kInt,
       .fallback = 0,
       .min = 0,
       .max = 5,
       .help = "How often a failed attempt is repeated before the check counts as failed."},
      {.name = "retry_delay_ms",
       .type = FieldType::kInt,
       .fallback = 5000,
       .min = 0,
       .max = 60000,
       .help = "Pause between two attempts, in milliseconds."},
      {.name = "degraded_over_ms",
       .type = FieldType::kInt,
       .min = 1,
       .max = 120000,
       .help = "Slower than this is degraded. Empty: never."},
      {.name = "down_over_ms",
       .type = FieldType::kInt,
       .min = 1,
       .max = 120000,
       .help = "Slower than this is down. Empty: never."},
  };
}

const Value* FallbackOf(const std::vector<model::FieldSpec>& rows, std::string_view name) {
  for (const model::FieldSpec& row : rows) {
    if (row.name == name) return &row.fallback;
  }
  return nullptr;
}

}  // namespace

const std::vector<model::FieldSpec>& CommonFields() {
  static const std::vector<model::FieldSpec> rows = MakeCommonFields();
  return rows;
}

std::vector<model::FieldSpec> WithCommonFields(const std::vector<model::FieldSpec>& own) {
  std::vector<model::FieldSpec> all = CommonFields();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

const Value* SpecReader::Get(std::string_view name) const { return spec_.Find(name); }

bool SpecReader::Bool(std::string_view name) const {
  const Value* v = Get(name);
  if (v == nullptr || !v->IsBool()) v = FallbackOf(rows_, name);
  return v != nullptr && v->IsBool() && v->AsBool();
}

int64_t SpecReader::Int(std::string_view name) const {
  const Value* v = Get(name);
  if (v == nullptr || !v->IsInt()) v = FallbackOf(rows_, name);
  return v != nullptr && v->IsInt() ? v->AsInt() : 0;
}

std::optional<double> SpecReader::Number(std::string_view name) const {
  const Value* v = Get(name);
  if (v == nullptr || !v->IsNumber()) v = FallbackOf(rows_, name);
  if (v == nullptr || !v->IsNumber()) return std::nullopt;
  return v->AsDouble();
}

std::string SpecReader::Text(std::string_view name) const {
  const Value* v = Get(name);
  if (v == nullptr || !v->IsString()) v = FallbackOf(rows_, name);
  return v != nullptr && v->IsString() ? v->AsString() : std::string();
}

const Value::List& SpecReader::List(std::string_view name) const {
  static const Value::List empty;
  const Value* v = Get(name);
  return v != nullptr && v->IsList() ? v->AsList() : empty;
}

CommonSpec ReadCommon(const Value& spec) {
  const SpecReader reader(spec, CommonFields());
  CommonSpec common;
  common.timeout = Milliseconds(reader.Int("timeout_ms"));
  common.retries = static_cast<int>(reader.Int("retries"));
  common.retry_delay = Milliseconds(reader.Int("retry_delay_ms"));
  common.degraded_over_ms = reader.Number("degraded_over_ms");
  common.down_over_ms = reader.Number("down_over_ms");
  return common;
}

void ValidateCommon(const Value& spec, std::vector<FieldError>& problems) {
  const CommonSpec common = ReadCommon(spec);
  if (common.degraded_over_ms && common.down_over_ms &&
      *common.degraded_over_ms >= *common.down_over_ms) {
    problems.push_back({"down_over_ms", "must be greater than degraded_over_ms"});
  }
}

void JudgeLatency(const CommonSpec& common, Observation& observation) {
  if (observation.status != model::Status::kUp || !observation.latency_ms) return;
  const double latency_ms = *observation.latency_ms;
  const auto slower_than = [&](const std::optional<double>& limit, model::Status status) {
    if (!limit || latency_ms <= *limit) return false;
    observation.status = status;
    observation.message =
        "slow: took " + MillisText(latency_ms) + ", limit is " + MillisText(*limit);
    return true;
  };
  if (slower_than(common.down_over_ms, model::Status::kDown)) return;
  slower_than(common.degraded_over_ms, model::Status::kDegraded);
}

std::string ShortMessage(std::string_view text) {
  return Ellipsize(SanitizeUtf8(text.substr(0, 4 * kMessageBytes)), kMessageBytes);
}

double RoundedMillis(int64_t us) {
  if (us > 0 && us < 100) return static_cast<double>(us) / 1000.0;
  return std::round(static_cast<double>(us) / 100.0) / 10.0;
}

std::string MillisText(double ms) {
  char text[48];
  const bool whole = ms == std::floor(ms);
  const int decimals = ms < 0.1 ? 3 : 1;
  std::snprintf(text, sizeof text, "%.*f ms", whole ? 0 : decimals, ms);
  return text;
}

}  // namespace pharos::probe
