#pragma once

#include "api/endpoint.h"
#include "api/schema.h"
#include "base/json.h"
#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::console {

// A monitor in the inner words (model/monitor.h), with its state. Members of the spec that the
// kind's rows call secret, and values of headers with sensitive names, read "***".

const Shape& MonitorReply();
void PrintMonitor(JsonWriter& json, const Call& call, const model::Monitor& monitor);
std::string OneMonitor(const Call& call, const model::Monitor& monitor);

// What may be sent. For a change the same rows, all of them optional; tag and kind cannot change.
const Shape& MonitorCreate();
const Shape& MonitorChange();
const Shape& ScheduleShape();

// Writes what was sent into `monitor` (`fresh` for a creation); "***" keeps what stands there. A
// spec replaces the stored one as a whole. Error: kInvalid naming the member.
Status ReadMonitor(const Call& call, const Value& body, model::Monitor& monitor);
Status ReadSchedule(const Value& sent, model::Schedule& schedule);

// The spec as it may be shown, and a sent spec with what was masked put back.
Value MaskSpec(const probe::Catalog& probes, std::string_view kind, const Value& spec);
Value UnmaskSpec(const Value& sent, const Value& stored);

}  // namespace pharos::api::console
