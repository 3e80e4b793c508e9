#include "api/is0k/pages.h"

#include <algorithm>
#include <utility>

#include "api/is0k/body.h"
#include "api/is0k/envelope.h"
#include "api/is0k/ids.h"
#include "api/is0k/links.h"
#include "api/is0k/plans.h"
#include "api/is0k/shapes.h"
#include "api/is0k/words.h"
#include "base/text.h"
#include "service/pages.h"
#include "service/site.h"

namespace pharos::api::is0k {
namespace {

constexpr std::string_view kDefaultColor = "#0ea5e9";
constexpr std::string_view kHomeSlug = "default";
constexpr int64_t kDefaultDays = 90;

std::string SlugOf(const model::Page& page) {
  return page.path.empty() ? std::string(kHomeSlug) : page.path;
}

// ^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$
bool IsPageSlug(std::string_view slug) {
  return service::IsSlug(slug) && slug.front() != '-' && slug.back() != '-';
}

std::string SlugFrom(std::string_view name) {
  constexpr size_t kMaxSlug = 63;
  std::string slug;
  for (const char c : AsciiLower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() == kMaxSlug) break;
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "status" : slug;
}

bool IsColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

// Where the pages are, as visitors reach them: the site's address when it is set, else how this
// request came.
std::string BaseUrl(const Call& call) {
  std::string url = call.services.site.PublicUrl(call.who->org);
  if (!url.empty()) return url;
  return "http://" + std::string(call.request.FindHeader("host"));
}

int64_t DaysOf(const model::Page& page) {
  const Value* days = page.settings.Find("monitor_status_history_days");
  return days == nullptr ? kDefaultDays : days->IntOr("desktop", kDefaultDays);
}

std::string ThemeOf(const model::Page& page) {
  const std::string mode = page.look.StringOr("theme_mode", "system");
  return mode == "system" ? "auto" : mode;
}

bool ShowsResponseTimes(const model::Page& page) {
  const Value* notes = page.notes.Find("is0k");
  return notes == nullptr || notes->BoolOr("show_response_times", true);
}

void PrintPage(JsonWriter& json, const Call& call, const model::Page& page,
               const std::string& base_url) {
  json.BeginObject();
  PutText(json, "id", PrintId(kPageId, page.id.value()));
  PutText(json, "name", page.title);
  PutText(json, "slug", SlugOf(page));
  PutTextOrNull(json, "description", page.subheader.value_or(""));
  PutTextOrNull(json, "custom_domain", page.custom_domain);
  PutText(json, "visibility", VisibilityWord(page.visibility));
  json.Key("has_password").Bool(!page.password_hash.empty());
  PutTextOrNull(json, "logo_url", page.logo.value_or(""));
  PutText(json, "accent_color", page.look.StringOr("primary_color", kDefaultColor));
  PutText(json, "theme", ThemeOf(page));
  json.Key("monitor_ids").BeginList();
  const auto print = [&](const service::MonitorPtr& monitor) {
    if (monitor != nullptr && IsShown(*monitor)) {
      json.String(PrintId(kMonitorId, monitor->id.value()));
    }
  };
  if (page.all_monitors) {
    auto all = call.services.monitors.List(*call.who);
    std::for_each(all.rbegin(), all.rend(), print);
  } else {
    for (const model::MonitorId id : page.monitors) {
      print(call.services.monitors.FindById(*call.who, id));
    }
  }
  json.EndList();
  json.Key("show_uptime_days").Int(DaysOf(page));
  json.Key("show_response_times").Bool(ShowsResponseTimes(page));
  json.Key("hide_branding").Bool(page.look.BoolOr("hide_branding", false));
  PutText(json, "url", base_url + "/status/" + SlugOf(page));
  PutSecond(json, "created_at", page.created_at);
  PutSecond(json, "updated_at", page.updated_at);
  json.EndObject();
}

std::string OnePage(const Call& call, const model::Page& page) {
  const std::string base = BaseUrl(call);
  return Enveloped([&](JsonWriter& json) { PrintPage(json, call, page, base); });
}

Result<model::Page> FindPage(Call& call) {
  const auto id = ParseId<model::PageId>(kPageId, call.params.Find("id"));
  if (!id) return NotFound(call, kPage);
  auto page = call.services.pages.Get(*call.who, *id);
  if (!page && page.error().kind == ErrorKind::kNotFound) return NotFound(call, kPage);
  return page;
}

// What a body of either kind sets, one function per part of the page.
Status SetAddress(const Value& body, model::Page& page) {
  if (const auto slug = TextOf(body, "slug"); slug && *slug != SlugOf(page)) {
    if (!IsPageSlug(*slug)) {
      return BadField("slug",
                      "slug must have 1 to 63 lower-case letters, digits and '-', with a letter "
                      "or digit at both ends");
    }
    if (page.is_default && page.path.empty()) {
      return BadField("slug", "slug of the default page cannot be changed");
    }
    page.path = *slug;
  }
  if (IsSent(body, "custom_domain")) {
    page.custom_domain = TextOf(body, "custom_domain").value_or("");
  }
  return Ok();
}

Status SetLook(const Value& body, model::Page& page) {
  if (const auto name = TextOf(body, "name")) page.title = page.header = *name;
  if (IsSent(body, "description")) page.subheader = TextOf(body, "description");
  if (IsSent(body, "logo_url")) page.logo = TextOf(body, "logo_url");
  if (const auto color = TextOf(body, "accent_color")) {
    if (!IsColor(*color)) return BadField("accent_color", "accent_color must be #RRGGBB");
    page.look.Set("primary_color", *color);
  }
  if (const auto theme = TextOf(body, "theme")) {
    page.look.Set("theme_mode", *theme == "auto" ? "system" : *theme);
  }
  if (const auto hide = BoolOf(body, "hide_branding")) page.look.Set("hide_branding", *hide);
  if (const auto days = IntOf(body, "show_uptime_days")) {
    Value shown;
    if (const Value* before = page.settings.Find("monitor_status_history_days")) shown = *before;
    shown.Set("desktop", *days);
    page.settings.Set("monitor_status_history_days", std::move(shown));
  }
  if (const auto show = BoolOf(body, "show_response_times")) {
    Value notes;
    if (const Value* before = page.notes.Find("is0k")) notes = *before;
    notes.Set("show_response_times", *show);
    page.notes.Set("is0k", std::move(notes));
  }
  return Ok();
}

Status SetAccess(const Value& body, model::Page& page) {
  if (const auto word = TextOf(body, "visibility")) {
    page.visibility = ParseVisibility(*word).value_or(page.visibility);
  }
  if (IsSent(body, "password")) {
    PHAROS_RETURN_IF_ERROR(service::PageService::SetPassword(page, TextOf(body, "password")));
  }
  if (page.visibility == model::PageVisibility::kPassword && page.password_hash.empty()) {
    return BadField("password", "password is required for visibility 'password'");
  }
  return Ok();
}

Status SetPage(Call& call, const Value& body, const std::vector<model::MonitorId>& monitors,
               model::Page& page) {
  PHAROS_RETURN_IF_ERROR(SetAddress(body, page));
  PHAROS_RETURN_IF_ERROR(SetLook(body, page));
  PHAROS_RETURN_IF_ERROR(SetAccess(body, page));
  if (IsSent(body, "monitor_ids")) {
    page.monitors = monitors;
    page.all_monitors = false;
  }
  page.updated_at = call.clock.Now();
  return Ok();
}

// Conflicts have codes of their own.
Error Explain(Call& call, Error error) {
  const bool domain = !error.fields.empty() && error.fields.front().field == "custom_domain";
  if (error.kind == ErrorKind::kConflict && !error.fields.empty()) {
    return Coded(call, 409, domain ? "DOMAIN_TAKEN" : "SLUG_TAKEN",
                 domain ? "This domain is already in use" : "This slug is already taken");
  }
  if (error.kind == ErrorKind::kConflict) error.kind = ErrorKind::kInvalid;
  return error;
}

Status CheckPlan(Call& call, const Value& body, bool is_new) {
  const PlanRules& plan = PlanOfCaller(call);
  if (TextOf(body, "custom_domain") && !plan.has_custom_domain) {
    return UpgradeRequired(call, plan, "custom domains");
  }
  if (!is_new || plan.max_pages == 0) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const auto pages, call.services.pages.List(*call.who));
  // The home page exists from the start and does not count.
  if (static_cast<int64_t>(pages.size()) - 1 < plan.max_pages) return Ok();
  return LimitReached(call, plan, plan.max_pages, "status pages");
}

}  // namespace

