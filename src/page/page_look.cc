#include "page/page_look.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxTitleBytes = 200;
constexpr size_t kMaxSubtitleBytes = 4000;
constexpr size_t kMaxAnnouncementBytes = 2000;
constexpr size_t kMaxCssBytes = 64 * 1024;

std::string TextIn(const Value& look, std::string_view name, size_t max_bytes) {
  return Ellipsize(SanitizeUtf8(Trim(look.StringOr(name, ""))), max_bytes);
}

std::string AddressIn(const Value& look, std::string_view name) {
  std::string text = look.StringOr(name, "");
  return IsSafeAddress(text) ? text : std::string();
}

// Fonts are those of the reader's system: nothing is fetched from elsewhere.
std::string_view FontStack(std::string_view font) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kFonts = {{
      {"inter", "Inter, system-ui, sans-serif"},
      {"dm-sans", "\"DM Sans\", system-ui, sans-serif"},
      {"space-grotesk", "\"Space Grotesk\", system-ui, sans-serif"},
      {"jetbrains-mono", "\"JetBrains Mono\", ui-monospace, monospace"},
      {"poppins", "Poppins, system-ui, sans-serif"},
      {"merriweather", "Merriweather, Georgia, serif"},
      {"system", "system-ui, sans-serif"},
  }};
  for (const auto& [name, stack] : kFonts) {
    if (name == font) return stack;
  }
  return {};
}

std::string_view Radius(std::string_view name) {
  if (name == "sharp" || name == "none") return "0";
  if (name == "sm") return "4px";
  if (name == "md") return "8px";
  if (name == "pill" || name == "lg") return "20px";
  return {};
}

// Rules that would fetch something, or that old browsers would run, are left out whole. The policy
// of the page (PageSecurityHeaders) forbids the fetching too.
bool IsTameCss(std::string_view css) {
  const std::string low = AsciiLower(css);
  constexpr std::array<std::string_view, 6> kForbidden = {"@import", "url(",     "expression(",
                                                          "</",      "behavior", "javascript:"};
  return std::none_of(kForbidden.begin(), kForbidden.end(),
                      [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

std::string CssOf(const Value& look) {
  std::string css;
  const std::string primary = look.StringOr("primary_color", "");
  const std::string secondary = look.StringOr("secondary_color", "");
  if (IsHexColor(primary)) css += "--accent:" + primary + ";";
  if (IsHexColor(secondary)) css += "--accent-2:" + secondary + ";";
  const std::string_view radius = Radius(look.StringOr("border_radius", ""));
  if (!radius.empty()) css += "--radius:" + std::string(radius) + ";";
  if (!css.empty()) css = ":root{" + css + "}\n";
  const std::string_view font = FontStack(look.StringOr("font_family", ""));
  if (!font.empty()) css += "body{font-family:" + std::string(font) + "}\n";
  const std::string custom = look.StringOr("custom_css", "");
  if (!custom.empty() && custom.size() <= kMaxCssBytes && IsTameCss(custom)) {
    css += SanitizeUtf8(custom) + "\n";
  }
  return css;
}

Announcement AnnouncementOf(const Value& look) {
  Announcement announcement;
  if (!look.BoolOr("announcement_enabled", false)) return announcement;
  announcement.text = TextIn(look, "announcement_text", kMaxAnnouncementBytes);
  announcement.kind = look.StringOr("announcement_type", "info");
  return announcement;
}

std::string ThemeOf(const Value& look, const SiteLook& site) {
  const std::string mode = look.StringOr("theme_mode", "");
  if (mode == "light" || mode == "dark") return mode;
  return mode == "system" ? std::string() : site.theme;
}

// A language tag, for the reader's software.
std::string LanguageOf(const Value& look) {
  const std::string language = look.StringOr("status_page_language", "");
  const bool plain =
      !language.empty() && language.size() <= 12 && language != "auto" &&
      language.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") ==
          std::string::npos;
  return plain ? language : "en";
}

}  // namespace

bool IsHexColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

bool IsSafeAddress(std::string_view text) {
  const std::string head = AsciiLower(text.substr(0, 8));
  if (head.starts_with("https://") || head.starts_with("http://")) return true;
  // "//host" would leave this server.
  return text.size() > 1 && text[0] == '/' && text[1] != '/' && text[1] != '\\';
}

PageLook ReadPageLook(const model::Page& page, const SiteLook& site) {
  PageLook look;
  const Value& own = page.look;
  const bool home = page.path.empty();
  // The home page is the site itself unless it was given a header of its own.
  look.heading = Ellipsize(SanitizeUtf8(Trim(page.header)), kMaxTitleBytes);
  if (look.heading.empty() || (home && look.heading == model::kDefaultPageTitle)) {
    look.heading = home || page.title.empty() ? site.name : page.title;
  }
  look.title = Ellipsize(SanitizeUtf8(Trim(page.title)), kMaxTitleBytes);
  if (look.title.empty() || (home && look.title == model::kDefaultPageTitle)) {
    look.title = site.title.empty() ? site.name + " status" : site.title;
  }
  if (const Value* meta = page.settings.Find("metaPageTitle"); meta && meta->IsString()) {
    const std::string text = Ellipsize(SanitizeUtf8(Trim(meta->AsString())), kMaxTitleBytes);
    if (!text.empty()) look.title = text;
  }
  look.subtitle = TextIn(own, "tagline", kMaxSubtitleBytes);
  if (page.subheader && !page.subheader->empty()) {
    look.subtitle = Ellipsize(SanitizeUtf8(*page.subheader), kMaxSubtitleBytes);
  }
  if (look.subtitle.empty()) look.subtitle = site.subtitle;
  look.logo = AddressIn(own, "logo_url");
  if (page.logo && IsSafeAddress(*page.logo)) look.logo = *page.logo;
  look.favicon = AddressIn(own, "favicon_url");
  look.language = LanguageOf(own);
  look.theme = ThemeOf(own, site);
  look.theme_toggle = site.theme_toggle;
  look.centered = own.StringOr("header_style", "") == "centered";
  look.branding = !own.BoolOr("hide_branding", false);
  look.history = own.BoolOr("show_uptime_graph", true);
  look.announcement = AnnouncementOf(own);
  look.css = CssOf(own);
  return look;
}

}  // namespace pharos::page
