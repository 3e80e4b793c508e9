#include "api/kener_v4/pages.h"

#include <algorithm>
#include <utility>

#include "api/body_values.h"
#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/page_settings.h"
#include "api/kener_v4/texts.h"
#include "api/kener_v4/times.h"
#include "base/json.h"
#include "base/text.h"
#include "service/monitors.h"
#include "service/pages.h"

namespace pharos::api::kener_v4 {
namespace {

using model::Page;

constexpr std::string_view kHome = "~home";
constexpr size_t kMaxMonitors = 10'000;
constexpr size_t kMaxSettingsBytes = 64 * 1024;

// As the path parameter names it; undecodable paths were refused before.
std::string SegmentOf(const Call& call) {
  return PercentDecode(call.params.Find("page_path")).value_or(std::string());
}

Error NoSuchPage(const Call& call) {
  return NotFound("Page with path '" + SegmentOf(call) + "' not found");
}

Error PathTaken(std::string_view path) {
  return BadRequest("Page with path '" + std::string(path) + "' already exists");
}

std::string ShownPath(const Page& page) {
  return page.path.empty() ? std::string(kHome) : page.path;
}

Result<Page> FindPage(const Call& call) {
  const std::string segment = SegmentOf(call);
  auto found =
      call.services.pages.GetByPath(*call.who, segment == kHome ? std::string_view() : segment);
  if (!found && found.error().kind == ErrorKind::kNotFound) return NoSuchPage(call);
  return found;
}

// Monitors on the page, in order. A page of all monitors shows those that visitors see.
std::vector<std::string> TagsOn(const Call& call, const Page& page) {
  std::vector<service::MonitorPtr> monitors;
  if (page.all_monitors) {
    for (const service::MonitorPtr& monitor : call.services.monitors.List(*call.who)) {
      if (monitor->active && !monitor->hidden) monitors.push_back(monitor);
    }
    std::sort(monitors.begin(), monitors.end(), [](const auto& a, const auto& b) {
      return std::pair(a->position, a->id) < std::pair(b->position, b->id);
    });
  } else {
    for (const model::MonitorId id : page.monitors) {
      auto monitor = call.services.monitors.FindById(*call.who, id);
      if (monitor != nullptr) monitors.push_back(std::move(monitor));
    }
  }
  std::vector<std::string> tags;
  for (const service::MonitorPtr& monitor : monitors) tags.push_back(monitor->tag);
  return tags;
}

void PrintPage(JsonWriter& json, const Call& call, const Page& page) {
  json.BeginObject();
  json.Key("id").Int(page.id.value());
  json.Key("page_path").String(ShownPath(page));
  json.Key("page_title").String(page.title);
  json.Key("page_header").String(page.header);
  PutOptionalText(json, "page_subheader", page.subheader);
  PutOptionalText(json, "page_logo", page.logo);
  json.Key("page_settings").Tree(ShownPageSettings(page.settings));
  json.Key("monitors").BeginList();
  int64_t position = 0;
  for (const std::string& tag : TagsOn(call, page)) {
    json.BeginObject();
    json.Key("monitor_tag").String(tag).Key("position").Int(position++);
    json.EndObject();
  }
  json.EndList();
  json.Key("created_at").String(ShownTime(page.created_at));
  json.Key("updated_at").String(ShownTime(page.updated_at));
  json.EndObject();
}

std::string OnePage(const Call& call, const Page& page) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("page");
  PrintPage(json, call, page);
  json.EndObject();
  return out;
}

// nullopt when `monitors` is absent or no array, which is ignored.
Result<std::optional<std::vector<model::MonitorId>>> DecodeMonitors(const Call& call) {
  const Value* list = call.body.Find("monitors");
  if (list == nullptr || !list->IsList()) return std::optional<std::vector<model::MonitorId>>();
  if (list->AsList().size() > kMaxMonitors) {
    return BadField("monitors", "must have at most 10000 elements");
  }
  std::vector<model::MonitorId> monitors;
  for (const Value& element : list->AsList()) {
    const std::string tag = kener::ToText(element);
    const auto monitor = call.services.monitors.FindByTag(*call.who, tag);
    if (monitor == nullptr || !element.IsString()) {
      return BadRequest("Monitor with tag '" + tag + "' does not exist");
    }
    monitors.push_back(monitor->id);
  }
  std::vector<model::MonitorId> sorted = monitors;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return BadField("monitors", "must not name a monitor twice");
  }
  return std::optional(std::move(monitors));
}

Result<Value> DecodeSettings(const Value& body, const Value& stored) {
  const Value* sent = body.Find("page_settings");
  if (sent == nullptr) return stored;
  PHAROS_RETURN_IF_ERROR(CheckPageSettings(*sent));
  Value merged = MergePageSettings(stored, *sent);
  if (WriteJson(merged).size() > kMaxSettingsBytes) {
    return BadField("page_settings", "must have at most 65536 bytes");
  }
  return merged;
}

// Whether some other page of the organisation has this path.
Result<bool> IsTaken(const Call& call, std::string_view path, model::PageId except) {
  const auto found = call.services.pages.GetByPath(*call.who, path);
  if (found) return found->id != except;
  if (found.error().kind == ErrorKind::kNotFound) return false;
  return found.error();
}

// Reads the texts that are kept as they are sent.
Status ApplyTexts(const Value& body, Page& page) {
  if (const Value* subheader = body.Find("page_subheader")) {
    PHAROS_ASSIGN_OR_RETURN(page.subheader, FreeTextOrNull("page_subheader", *subheader));
  }
  if (const Value* logo = body.Find("page_logo")) {
    PHAROS_ASSIGN_OR_RETURN(page.logo, FreeTextOrNull("page_logo", *logo));
  }
  return Ok();
}

