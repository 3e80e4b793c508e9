#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "service/site.h"

namespace pharos::api::kener_v4 {

// What a site key takes (kener-v4.md 13.2).
enum class SiteRule : uint8_t {
  kAny,
  kNonBlank,
  kUrl,        // 13.6
  kPattern,    // a name of a background
  kTheme,      // light, dark, system, none
  kBarStyle,   // PARTIAL, FULL
  kRoundness,  // SHARP, ROUNDED
  kSummary,    // CURRENT, DAY
  kFromZero,   // leading integer of the text is at least 0
  kFromOne,    // ... at least 1
  kList,
  kNav,
  kHero,
  kAnalytics,
  kColors,
};

struct SiteKey {
  std::string_view name;
  bool is_object = false;  // else the value is a text
  SiteRule rule = SiteRule::kAny;
  std::string_view seed = {};       // JSON of the value on a fresh install; empty = not there
  std::string_view seed_type = {};  // where it differs from "object" and "string"
};

inline constexpr size_t kSiteKeyCount = 51;
extern const std::array<SiteKey, kSiteKeyCount> kSiteKeys;

// Case-sensitive; nullptr for an unknown key.
const SiteKey* FindSiteKey(std::string_view name);
// `value` as it is stored: texts for text keys.
Value StoredForm(const SiteKey& key, const Value& value);
bool IsAllowed(const SiteKey& key, const Value& stored);
// 13.6
bool IsSiteUrl(std::string_view text);

std::vector<service::SiteEntry> SiteSeed();

}  // namespace pharos::api::kener_v4
