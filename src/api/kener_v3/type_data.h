#pragma once

#include <string>

#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {

// Between the column type_data (kener-classic.md A.5) and the spec that probes read.

// Writes what a client sent (JSON text, or the object itself) into the monitor's spec and keeps the
// text for showing it again. Members of the spec that type_data has no word for stay. Errors:
// kInvalid with a text that names the key.
Status ApplyTypeData(const Value& given, const probe::Catalog& probes, model::Monitor& monitor);

// The text of the column: what was sent as long as the spec still means it, otherwise made of the
// spec.
std::string ShownTypeData(const model::Monitor& monitor, const probe::Catalog& probes);

}  // namespace pharos::api::kener_v3
