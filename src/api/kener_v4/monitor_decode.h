#pragma once

#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {

// Reading of monitor bodies (kener-v4.md 6.4, 6.7). All errors are kInvalid with the text that the
// client gets.

// 6.4: absent and null mean 1; otherwise JavaScript's number conversion must give 1-60.
Result<int> DecodeThreshold(const Value& body);

// Writes everything but tag, name and threshold into a new or stored monitor. Absent members keep
// what is there; on create null means the default of 6.1, on update it clears (4.8). Words and cron
// expressions that this program cannot act on are refused, in the order of the table in 6.1.
enum class Write : uint8_t { kCreate, kUpdate };
Status ApplyMonitorBody(const Value& body, Write write, const probe::Catalog& probes,
                        model::Monitor& monitor);

// An error of the service with its field names in this dialect's words.
Error InOurWords(Error error, std::string_view kind);

}  // namespace pharos::api::kener_v4
