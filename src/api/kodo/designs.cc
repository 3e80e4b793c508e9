#include "api/kodo/designs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/status_pages.h"
#include "base/text.h"
#include "service/designs.h"

namespace pharos::api::kodo {
namespace {

using service::DesignProblem;
using service::DesignState;
using service::DesignVersion;

constexpr std::string_view kWhat = "Design version";
constexpr std::array<std::string_view, 5> kMembers = {"theme_tokens", "layout", "template",
                                                      "template_mode", "summary"};

std::string_view StateWord(DesignState state) {
  switch (state) {
    case DesignState::kDraft:
      return "draft";
    case DesignState::kPublished:
      return "published";
    case DesignState::kArchived:
      return "archived";
  }
  return "draft";
}

void PrintVersion(JsonWriter& json, const model::Page& page, const DesignVersion& version) {
  json.BeginObject();
  PutTextOrNull(json, "id", version.uid);
  PutText(json, "status_page_id", page.uid);
  json.Key("version_number").Int(version.number);
  PutText(json, "state", StateWord(version.state));
  PutTextOrNull(json, "base_version_id", version.base);
  json.Key("theme_tokens").Tree(version.theme_tokens);
  json.Key("layout").Tree(version.layout);
  json.Key("template").Tree(version.page_template);
  PutText(json, "template_mode", version.custom_template ? "custom" : "default");
  PutTextOrNull(json, "summary", version.summary);
  PutTextOrNull(json, "created_by", version.created_by);
  PutTimeUnlessNever(json, "created_at", version.created_at);
  PutTimeOrNull(json, "published_at", version.published_at);
  json.EndObject();
}

void PrintVersionOrNull(JsonWriter& json, const model::Page& page,
                        const std::optional<DesignVersion>& version) {
  if (version) {
    PrintVersion(json, page, *version);
  } else {
    json.Null();
  }
}

std::string UidOf(const std::optional<DesignVersion>& version) {
  return version ? version->uid : std::string();
}

void PrintProblems(JsonWriter& json, std::string_view name,
                   const std::vector<DesignProblem>& problems, std::string_view severity) {
  json.Key(name).BeginList();
  for (const DesignProblem& problem : problems) {
    json.BeginObject();
    PutText(json, "code", problem.code);
    PutText(json, "path", problem.path);
    PutText(json, "message", problem.message);
    PutText(json, "severity", severity);
    json.EndObject();
  }
  json.EndList();
}

// A body of designs must have at least one of their members (kodo.md 14.3).
Status CheckSomething(const Value& body) {
  const bool any = std::any_of(kMembers.begin(), kMembers.end(),
                               [&](std::string_view name) { return Has(body, name); });
  if (any) return Ok();
  return BadField("", "At least one design field is required");
}

}  // namespace

Result<std::string> GetDesignState(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const auto overview, call.services.designs.Overview(*call.who, page));
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status_page_id", page.uid);
  PutTextOrNull(json, "current_version_id", UidOf(overview.current));
  PutTextOrNull(json, "draft_version_id", UidOf(overview.draft));
  json.Key("current_version");
  PrintVersionOrNull(json, page, overview.current);
  json.Key("draft_version");
  PrintVersionOrNull(json, page, overview.draft);
  json.Key("effective_design");
  PrintVersion(json, page,
               overview.current ? *overview.current : service::DesignService::Derived(page));
  json.EndObject();
  return out;
}

Result<std::string> ListDesigns(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  const Paging paging = ReadPaging(call.request, 20, 100);
  PHAROS_ASSIGN_OR_RETURN(const auto versions,
                          call.services.designs.List(*call.who, page, paging.limit));
  PHAROS_ASSIGN_OR_RETURN(const auto overview, call.services.designs.Overview(*call.who, page));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("versions").BeginList();
  for (const DesignVersion& version : versions) PrintVersion(json, page, version);
  json.EndList();
  PutTextOrNull(json, "current_version_id", UidOf(overview.current));
  PutTextOrNull(json, "draft_version_id", UidOf(overview.draft));
  json.EndObject();
  return out;
}

Result<std::string> GetDesign(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  auto found = call.services.designs.Get(*call.who, page, PathId(call, "version_id"));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("version");
  PrintVersion(json, page, *found);
  json.Key("is_current").Bool(found->state == DesignState::kPublished);
  json.Key("is_draft").Bool(found->state == DesignState::kDraft);
  json.EndObject();
  return out;
}

Result<std::string> PutDesignDraft(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckOptional(DesignBody(), call.body));
  PHAROS_RETURN_IF_ERROR(CheckSomething(call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const auto saved,
                          call.services.designs.PutDraft(*call.who, page, call.body));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("draft_version");
  PrintVersion(json, page, saved.draft);
  PrintProblems(json, "warnings", saved.warnings, "warning");
  json.EndObject();
  return out;
}

Result<std::string> ValidateDesignDraft(Call& call) {
  Value body;
  if (!Trim(call.request.body).empty()) {
    PHAROS_ASSIGN_OR_RETURN(body, ParseOptionalBody(call.request));
    if (!body.IsObject()) return BadField("", "Expected object");
    PHAROS_RETURN_IF_ERROR(CheckSomething(body));
  }
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  PHAROS_ASSIGN_OR_RETURN(const auto findings, call.services.designs.Check(*call.who, page, body));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("valid").Bool(findings.errors.empty());
  PrintProblems(json, "errors", findings.errors, "error");
  PrintProblems(json, "warnings", findings.warnings, "warning");
  json.EndObject();
  return out;
}

Result<std::string> PublishDesign(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckOptional(DesignPublishBody(), call.body));
  std::string expected = call.body.StringOr("draft_version_id", "");
  if (expected.empty()) expected = call.body.StringOr("expected_draft_version_id", "");
  if (expected.empty()) return BadField("draft_version_id", "Required");
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PageOfPath(call));
  auto published = call.services.designs.Publish(*call.who, page, expected);
  if (!published) {
    Error error = std::move(published).error();
    if (error.kind == ErrorKind::kNotFound) {
      call.failure.code = "DRAFT_NOT_FOUND";
      return Error(ErrorKind::kNotFound, "No draft to publish");
    }
    if (error.kind != ErrorKind::kConflict) return error;
    PHAROS_ASSIGN_OR_RETURN(const auto now, call.services.designs.Overview(*call.who, page));
    call.failure.code = "DRAFT_VERSION_MISMATCH";
    call.failure.details.Set("current_draft_version_id",
                             now.draft ? Value(now.draft->uid) : Value());
    return Error(ErrorKind::kConflict, "The draft is not the one that was expected");
  }
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  PutText(json, "status_page_id", page.uid);
  PutText(json, "published_version_id", published->uid);
  PutText(json, "current_version_id", published->uid);
  json.Key("warnings").BeginList().EndList().EndObject();
  return out;
}

}  // namespace pharos::api::kodo
