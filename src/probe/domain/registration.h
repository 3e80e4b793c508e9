#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace pharos::probe {

// What a registry says about a domain. Texts are valid UTF-8, at most 253 bytes each, lists hold at
// most 30; whatever a registry leaves out is empty.
struct Registration {
  std::string registrar;
  std::string registrar_url;
  std::optional<Timestamp> created;
  std::optional<Timestamp> updated;
  std::optional<Timestamp> expires;
  std::vector<std::string> nameservers;  // lower case, without a final dot
  std::vector<std::string> status;       // as written: "client transfer prohibited", "ok"
};
inline constexpr size_t kMaxRegistrationItems = 30;

// A text of a registry, trimmed, made valid UTF-8 and cut.
std::string RegistryText(std::string_view text);
// Adds a name server or a status unless it is there already or the list is full.
void AddNameServer(std::string_view text, Registration& registration);
void AddStatus(std::string_view text, Registration& registration);

// Dates as registries write them: ISO forms, "2027.03.04", "04.03.2027", "04-Mar-2027",
// "4 March 2027", "Thu Mar 04 05:06:07 GMT 2027", "20270304", with or without a time. Without a
// numeric offset they are read as UTC; 04/03 is the fourth of March. nullopt for anything else.
std::optional<Timestamp> ParseRegistryDate(std::string_view text);

}  // namespace pharos::probe
