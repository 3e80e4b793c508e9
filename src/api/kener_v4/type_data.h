#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {

// Translates between a monitor's type_data (kener-v4.md 6.2) and the spec that probes read.

// The spec that `type_data` (an object) means for a kind. Members of `base` that type_data has no
// word for (set through other dialects) are kept. A type_data that lacks what its kind cannot do
// without, or whose url is none, gives an empty spec: such a monitor is legal and reports DOWN
// (kener-v4.md 6.2). Kinds without a probe here have an empty spec, groups their members.
// Errors: kInvalid, the fields named "type_data.<key>": values of a wrong type, values out of the
// range that probes take, and evaluation functions, which do not run here.
Result<Value> CompileTypeData(const probe::Catalog& probes, std::string_view kind,
                              const Value& type_data, const Value& base);

// The type_data to show: `noted` (what a client of this dialect sent, or null) with every key
// replaced whose meaning in `spec` has been changed elsewhere.
Value PresentTypeData(const probe::Catalog& probes, std::string_view kind, const Value& spec,
                      const Value& noted);

// The type_data key behind a spec field ("timeout_ms" -> "timeout"); the field itself if none.
std::string_view TypeDataKeyOf(std::string_view kind, std::string_view spec_field);

}  // namespace pharos::api::kener_v4
