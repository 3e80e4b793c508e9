#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_v3 {

// A monitor as the raw row of Kener 3 (kener-classic.md A.5): 19 columns, type_data as JSON text.
void WriteMonitorRow(JsonWriter& json, const model::Monitor& monitor, const probe::Catalog& probes);

// Writes the columns that a body has into a new or stored monitor; id, tag and triggers are left
// alone. A new one gets the defaults of the original first. Errors: kInvalid naming the column.
Status ApplyMonitorRow(const Value& body, const probe::Catalog& probes, model::Monitor& monitor);
void SetRowDefaults(model::Monitor& monitor);

// include_degraded_in_downtime: kept as the uptime formula that it means.
bool CountsDegradedAsDown(const model::Monitor& monitor);

}  // namespace pharos::api::kener_v3
