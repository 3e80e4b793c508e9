#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "model/incident.h"
#include "model/status.h"

namespace pharos::api::kener {

// The words that all of Kener's interfaces share (kener-v4.md 6.1 and 7.2, kener-classic.md 5 and
// appendix A), and what they mean inside. Words of one interface alone stand in its own words.h.

// monitor_type, in the order in which refusals name them.
inline constexpr std::array<std::string_view, 11> kTypeWords = {
    "API", "PING", "TCP", "DNS", "NONE", "GROUP", "SSL", "SQL", "HEARTBEAT", "GAMEDIG", "GRPC"};
// "http" -> "API". Kinds without a word are shown with their own name in capitals.
std::string TypeWord(std::string_view kind);
// "API" -> "http". Empty for what is none of kTypeWords.
std::string_view KindOfType(std::string_view word);

// Of samples and impacts. Kener knows no partial outage: it reads as DEGRADED.
std::string_view StatusWord(model::Status status);
std::optional<model::Status> ParseStatusWord(std::string_view word);

std::string_view IncidentStateWord(model::IncidentState state);
std::optional<model::IncidentState> ParseIncidentStateWord(std::string_view word);

// ASCII letters raised.
std::string UpperCase(std::string text);

}  // namespace pharos::api::kener
