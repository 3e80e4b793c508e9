#include "api/kener_v4/site_keys.h"

#include <algorithm>
#include <span>
#include <string>

#include "api/kener/js.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr std::array<std::string_view, 14> kPatterns = {
    "dots",         "squares",         "tiles",         "none",         "radial-blue",
    "radial-mono",  "radial-midnight", "circle-mono",   "carbon-fibre", "texture-sky",
    "angular-mono", "angular-spring",  "angular-bloom", "pets"};
constexpr std::array<std::string_view, 4> kThemes = {"light", "dark", "system", "none"};
constexpr std::array<std::string_view, 2> kBarStyles = {"PARTIAL", "FULL"};
constexpr std::array<std::string_view, 2> kRoundnesses = {"SHARP", "ROUNDED"};
constexpr std::array<std::string_view, 2> kSummaries = {"CURRENT", "DAY"};

bool IsOneOf(const Value& value, std::span<const std::string_view> words) {
  return value.IsString() && std::find(words.begin(), words.end(), value.AsString()) != words.end();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Leading integer of a text at least `least`.
bool IsCountFrom(const Value& value, double least) {
  if (!value.IsString()) return false;
  const auto n = kener::ParseIntPrefix(value.AsString());
  return n.has_value() && *n >= least;
}

bool IsTruthyMember(const Value& object, std::string_view name) {
  const Value* member = object.Find(name);
  return member != nullptr && kener::IsTruthy(*member);
}

bool IsTextMember(const Value& object, std::string_view name) {
  const Value* member = object.Find(name);
  return member != nullptr && member->IsString();
}

bool IsNav(const Value& value) {
  if (!value.IsList()) return false;
  const auto& items = value.AsList();
  return std::all_of(items.begin(), items.end(), [](const Value& item) {
    return IsTruthyMember(item, "name") && IsTruthyMember(item, "url");
  });
}

bool IsAnalytics(const Value& value) {
  if (!value.IsList()) return false;
  const auto& items = value.AsList();
  return std::all_of(items.begin(), items.end(), [](const Value& item) {
    return IsTextMember(item, "id") && IsTextMember(item, "type");
  });
}

bool IsHero(const Value& value) {
  if (value.IsList()) return true;
  if (!value.IsObject()) return false;
  if (!IsTruthyMember(value, "title")) return true;
  return IsTextMember(value, "title") && IsTextMember(value, "subtitle");
}

bool IsColor(const Value& value) {
  if (!value.IsString()) return false;
  const std::string& text = value.AsString();
  const auto is_hex = [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  return text.size() == 7 && text[0] == '#' && std::all_of(text.begin() + 1, text.end(), is_hex);
}

bool IsColors(const Value& value) {
  if (!value.IsObject()) return false;
  for (const std::string_view name : {"UP", "DOWN", "DEGRADED", "MAINTENANCE"}) {
    const Value* color = value.Find(name);
    if (color == nullptr || !IsColor(*color)) return false;
  }
  for (const std::string_view name : {"ACCENT", "ACCENT_FOREGROUND"}) {
    const Value* color = value.Find(name);
    if (color != nullptr && !IsColor(*color)) return false;
  }
  return true;
}

// Removes an optional "localhost" or dotted name with a port from the front; false when the text
// starts with something else than a path.
bool SkipHost(std::string_view& rest) {
  const size_t end = std::min(rest.find('/'), rest.size());
  if (end == 0) return true;
  std::string_view host = rest.substr(0, end);
  if (const size_t colon = host.find(':'); colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), IsDigit)) {
      return false;
    }
    host = host.substr(0, colon);
  }
  rest.remove_prefix(end);
  if (EqualsIgnoreCase(host, "localhost")) return true;
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view labels = host.substr(0, dot);
  const std::string_view top = host.substr(dot + 1);
  const auto in_label = [](char c) { return IsDigit(c) || IsLetter(c) || c == '.' || c == '-'; };
  return top.size() >= 2 && top.size() <= 10 && std::all_of(top.begin(), top.end(), IsLetter) &&
         std::all_of(labels.begin(), labels.end(), in_label);
}

}  // namespace