// The path that a PATCH moves the page to; nullopt = it stays (12.6).
Result<std::optional<std::string>> DecodeNewPath(const Call& call, const Page& page) {
  const Value* value = call.body.Find("page_path");
  if (value == nullptr) return std::optional<std::string>();
  const bool is_home = page.path.empty();
  if (is_home && value->IsString() && value->AsString() == kHome) {
    return std::optional<std::string>();
  }
  if (!value->IsString()) return BadField("page_path", "must be a string");
  std::string path = SanitisedPath(value->AsString());
  if (is_home && !path.empty()) return BadRequest("Home page path cannot be changed");
  if (path != page.path) {
    PHAROS_ASSIGN_OR_RETURN(const bool taken, IsTaken(call, path, page.id));
    if (taken) return PathTaken(path);
  }
  return std::optional(std::move(path));
}

// The error of a use case, with the path that was asked for.
Error InOurWords(const Call& call, Error error, std::string_view path) {
  if (error.kind == ErrorKind::kNotFound) return NoSuchPage(call);
  const bool about_path = !error.fields.empty() && error.fields.front().field == "path";
  if (error.kind == ErrorKind::kConflict && about_path) return PathTaken(path);
  if (error.kind == ErrorKind::kInvalid && !error.fields.empty()) {
    return BadRequest("page_" + error.message);
  }
  return error;
}

constexpr std::array<std::string_view, 6> kRecordFields = {
    "page_path", "page_title", "page_header", "page_subheader", "page_logo", "page_settings"};

}  // namespace

std::string SanitisedPath(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::string path;
  bool in_space = false;
  for (const char c : AsciiLower(Trim(text))) {
    if (is_space(c)) {
      if (!in_space) path += '-';
      in_space = true;
      continue;
    }
    in_space = false;
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (kept) path += c;
  }
  return path;
}

Status PageExists(Call& call) {
  PHAROS_RETURN_IF_ERROR(FindPage(call));
  return Ok();
}

Result<std::string> ListPages(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto pages, call.services.pages.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("pages").BeginList();
  for (const Page& page : pages) PrintPage(json, call, page);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreatePage(Call& call) {
  const Value& body = call.body;
  Page draft;
  const Value* path = body.Find("page_path");
  if (path == nullptr || !path->IsString() || path->AsString().empty()) {
    return BadRequest("page_path is required and must be a string");
  }
  const auto title = NonBlank(body, "page_title");
  if (!title) return BadRequest("page_title is required and must be a non-empty string");
  const auto header = NonBlank(body, "page_header");
  if (!header) return BadRequest("page_header is required and must be a non-empty string");
  draft.path = SanitisedPath(path->AsString());
  draft.title = *title;
  draft.header = *header;
  PHAROS_ASSIGN_OR_RETURN(const bool taken, IsTaken(call, draft.path, model::PageId()));
  if (taken) return PathTaken(draft.path);
  PHAROS_ASSIGN_OR_RETURN(auto monitors, DecodeMonitors(call));
  if (monitors) draft.monitors = *std::move(monitors);
  PHAROS_ASSIGN_OR_RETURN(draft.settings, DecodeSettings(body, Value(Value::Object{})));
  PHAROS_RETURN_IF_ERROR(ApplyTexts(body, draft));
  const std::string wanted = draft.path;
  auto made = call.services.pages.Create(*call.who, std::move(draft));
  if (!made) return InOurWords(call, std::move(made).error(), wanted);
  return OnePage(call, *made);
}

Result<std::string> GetPage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Page page, FindPage(call));
  return OnePage(call, page);
}

Result<std::string> UpdatePage(Call& call) {
  const Value& body = call.body;
  PHAROS_ASSIGN_OR_RETURN(const Page before, FindPage(call));
  PHAROS_ASSIGN_OR_RETURN(const auto path, DecodeNewPath(call, before));
  const auto title = NonBlank(body, "page_title");
  if (body.Find("page_title") != nullptr && !title) {
    return BadRequest("page_title must be a non-empty string");
  }
  const auto header = NonBlank(body, "page_header");
  if (body.Find("page_header") != nullptr && !header) {
    return BadRequest("page_header must be a non-empty string");
  }
  PHAROS_ASSIGN_OR_RETURN(const auto monitors, DecodeMonitors(call));
  PHAROS_RETURN_IF_ERROR(DecodeSettings(body, before.settings));
  const bool touches = std::any_of(kRecordFields.begin(), kRecordFields.end(),
                                   [&](auto name) { return body.Find(name) != nullptr; });
  const auto change = [&](Page& page) -> Status {
    if (path) page.path = *path;
    if (title) page.title = *title;
    if (header) page.header = *header;
    if (monitors) {
      page.monitors = *monitors;
      page.all_monitors = false;
    }
    PHAROS_ASSIGN_OR_RETURN(page.settings, DecodeSettings(body, page.settings));
    PHAROS_RETURN_IF_ERROR(ApplyTexts(body, page));
    if (touches) page.updated_at = call.clock.Now();
    return Ok();
  };
  auto changed = call.services.pages.Update(*call.who, before.id, change);
  if (!changed) return InOurWords(call, std::move(changed).error(), path.value_or(before.path));
  return OnePage(call, *changed);
}

Result<std::string> DeletePage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Page page, FindPage(call));
  if (page.path.empty()) return BadRequest("Cannot delete the home page");
  auto gone = call.services.pages.Delete(*call.who, page.id);
  if (!gone) return InOurWords(call, std::move(gone).error(), page.path);
  return MessageReply("Page '" + page.path + "' deleted successfully");
}

}  // namespace pharos::api::kener_v4
