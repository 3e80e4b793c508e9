#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_v4 {

// What this dialect shows of a monitor where that is more than a field of the model. What the model
// cannot say stands in Monitor::notes["kener_v4"]:
//   type_data                     as sent
//   monitor_settings_json         as shown after the last write
//   default_status                a word that fills nothing ("NO_DATA")
//   include_degraded_in_downtime  "YES"; otherwise absent
//   status                        null or "ACTIVE", while the monitor is paused for another reason
//   monitor_type                  null, after a client wrote null
//   blank                         names of texts that were sent as ""
// Notes count only as long as they agree with the model, so that changes made elsewhere show.

inline constexpr std::string_view kNotes = "kener_v4";
inline constexpr std::string_view kDefaultNumerator = "up + maintenance + degraded";
inline constexpr std::string_view kDefaultDenominator = "up + down + degraded + maintenance";

using Text = std::optional<std::string>;  // nullopt = null

Text ShownStatus(const model::Monitor& monitor);
Text ShownType(const model::Monitor& monitor);
Text ShownDefaultStatus(const model::Monitor& monitor);
Text ShownCron(const model::Monitor& monitor);
// `field` is this dialect's name of a free text, `text` the model's.
Text ShownText(const model::Monitor& monitor, std::string_view field, const std::string& text);
std::string ShownIncludeDegraded(const model::Monitor& monitor);
std::string_view ShownHidden(const model::Monitor& monitor);
Value ShownSettings(const model::Monitor& monitor);
Value ShownTypeData(const model::Monitor& monitor, const probe::Catalog& probes);

// A note, or nullptr.
const Value* FindNote(const model::Monitor& monitor, std::string_view name);
void SetNote(model::Monitor& monitor, std::string_view name, Value value);
void DropNote(model::Monitor& monitor, std::string_view name);

// Appends the object of 22 keys (kener-v4.md 6.1).
void PrintMonitor(std::string& out, const model::Monitor& monitor, const probe::Catalog& probes);

}  // namespace pharos::api::kener_v4
