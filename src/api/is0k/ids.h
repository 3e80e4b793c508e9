#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/opaque_id.h"
#include "model/ids.h"

namespace pharos::api::is0k {

// Ids are a prefix and twelve letters and digits (is0k.md 2.2). One row per noun; outgoing webhooks
// write the same ids (notify/webhook/is0k_format.cc).
struct IdForm {
  std::string_view prefix;
  std::string_view noun;
};
inline constexpr IdForm kMonitorId{"mon_", "mon"};
inline constexpr IdForm kCheckId{"chk_", "chk"};
inline constexpr IdForm kChannelId{"ch_", "ch"};
inline constexpr IdForm kPageId{"sp_", "sp"};
inline constexpr IdForm kIncidentId{"inc_", "inc"};
inline constexpr IdForm kUpdateId{"upd_", "upd"};

inline std::string PrintId(const IdForm& form, int64_t number) {
  return std::string(form.prefix) + EncodeOpaqueId(form.noun, number);
}

// A check has no number; its monitor and its millisecond say which it is.
inline std::string PrintCheckId(model::MonitorId monitor, int64_t unix_ms) {
  return std::string(kCheckId.prefix) +
         EncodeOpaqueId(std::string(kCheckId.noun) + std::to_string(monitor.value()), unix_ms);
}

// nullopt for a text that is no id of that noun.
template <class Id>
std::optional<Id> ParseId(const IdForm& form, std::string_view text) {
  if (!text.starts_with(form.prefix)) return std::nullopt;
  const auto number = DecodeOpaqueId(form.noun, text.substr(form.prefix.size()));
  if (!number) return std::nullopt;
  return Id(*number);
}

}  // namespace pharos::api::is0k
