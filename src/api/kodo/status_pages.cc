#include "api/kodo/status_pages.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/page_look.h"
#include "api/kodo/services.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/organisations.h"
#include "service/pages.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Status page";
constexpr std::string_view kHomeSlug = "default";
constexpr size_t kMaxServices = 200;
constexpr std::string_view kBadSlug =
    "Slug must contain only lowercase letters, numbers, and hyphens";
constexpr std::string_view kSlugTaken = "This slug is already taken";

std::string_view VisibilityWord(model::PageVisibility visibility) {
  switch (visibility) {
    case model::PageVisibility::kPublic:
      return "public";
    case model::PageVisibility::kPassword:
      return "private";
    case model::PageVisibility::kInternal:
      return "internal";
  }
  return "public";
}

model::PageVisibility ParseVisibility(std::string_view word) {
  if (word == "private") return model::PageVisibility::kPassword;
  return word == "internal" ? model::PageVisibility::kInternal : model::PageVisibility::kPublic;
}

// The services of a page in its order; other monitors on it are not Kodo's.
std::vector<service::MonitorPtr> ServicesOf(const Call& call, const model::Page& page) {
  if (page.all_monitors) return ListServices(call);
  std::vector<service::MonitorPtr> services;
  for (const model::MonitorId id : page.monitors) {
    service::MonitorPtr one = call.services.monitors.FindById(*call.who, id);
    if (one != nullptr && one->kind == kServiceKind) services.push_back(std::move(one));
  }
  return services;
}

std::string Name(const model::Page& page) { return page.title.empty() ? page.header : page.title; }

void PrintListed(JsonWriter& json, const Call& call, const model::Page& page) {
  json.BeginObject();
  PutText(json, "id", page.uid);
  PutText(json, "name", Name(page));
  PutText(json, "slug", SlugOf(page));
  PutTextOrNull(json, "custom_domain", page.custom_domain);
  PutTextOrNull(json, "logo_url", page.logo.value_or(std::string()));
  json.Key("primary_color").Tree(LookOf(page, "primary_color"));
  PutText(json, "status_page_visibility", VisibilityWord(page.visibility));
  json.Key("is_default").Bool(page.is_default);
  json.Key("service_count").Int(static_cast<int64_t>(ServicesOf(call, page).size()));
  PutTime(json, "created_at", page.created_at);
  PutTime(json, "updated_at", page.updated_at);
  json.EndObject();
}

// The organisation has no random id of its own; its number names it.
std::string OrganisationIdOf(const model::Page& page) {
  return "org_" + std::to_string(page.org.value());
}

std::string OnePage(const model::Page& page) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("page").BeginObject();
  PutText(json, "id", page.uid);
  PutText(json, "organization_id", OrganisationIdOf(page));
  PutText(json, "name", Name(page));
  PutText(json, "slug", SlugOf(page));
  PutTextOrNull(json, "custom_domain", page.custom_domain);
  PutTextOrNull(json, "logo_url", page.logo.value_or(std::string()));
  PutText(json, "status_page_visibility", VisibilityWord(page.visibility));
  PutTextOrNull(json, "status_page_password_hint", page.password_hint);
  PutLook(json, page);
  json.Key("is_default").Bool(page.is_default);
  PutTime(json, "created_at", page.created_at);
  PutTime(json, "updated_at", page.updated_at);
  json.EndObject().EndObject();
  return out;
}

Error SlugTaken() { return Error(ErrorKind::kConflict, std::string(kSlugTaken)); }

// A use case's error in the words of this dialect.
Error InPageWords(Error error) {
  if (error.kind == ErrorKind::kNotFound) return NotFound(kWhat);
  const std::string field = error.fields.empty() ? std::string() : error.fields.front().field;
  if (error.kind == ErrorKind::kConflict && field == "path") return SlugTaken();
  if (error.kind == ErrorKind::kConflict && field == "custom_domain") {
    return Error(ErrorKind::kConflict, "This domain is already in use");
  }
  if (error.kind == ErrorKind::kInvalid && field == "path") {
    return BadRequest(std::string(kBadSlug));
  }
  for (FieldError& one : error.fields) {
    if (one.field == "title" || one.field == "header") one.field = "name";
    if (one.field == "password") one.field = "status_page_password";
    if (one.field == "logo") one.field = "logo_url";
  }
  return error;
}

