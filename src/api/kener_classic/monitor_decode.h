#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "model/monitor.h"
#include "service/monitors.h"

namespace pharos::api::kener_classic {

// Reading of monitor bodies (kener-classic.md 6.4, 6.5). Errors: kInvalid with the fields in this
// dialect's words.

// The body with words of any letter case ("tcp", "post") as the shapes spell them.
Value WithOurCase(const Value& body);

// A new monitor but for its tag. Fields of other types are ignored.
Result<model::Monitor> DecodeNewMonitor(const Value& body, const probe::Catalog& probes);

// Writes the members of a partial body into a stored monitor; the type cannot change.
Status ApplyMonitorEdit(const Value& body, const probe::Catalog& probes, model::Monitor& monitor);

// Header values that are never shown; sent back as they are shown, they keep what is stored.
inline constexpr std::string_view kMasked = "***";
bool IsMaskedHeader(std::string_view name);

}  // namespace pharos::api::kener_classic
