#pragma once

#include <string_view>

#include "api/endpoint.h"
#include "model/ids.h"

namespace pharos::api::kener {

// What more than one of Kener's interfaces asks of a request.

// The first segment below "/api/", below whichever mount ("/kener/api/monitors/1" -> "monitors");
// empty for other paths.
std::string_view SegmentBelowApi(std::string_view path);

// Whether a monitor other than `except` has this very name.
bool IsNameTaken(const Call& call, std::string_view name, model::MonitorId except);

}  // namespace pharos::api::kener