Status ApplySlug(const Value& body, model::Page& page) {
  const auto slug = TextOf(body, "slug");
  if (!slug) return Ok();
  if (!service::IsSlug(*slug)) return BadRequest(std::string(kBadSlug));
  // The home page is known by this name, whether or not it was given another.
  if (*slug == kHomeSlug && !page.path.empty()) return SlugTaken();
  if (*slug != SlugOf(page)) page.path = *slug;
  return Ok();
}

Status ApplyAccess(const Value& body, model::Page& page) {
  if (auto hint = TextOf(body, "status_page_password_hint")) page.password_hint = *hint;
  if (Has(body, "status_page_password")) {
    auto text = TextOf(body, "status_page_password");
    if (HasNull(body, "status_page_password") || text->empty()) text.reset();
    PHAROS_RETURN_IF_ERROR(service::PageService::SetPassword(page, std::move(text)));
  }
  if (const auto word = TextOf(body, "status_page_visibility")) {
    page.visibility = ParseVisibility(*word);
  }
  return Ok();
}

Status ApplyBody(const Value& body, model::Page& page) {
  if (const auto name = TextOf(body, "name")) {
    page.title = std::string(Trim(*name));
    page.header = page.title;
  }
  PHAROS_RETURN_IF_ERROR(ApplySlug(body, page));
  Assign(page.custom_domain, TextOf(body, "custom_domain"));
  if (Has(body, "logo_url")) {
    page.logo = TextOf(body, "logo_url");
    if (page.logo->empty()) page.logo.reset();
  }
  PHAROS_RETURN_IF_ERROR(ApplyLook(body, page));
  if (body.BoolOr("is_default", false)) page.is_default = true;
  return ApplyAccess(body, page);
}

// The services of `service_ids` in their order. Errors: kInvalid for unknown and repeated ones.
Result<std::vector<model::MonitorId>> ServicesOfBody(const Call& call, const Value& body) {
  const auto ids = TextsOf(body, "service_ids").value_or(std::vector<std::string>());
  if (ids.size() > kMaxServices) {
    return BadRequest("Cannot assign more than 200 services to a single status page");
  }
  std::vector<model::MonitorId> services;
  for (const std::string& id : ids) {
    const service::MonitorPtr service = FindOfKind(call, kServiceKind, id);
    if (service == nullptr) return BadField("service_ids", "Service not found: " + id);
    if (std::find(services.begin(), services.end(), service->id) != services.end()) {
      return BadField("service_ids", "Duplicate service: " + id);
    }
    services.push_back(service->id);
  }
  return services;
}

// Monitors of other dialects stay on the page, behind the services.
void PutServices(const Call& call, const std::vector<model::MonitorId>& services,
                 model::Page& page) {
  std::vector<model::MonitorId> monitors = services;
  const auto keep = [&](model::MonitorId id) {
    const auto monitor = call.services.monitors.FindById(*call.who, id);
    if (monitor != nullptr && monitor->kind != kServiceKind) monitors.push_back(id);
  };
  if (!page.all_monitors) {
    for (const model::MonitorId id : page.monitors) keep(id);
  }
  page.all_monitors = false;
  page.monitors = std::move(monitors);
}

}  // namespace

std::string SlugOf(const model::Page& page) {
  return page.path.empty() ? std::string(kHomeSlug) : page.path;
}

Result<model::Page> PageOfSlug(const Call& call, const std::string& slug) {
  auto found = call.services.pages.GetByPath(*call.who, slug == kHomeSlug ? "" : slug);
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  return found;
}

Result<model::Page> PageOfPath(const Call& call) {
  const std::string id = PathId(call);
  if (id.empty()) return NotFound(kWhat);
  auto found = call.services.pages.GetByUid(*call.who, id);
  if (found || found.error().kind != ErrorKind::kNotFound) return found;
  return PageOfSlug(call, id);
}

