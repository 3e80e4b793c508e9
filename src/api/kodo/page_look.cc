#include "api/kodo/page_look.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/kodo/envelope.h"
#include "service/designs.h"
#include "service/safe_html.h"

namespace pharos::api::kodo {
namespace {

enum class Check : uint8_t { kText, kColour, kFont, kChoice, kFlag, kHtml };

struct LookRow {
  std::string_view name;
  Check check = Check::kText;
  Value fallback{};
  size_t max = 2'048;
  std::vector<std::string_view> choices{};
  std::string_view refusal{};  // fixed text of kodo.md 14.2
};

// In the order of the object.
const std::vector<LookRow>& Rows() {  // tidy: table
  static const std::vector<LookRow> kRows = {
      {"favicon_url", Check::kText, {}},
      {"primary_color",
       Check::kColour,
       "#22c55e",
       0,
       {},
       "Invalid primary_color format (use #RRGGBB)"},
      {"secondary_color",
       Check::kColour,
       "#3b82f6",
       0,
       {},
       "Invalid secondary_color format (use #RRGGBB)"},
      {"tagline", Check::kText, {}, 500},
      {"theme_mode", Check::kChoice, "dark", 0, {"light", "dark", "system"}},
      {"status_page_theme",
       Check::kChoice,
       "default",
       0,
       {"default", "minimal", "corporate", "neon", "ocean", "sunset"}},
      {"custom_css", Check::kText, {}, 65'536},
      {"custom_header_html",
       Check::kHtml,
       {},
       65'536,
       {},
       "Custom header HTML contains unsafe content"},
      {"custom_footer_html",
       Check::kHtml,
       {},
       65'536,
       {},
       "Custom footer HTML contains unsafe content"},
      {"hide_branding", Check::kFlag, false},
      {"announcement_text", Check::kText, {}, 2'000},
      {"announcement_type",
       Check::kChoice,
       "info",
       0,
       {"info", "warning", "critical", "maintenance", "success"}},
      {"announcement_enabled", Check::kFlag, false},
      {"status_page_language", Check::kText, "auto", 12},
      {"font_family", Check::kFont, "inter", 0, {}, "Invalid font_family"},
      {"show_subscribe_form", Check::kFlag, true},
      {"show_incident_history", Check::kFlag, true},
      {"show_uptime_graph", Check::kFlag, true},
      {"header_style", Check::kChoice, "centered", 0, {"centered", "left-aligned"}},
      {"border_radius",
       Check::kChoice,
       "rounded",
       0,
       {"rounded", "sharp", "pill", "none", "sm", "md", "lg"}},
      {"custom_template", Check::kHtml, {}, 65'536, {}, "Template contains unsafe HTML content"},
  };
  return kRows;
}

Error TypeError(const LookRow& row, const char* expected) {
  return BadField(row.name, std::string("Expected ") + expected);
}

Status CheckValue(const LookRow& row, const Value& value) {
  if (value.IsNull()) return Ok();
  if (row.check == Check::kFlag) {
    return value.IsBool() ? Ok() : Status(TypeError(row, "boolean"));
  }
  if (!value.IsString()) return TypeError(row, "string");
  const std::string& text = value.AsString();
  if (row.max > 0 && text.size() > row.max) {
    return BadField(row.name,
                    "String must contain at most " + std::to_string(row.max) + " character(s)");
  }
  bool fine = true;
  switch (row.check) {
    case Check::kColour:
      fine = service::IsColour(text);
      break;
    case Check::kFont:
      fine = !service::FindFont(text).empty();
      break;
    case Check::kChoice:
      fine = std::find(row.choices.begin(), row.choices.end(), text) != row.choices.end();
      break;
    case Check::kHtml:
      fine = service::IsSafeHtml(text);
      break;
    case Check::kText:
    case Check::kFlag:
      break;
  }
  if (fine) return Ok();
  return row.refusal.empty() ? BadField(row.name, "Invalid value")
                             : BadRequest(std::string(row.refusal));
}

}  // namespace

Value LookOf(const model::Page& page, std::string_view name) {
  const Value* own = page.look.Find(name);
  if (own != nullptr && !own->IsNull()) return *own;
  for (const LookRow& row : Rows()) {
    if (row.name == name) return row.fallback;
  }
  return {};
}

void PutLook(JsonWriter& json, const model::Page& page) {
  for (const LookRow& row : Rows()) json.Key(row.name).Tree(LookOf(page, row.name));
}

Status ApplyLook(const Value& body, model::Page& page) {
  for (const LookRow& row : Rows()) {
    const Value* sent = body.Find(row.name);
    if (sent == nullptr) continue;
    PHAROS_RETURN_IF_ERROR(CheckValue(row, *sent));
    if (sent->IsNull()) {
      page.look.Remove(row.name);
    } else if (row.check == Check::kFont) {
      page.look.Set(row.name, service::FindFont(sent->AsString()));
    } else {
      page.look.Set(row.name, *sent);
    }
  }
  return Ok();
}

}  // namespace pharos::api::kodo
