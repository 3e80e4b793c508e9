#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pharos::page {

// product.md 8.2.
enum class BadgeStyle : uint8_t { kFlat, kFlatSquare, kPlastic, kForTheBadge, kSocial };
// Unknown words mean flat.
BadgeStyle ParseBadgeStyle(std::string_view word);

struct Badge {
  std::string label;  // may be empty: then there is only the message
  std::string message;
  std::string label_color = "#333";
  std::string color = "#0079FF";
  BadgeStyle style = BadgeStyle::kFlat;
};

// The picture. Texts are shortened to a sane length and escaped; colours must have passed
// ParseColor.
std::string RenderBadge(const Badge& badge);
// 32 x 32 with a circle in `color`; `ping` adds a growing ring.
std::string RenderDot(std::string_view color, bool ping, std::string_view title);

// "#rgb", "#rgba", "#rrggbb", "#rrggbbaa" (the '#' may be missing) or a CSS colour word; nullopt
// for everything else, so that nothing but a colour gets into the picture.
std::optional<std::string> ParseColor(std::string_view text);

// Width in pixels of a text in 11 px Verdana.
double VerdanaWidth(std::string_view text);

}  // namespace pharos::page