Result<std::string> ListPages(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto pages, call.services.pages.List(*call.who));
  const std::string base = BaseUrl(call);
  return EnvelopedList(nullptr, 0, [&](JsonWriter& json) {
    for (const model::Page& page : pages) PrintPage(json, call, page, base);
  });
}

Result<std::string> CreatePage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(PageCreate(), body, false));
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  model::Page draft;
  draft.path = SlugFrom(*TextOf(body, "name"));
  PHAROS_RETURN_IF_ERROR(SetPage(call, body, monitors, draft));
  if (draft.path == kHomeSlug) {
    return Coded(call, 409, "SLUG_TAKEN", "This slug is already taken");
  }
  PHAROS_RETURN_IF_ERROR(CheckPlan(call, body, true));
  auto page = call.services.pages.Create(*call.who, std::move(draft));
  if (!page) return Explain(call, std::move(page).error());
  return OnePage(call, *page);
}

Result<std::string> GetPage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, FindPage(call));
  return OnePage(call, page);
}

Result<std::string> UpdatePage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ReadObject(call));
  PHAROS_ASSIGN_OR_RETURN(const model::Page found, FindPage(call));
  PHAROS_RETURN_IF_ERROR(CheckBody(PageCreate(), body, true));
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, ReadMonitorIds(call, body, "monitor_ids"));
  PHAROS_RETURN_IF_ERROR(CheckPlan(call, body, false));
  // Hashing a password is slow on purpose, so it is done before the transaction.
  model::Page wanted = found;
  PHAROS_RETURN_IF_ERROR(SetAccess(body, wanted));
  Value rest = body;
  rest.Remove("password");
  auto page = call.services.pages.Update(*call.who, found.id, [&](model::Page& stored) -> Status {
    stored.password_hash = wanted.password_hash;
    return SetPage(call, rest, monitors, stored);
  });
  if (!page) return Explain(call, std::move(page).error());
  return OnePage(call, *page);
}

Result<std::string> DeletePage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page found, FindPage(call));
  if (Status gone = call.services.pages.Delete(*call.who, found.id); !gone) {
    return Explain(call, std::move(gone).error());
  }
  return Deleted(PrintId(kPageId, found.id.value()));
}

}  // namespace pharos::api::is0k