// Links, images and texts that a fresh site starts with; the shapes are those of 13.2.
const std::array<SiteKey, kSiteKeyCount> kSiteKeys = {{
    {"title", false, SiteRule::kNonBlank, R"("Pharos - Uptime monitoring and status pages")"},
    {"siteName", false, SiteRule::kNonBlank, R"("Pharos")"},
    {"siteURL", false, SiteRule::kUrl, R"("http://localhost:3000")"},
    {"home", false, SiteRule::kNonBlank, R"("/")"},
    {"favicon", false, SiteRule::kAny, R"("/logo96.png")"},
    {"logo", false, SiteRule::kAny, R"("/logo.png")"},
    {"metaTags", true, SiteRule::kAny,
     R"([{"key":"description","value":"The current status of our services."},)"
     R"({"key":"og:title","value":"Pharos"}])"},
    {"nav", true, SiteRule::kNav,
     R"([{"name":"Status","url":"/","iconURL":""},{"name":"Incidents","url":"/incidents",)"
     R"("iconURL":""},{"name":"Maintenances","url":"/maintenances","iconURL":""}])"},
    {"hero", true, SiteRule::kHero,
     R"({"title":"System status","subtitle":"The current status of our services."})"},
    {"footerHTML", false, SiteRule::kAny, R"("<p>Made with Pharos</p>")"},
    {"kenerTheme", false, SiteRule::kAny, R"("system")"},
    {"customCSS", false, SiteRule::kAny},
    {"i18n", true, SiteRule::kAny,
     R"({"defaultLocale":"en","locales":[{"code":"en","name":"English","selected":true,)"
     R"("disabled":false}]})"},
    {"pattern", false, SiteRule::kPattern, R"("none")"},
    {"analytics", true, SiteRule::kAnalytics,
     R"([{"id":"","type":"GA","name":"Google Analytics"},{"id":"","type":"AMPLITUDE",)"
     R"("name":"Amplitude"},{"id":"","type":"MIXPANEL","name":"MixPanel"}])"},
    {"theme", false, SiteRule::kTheme, R"("none")"},
    {"themeToggle", false, SiteRule::kAny, R"("YES")"},
    {"tzToggle", false, SiteRule::kAny, R"("YES")"},
    {"showSiteStatus", false, SiteRule::kAny, R"("NO")"},
    {"barStyle", false, SiteRule::kBarStyle, R"("PARTIAL")"},
    {"barRoundness", false, SiteRule::kRoundness, R"("SHARP")"},
    {"summaryStyle", false, SiteRule::kSummary, R"("CURRENT")"},
    {"colors", true, SiteRule::kColors,
     R"({"UP":"#4ead94","DOWN":"#ca3038","DEGRADED":"#e6ca61","MAINTENANCE":"#6679cc",)"
     R"("ACCENT":"#f4f4f5","ACCENT_FOREGROUND":"#18181b"})"},
    {"colorsDark", true, SiteRule::kColors,
     R"({"UP":"#4ead94","DOWN":"#ca3038","DEGRADED":"#e6ca61","MAINTENANCE":"#6679cc",)"
     R"("ACCENT":"#27272a","ACCENT_FOREGROUND":"#fafafa"})"},
    {"font", true, SiteRule::kAny, R"({"cssSrc":"","family":""})"},
    {"monitorSort", true, SiteRule::kList},
    {"categories", true, SiteRule::kAny,
     R"([{"name":"Home","description":"All monitors","isHidden":false,"image":""}])"},
    {"homeIncidentCount", false, SiteRule::kFromZero, R"("5")", "number"},
    {"homeIncidentStartTimeWithin", false, SiteRule::kFromOne, R"("30")", "number"},
    {"incidentGroupView", false, SiteRule::kNonBlank},
    {"homeDataMaxDays", true, SiteRule::kAny,
     R"({"desktop":{"maxDays":90,"selectableDays":[1,7,14,30,60,90]},)"
     R"("mobile":{"maxDays":90,"selectableDays":[1,7,14,30,60,90]}})"},
    {"analytics.googleTagManager", true, SiteRule::kAny},
    {"analytics.plausible", true, SiteRule::kAny},
    {"analytics.mixpanel", true, SiteRule::kAny},
    {"analytics.amplitude", true, SiteRule::kAny},
    {"analytics.clarity", true, SiteRule::kAny},
    {"analytics.umami", true, SiteRule::kAny},
    {"analytics.posthog", true, SiteRule::kAny},
    {"subscriptionsSettings", true, SiteRule::kAny,
     R"({"enable":false,"methods":{"emails":{"incidents":false,"maintenances":false}}})"},
    {"subMenuOptions", true, SiteRule::kAny,
     R"({"showShareBadgeMonitor":true,"showShareEmbedMonitor":true,"showRssFeed":true})"},
    {"announcement", true, SiteRule::kAny},
    {"dataRetentionPolicy", true, SiteRule::kAny, R"({"enabled":true,"retentionDays":90})"},
    {"eventDisplaySettings", true, SiteRule::kAny,
     R"({"showInlineEvents":false,"incidents":{"enabled":true,"ongoing":{"show":true},)"
     R"("resolved":{"show":true,"maxCount":5,"daysInPast":7}},"maintenances":{"enabled":true,)"
     R"("ongoing":{"show":true},"past":{"show":true,"maxCount":5,"daysInPast":7},)"
     R"("upcoming":{"show":true,"maxCount":5,"daysInFuture":7}}})"},
    {"socialPreviewImage", false, SiteRule::kAny},
    {"globalPageVisibilitySettings", true, SiteRule::kAny,
     R"({"showSwitcher":true,"forceExclusivity":false})"},
    {"pageOrderingSettings", true, SiteRule::kAny},
    {"dateAndTimeFormat", true, SiteRule::kAny,
     R"({"datePlusTime":"PPp","dateOnly":"PP","timeOnly":"p"})"},
    {"metaSiteTitle", false, SiteRule::kAny},
    {"metaSiteDescription", false, SiteRule::kAny},
    {"sitemap", true, SiteRule::kAny, R"({"mode":"off","urls":[]})"},
    {"globalMaintenanceNotificationSettings", true, SiteRule::kAny,
     R"({"event_types":{"created":false,"reminder":true,"started":true,"ended":true},)"
     R"("reminder_buffer_hours":1})"},
}};

const SiteKey* FindSiteKey(std::string_view name) {
  for (const SiteKey& key : kSiteKeys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

Value StoredForm(const SiteKey& key, const Value& value) {
  return key.is_object ? value : Value(kener::ToText(value));
}

bool IsAllowed(const SiteKey& key, const Value& stored) {
  switch (key.rule) {
    case SiteRule::kAny:
      return true;
    case SiteRule::kNonBlank:
      return stored.IsString() && !Trim(stored.AsString()).empty();
    case SiteRule::kUrl:
      return stored.IsString() && IsSiteUrl(stored.AsString());
    case SiteRule::kPattern:
      return IsOneOf(stored, kPatterns);
    case SiteRule::kTheme:
      return IsOneOf(stored, kThemes);
    case SiteRule::kBarStyle:
      return IsOneOf(stored, kBarStyles);
    case SiteRule::kRoundness:
      return IsOneOf(stored, kRoundnesses);
    case SiteRule::kSummary:
      return IsOneOf(stored, kSummaries);
    case SiteRule::kFromZero:
      return IsCountFrom(stored, 0);
    case SiteRule::kFromOne:
      return IsCountFrom(stored, 1);
    case SiteRule::kList:
      return stored.IsList();
    case SiteRule::kNav:
      return IsNav(stored);
    case SiteRule::kHero:
      return IsHero(stored);
    case SiteRule::kAnalytics:
      return IsAnalytics(stored);
    case SiteRule::kColors:
      return IsColors(stored);
  }
  return false;
}

bool IsSiteUrl(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.size() >= scheme.size() && EqualsIgnoreCase(text.substr(0, scheme.size()), scheme)) {
      text.remove_prefix(scheme.size());
      break;
    }
  }
  if (!SkipHost(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || IsLetter(c) || c == '_' || c == ' ' || c == '.' || c == '-' || c == '/';
  });
}

std::vector<service::SiteEntry> SiteSeed() {
  std::vector<service::SiteEntry> entries;
  for (const SiteKey& key : kSiteKeys) {
    if (key.seed.empty()) continue;
    Result<Value> value = ParseJson(key.seed);
    if (!value) continue;  // a test parses every row
    std::string type(key.is_object ? "object" : "string");
    if (!key.seed_type.empty()) type = key.seed_type;
    entries.push_back({std::string(key.name), std::move(*value), std::move(type)});
  }
  return entries;
}

}  // namespace pharos::api::kener_v4
