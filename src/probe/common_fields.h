#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/field_spec.h"
#include "probe/probe.h"

namespace pharos::probe {

// Rows that every kind which goes out and looks has, in this order: timeout_ms, retries,
// retry_delay_ms, degraded_over_ms, down_over_ms. Kinds put them before their own rows.
const std::vector<model::FieldSpec>& CommonFields();
std::vector<model::FieldSpec> WithCommonFields(const std::vector<model::FieldSpec>& own);

// Reads a spec by its rows, so that a default stands in the rows alone and a spec that was stored
// before a row existed still reads. A value of a wrong type reads as the default. Borrows both.
class SpecReader {
 public:
  SpecReader(const Value& spec, const std::vector<model::FieldSpec>& rows)
      : spec_(spec), rows_(rows) {}
  bool Bool(std::string_view name) const;
  int64_t Int(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  std::string Text(std::string_view name) const;
  // The elements of a list; empty when absent.
  const Value::List& List(std::string_view name) const;

 private:
  const Value* Get(std::string_view name) const;

  const Value& spec_;
  const std::vector<model::FieldSpec>& rows_;
};

// The shared rows, read.
struct CommonSpec {
  Duration timeout{};
  int retries = 0;
  Duration retry_delay{};
  std::optional<double> degraded_over_ms;
  std::optional<double> down_over_ms;
};
CommonSpec ReadCommon(const Value& spec);

// degraded_over_ms must be below down_over_ms.
void ValidateCommon(const Value& spec, std::vector<FieldError>& problems);

// Lowers an observation that is up when its latency is over a limit, and says so in the message.
void JudgeLatency(const CommonSpec& common, Observation& observation);

// Valid UTF-8, at most 200 bytes: what Observation::message may hold (product.md 2.1).
std::string ShortMessage(std::string_view text);

// Microseconds as milliseconds, rounded to a tenth; below one exact, since 0 means not measured.
double RoundedMillis(int64_t us);
// "1.2 ms"
std::string MillisText(double ms);

}  // namespace pharos::probe
