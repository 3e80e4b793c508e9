#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "notify/channel.h"

namespace pharos::notify {

enum class Mood : uint8_t { kBad, kWarning, kGood, kPlanned, kNeutral };

// What a message says to people, in plain text; a channel escapes and lays it out.
struct Wording {
  Mood mood = Mood::kNeutral;
  std::string sign;      // "DOWN", "UP", "WARNING", "INCIDENT", "RESOLVED", "MAINTENANCE", "TEST"
  std::string subject;   // "Storefront"
  std::string headline;  // "Storefront is DOWN"
  std::string detail;    // "Expected status 200 but got 503"; may be empty
  std::vector<std::pair<std::string, std::string>> facts;  // {"Response time", "12 ms"}
  std::string link;                                        // empty = none
  std::string link_text;
  std::string sender;  // the site's name
  std::optional<Timestamp> at;
};

// Pure. Unknown events become a neutral message with the event's name.
Wording WordingOf(const Outgoing& outgoing);

// "Pharos: Storefront is DOWN - Expected status 200 but got 503 (09:30 UTC)" in at most
// `max_bytes`; what is too long is cut out of the middle part.
std::string OneLine(const Wording& wording, size_t max_bytes);
// "[DOWN] Storefront"
std::string SubjectLine(const Wording& wording);
// "2026-03-04 05:06:07 UTC"; empty without a time.
std::string TimeText(const Wording& wording);
// Of the side bar or the card: 0xdc2626 red, 0xeab308 yellow, 0x16a34a green (is0k.md 5.2).
int ColourOf(Mood mood);
// A coloured circle.
std::string_view EmojiOf(Mood mood);

// How services that keep alerts see the message: what it is about, and whether that is over.
// nullopt: nothing to alert anybody of (maintenance, a publication).
struct AlertFacts {
  std::string key;  // the same for the trouble and its end: "monitor/<uid>", "incident/<uid>"
  bool over = false;
  std::string severity;  // "critical", "error", "warning", "info"
};
std::optional<AlertFacts> AlertOf(const Outgoing& outgoing);

}  // namespace pharos::notify