Result<std::string> ListStatusPages(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto pages, call.services.pages.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("pages").BeginList();
  for (const model::Page& page : pages) PrintListed(json, call, page);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateStatusPage(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckCreate(StatusPageBody(), body));
  model::Page draft;
  // What this dialect says of a page that does not say it itself (14.1) must be how it looks.
  draft.look.Set("theme_mode", "dark");
  draft.look.Set("header_style", "centered");
  draft.path = TextOf(body, "slug").value_or(std::string());
  if (!service::IsSlug(draft.path)) return BadRequest(std::string(kBadSlug));
  if (draft.path == kHomeSlug) return SlugTaken();
  PHAROS_RETURN_IF_ERROR(ApplyBody(body, draft));
  PHAROS_ASSIGN_OR_RETURN(draft.monitors, ServicesOfBody(call, body));
  auto made = call.services.pages.Create(*call.who, std::move(draft));
  if (!made) return InPageWords(std::move(made).error());
  return OnePage(*made);
}

Result<std::string> GetStatusPage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  return OnePage(page);
}

Result<std::string> UpdateStatusPage(Call& call) {
  const Value& body = call.body;
  PHAROS_RETURN_IF_ERROR(CheckChange(StatusPageChangeBody(), body));
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  std::vector<model::MonitorId> services;
  if (Has(body, "service_ids")) {
    PHAROS_ASSIGN_OR_RETURN(services, ServicesOfBody(call, body));
  }
  // Hashing a password is slow, so it is done before the transaction.
  model::Page hashed = page;
  PHAROS_RETURN_IF_ERROR(ApplyAccess(body, hashed));
  Value rest = body;
  if (rest.IsObject()) rest.Remove("status_page_password");
  const auto change = [&](model::Page& stored) -> Status {
    if (stored.look.IsNull()) stored.look = Value(Value::Object());
    PHAROS_RETURN_IF_ERROR(ApplyBody(rest, stored));
    if (Has(body, "status_page_password")) stored.password_hash = hashed.password_hash;
    if (Has(body, "service_ids")) PutServices(call, services, stored);
    return Ok();
  };
  auto changed = call.services.pages.Update(*call.who, page.id, change);
  if (!changed) return InPageWords(std::move(changed).error());
  return OnePage(*changed);
}

Result<std::string> DeleteStatusPage(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  if (Status gone = call.services.pages.Delete(*call.who, page.id); !gone) {
    if (gone.error().kind == ErrorKind::kConflict) return BadRequest(gone.error().message);
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

Result<std::string> GetPageServices(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const auto running, RunningMaintenance::Load(call));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("services").BeginList();
  int64_t order = 0;
  for (const service::MonitorPtr& service : ServicesOf(call, page)) {
    json.BeginObject();
    // An assignment has no id of its own: page and service name it.
    PutText(json, "id", page.uid.substr(0, 13) + "-" + service->uid);
    PutText(json, "service_id", service->uid);
    json.Key("display_order").Int(order++);
    json.Key("services").BeginObject();
    PutText(json, "id", service->uid);
    PutText(json, "name", service->name);
    PutText(json, "status", ServiceWord(StatusOfService(call, *service, running)));
    json.EndObject().EndObject();
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> SetPageServices(Call& call) {
  // The limit has a text of its own, which the shape's would hide.
  const Value* ids = call.body.Find("service_ids");
  if (ids != nullptr && ids->IsList() && ids->AsList().size() > kMaxServices) {
    Value fields;
    fields.Set("service_ids", Value::List{"Array must contain at most 200 element(s)"});
    Value details;
    details.Set("fieldErrors", std::move(fields));
    call.failure.details.Set("details", std::move(details));
    return BadRequest("Cannot assign more than 200 services to a single status page");
  }
  PHAROS_RETURN_IF_ERROR(CheckCreate(PageServicesBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto services, ServicesOfBody(call, call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  const auto change = [&](model::Page& stored) -> Status {
    PutServices(call, services, stored);
    return Ok();
  };
  auto changed = call.services.pages.Update(*call.who, page.id, change);
  if (!changed) return InPageWords(std::move(changed).error());
  return std::string(kSuccess);
}

}  // namespace pharos::api::kodo
