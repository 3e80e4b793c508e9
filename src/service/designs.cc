#include "service/designs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "service/records.h"
#include "service/safe_html.h"
#include "store/page_store.h"

namespace pharos::service {
namespace {

constexpr std::string_view kDesigns = "page_designs";
constexpr size_t kMaxTemplateBytes = 65'536;
constexpr size_t kMaxSections = 20;
constexpr size_t kMaxSummaryBytes = 500;
constexpr size_t kMaxUrlBytes = 2'048;

constexpr std::array<std::string_view, 7> kSections = {
    "header",       "overall_status",  "services_list", "incident_timeline",
    "uptime_chart", "subscribe_panel", "footer"};

std::string_view StateName(DesignState state) {
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

DesignState ParseState(std::string_view name) {
  if (name == "published") return DesignState::kPublished;
  return name == "archived" ? DesignState::kArchived : DesignState::kDraft;
}

Value MemberOr(const Value& object, std::string_view name) {
  const Value* member = object.Find(name);
  return member == nullptr ? Value() : *member;
}

DesignVersion FromRecord(const model::Record& record) {
  DesignVersion v;
  const Value& data = record.data;
  v.uid = record.uid;
  v.number = data.IntOr("number", 0);
  v.state = ParseState(data.StringOr("state", ""));
  v.base = data.StringOr("base", "");
  v.theme_tokens = MemberOr(data, "theme_tokens");
  v.layout = MemberOr(data, "layout");
  v.page_template = MemberOr(data, "template");
  v.custom_template = data.StringOr("template_mode", "default") == "custom";
  v.summary = data.StringOr("summary", "");
  v.created_by = data.StringOr("created_by", "");
  v.created_at = record.created_at;
  v.published_at = TimeMember(data, "published_at");
  return v;
}

std::string ActorOf(const model::Principal& who) {
  return who.uid.empty() ? std::string("system") : "api_key:" + who.uid.substr(0, 8);
}

class Checker {
 public:
  DesignFindings Run(const Value& design) && {
    static constexpr std::array<std::string_view, 5> kMembers = {
        "theme_tokens", "layout", "template", "template_mode", "summary"};
    if (!design.IsObject()) {
      Bad("", "Expected object");
      return std::move(findings_);
    }
    for (const auto& [name, value] : design.AsObject()) {
      if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
        Bad(name, "Unrecognized key");
      }
    }
    if (const Value* tokens = design.Find("theme_tokens")) Tokens(*tokens);
    if (const Value* layout = design.Find("layout")) Layout(*layout);
    Template(design);
    if (const Value* summary = design.Find("summary"); summary != nullptr && !summary->IsNull()) {
      if (!summary->IsString() || summary->AsString().empty() ||
          summary->AsString().size() > kMaxSummaryBytes) {
        Bad("summary", "Expected a text of 1 to 500 characters");
      }
    }
    return std::move(findings_);
  }

 private:
  void Bad(std::string path, std::string message) {
    findings_.errors.push_back({"INVALID_SCHEMA", std::move(path), std::move(message)});
  }

  // Calls `member` for each member; false when this is no object.
  template <class F>
  void EachMember(const Value& object, const std::string& path, F&& member) {
    if (object.IsNull()) return;
    if (!object.IsObject()) return Bad(path, "Expected object");
    for (const auto& [name, value] : object.AsObject()) {
      if (!member(name, value)) Bad(path + "." + name, "Unrecognized key");
    }
  }

  void Colour(const Value& value, const std::string& path) {
    if (value.IsNull()) return;
    if (!value.IsString() || !IsColour(value.AsString())) Bad(path, "Expected #RRGGBB");
  }

  void Url(const Value& value, const std::string& path) {
    if (value.IsNull()) return;
    const bool fine =
        value.IsString() && value.AsString().size() <= kMaxUrlBytes &&
        (value.AsString().starts_with("https://") || value.AsString().starts_with("http://") ||
         value.AsString().starts_with("/"));
    if (!fine) Bad(path, "Expected a URL");
  }

  void Tokens(const Value& tokens) {
    EachMember(tokens, "theme_tokens", [&](const std::string& name, const Value& value) {
      if (name == "brand") {
        EachMember(value, "theme_tokens.brand", [&](const std::string& colour, const Value& text) {
          if (colour != "primary" && colour != "secondary") return false;
          Colour(text, "theme_tokens.brand." + colour);
          return true;
        });
      } else if (name == "font") {
        EachMember(value, "theme_tokens.font", [&](const std::string& member, const Value& text) {
          if (member != "family") return false;
          if (!text.IsNull() && (!text.IsString() || FindFont(text.AsString()).empty())) {
            Bad("theme_tokens.font.family", "Invalid font_family");
          }
          return true;
        });
      } else if (name == "logo_url" || name == "favicon_url") {
        Url(value, "theme_tokens." + name);
      } else {
        return false;
      }
      return true;
    });
  }

  void Layout(const Value& layout) {
    EachMember(layout, "layout", [&](const std::string& name, const Value& value) {
      if (name != "sections") return false;
      if (!value.IsList() || value.AsList().size() > kMaxSections) {
        Bad("layout.sections", "Expected a list of at most 20 sections");
        return true;
      }
      std::vector<std::string> seen;
      for (size_t i = 0; i < value.AsList().size(); ++i) {
        Section(value.AsList()[i], "layout.sections[" + std::to_string(i) + "]", seen);
      }
      return true;
    });
  }

  void Section(const Value& section, const std::string& path, std::vector<std::string>& seen) {
    if (!section.IsObject()) return Bad(path, "Expected object");
    EachMember(section, path, [&](const std::string& name, const Value& value) {
      if (name == "type") return true;
      if (name == "enabled") {
        if (!value.IsBool()) Bad(path + ".enabled", "Expected boolean");
        return true;
      }
      if (name != "props") return false;
      if (!value.IsObject()) Bad(path + ".props", "Expected object");
      return true;
    });
    const std::string type = section.StringOr("type", "");
    if (std::find(kSections.begin(), kSections.end(), type) == kSections.end()) {
      return Bad(path + ".type", "Invalid section type");
    }
    if (std::find(seen.begin(), seen.end(), type) != seen.end()) {
      findings_.warnings.push_back({"DUPLICATE_SECTION", path, "Section appears more than once"});
    }
    seen.push_back(type);
  }

  void Template(const Value& design) {
    const Value* mode = design.Find("template_mode");
    if (mode != nullptr &&
        (!mode->IsString() || (mode->AsString() != "default" && mode->AsString() != "custom"))) {
      Bad("template_mode", "Expected default or custom");
    }
    const Value* text = design.Find("template");
    const bool has_text = text != nullptr && text->IsString() && !text->AsString().empty();
    if (mode != nullptr && mode->IsString() && mode->AsString() == "custom" && !has_text) {
      findings_.warnings.push_back(
          {"EMPTY_TEMPLATE", "template", "The custom template is empty; the default one is shown"});
    }
    if (text == nullptr || text->IsNull()) return;
    if (!text->IsString() || text->AsString().size() > kMaxTemplateBytes) {
      return Bad("template", "Expected a text of at most 65536 characters");
    }
    if (!IsSafeHtml(text->AsString())) {
      findings_.errors.push_back(
          {"UNSAFE_TEMPLATE", "template", "Template contains unsafe HTML content"});
    }
  }

  DesignFindings findings_;
};

// The design members of a version, as CheckDesign reads them.
Value MembersOf(const DesignVersion& version) {
  Value design;
  design.Set("theme_tokens", version.theme_tokens);
  design.Set("layout", version.layout);
  design.Set("template", version.page_template);
  design.Set("template_mode", version.custom_template ? "custom" : "default");
  if (!version.summary.empty()) design.Set("summary", version.summary);
  return design;
}

void ApplyChanges(DesignVersion& version, const Value& changes) {
  if (const Value* v = changes.Find("theme_tokens")) version.theme_tokens = *v;
  if (const Value* v = changes.Find("layout")) version.layout = *v;
  if (const Value* v = changes.Find("template")) version.page_template = *v;
  if (changes.Find("template_mode") != nullptr) {
    version.custom_template = changes.StringOr("template_mode", "") == "custom";
  }
  if (changes.Find("summary") != nullptr) version.summary = changes.StringOr("summary", "");
}

Value DataOf(const DesignVersion& version) {
  Value data = MembersOf(version);
  data.Set("number", version.number);
  data.Set("state", StateName(version.state));
  data.Set("base", version.base);
  data.Set("summary", version.summary);
  data.Set("created_by", version.created_by);
  data.Set("published_at", TimeValue(version.published_at));
  return data;
}

Error BadDesign(const DesignFindings& findings) {
  Error error(ErrorKind::kInvalid, findings.errors.front().message);
  for (const DesignProblem& problem : findings.errors) {
    error.fields.push_back({problem.path, problem.message});
  }
  return error;
}

struct PageRecords {
  std::vector<model::Record> all;  // newest first
  const model::Record* current = nullptr;
  const model::Record* draft = nullptr;
};

Result<PageRecords> Load(store::Store& store, store::Session& session, model::OrgId org,
                         const model::Page& page) {
  PageRecords found;
  PHAROS_ASSIGN_OR_RETURN(found.all, store.records().List(session, org, kDesigns,
                                                          {.parent = page.uid,
                                                           .newest_first = true,
                                                           .limit = DesignService::kMaxVersions}));
  for (const model::Record& record : found.all) {
    const DesignState state = ParseState(record.data.StringOr("state", ""));
    if (state == DesignState::kDraft && found.draft == nullptr) found.draft = &record;
    if (state == DesignState::kPublished && found.current == nullptr) found.current = &record;
  }
  return found;
}

// What a new draft of the page begins with.
DesignVersion Beginning(const PageRecords& records) {
  DesignVersion version;
  if (records.current != nullptr) {
    version = FromRecord(*records.current);
    version.base = version.uid;
  }
  version.uid.clear();
  version.summary.clear();
  version.state = DesignState::kDraft;
  version.published_at.reset();
  version.number = records.all.empty() ? 1 : records.all.front().data.IntOr("number", 0) + 1;
  return version;
}

void SetText(Value& look, std::string_view name, const Value* value) {
  if (value != nullptr && value->IsString()) look.Set(name, *value);
}

// The page's own fields follow what was published.
void ApplyToPage(const DesignVersion& version, model::Page& page) {
  Value& look = page.look;
  if (look.IsNull()) look = Value(Value::Object());
  if (const Value* brand = version.theme_tokens.Find("brand")) {
    SetText(look, "primary_color", brand->Find("primary"));
    SetText(look, "secondary_color", brand->Find("secondary"));
  }
  if (const Value* font = version.theme_tokens.Find("font")) {
    const std::string_view family = FindFont(font->StringOr("family", ""));
    if (!family.empty()) look.Set("font_family", family);
  }
  if (const Value* logo = version.theme_tokens.Find("logo_url")) {
    page.logo = logo->IsString() ? std::optional(logo->AsString()) : std::nullopt;
  }
  SetText(look, "favicon_url", version.theme_tokens.Find("favicon_url"));
  if (const Value* sections = version.layout.Find("sections")) {
    look.Set("layout", version.layout);
    const auto shown = [&](std::string_view type) {
      return std::any_of(sections->AsList().begin(), sections->AsList().end(), [&](const Value& s) {
        return s.StringOr("type", "") == type && s.BoolOr("enabled", true);
      });
    };
    look.Set("show_subscribe_form", shown("subscribe_panel"));
    look.Set("show_incident_history", shown("incident_timeline"));
    look.Set("show_uptime_graph", shown("uptime_chart"));
  }
  look.Set("custom_template", version.custom_template ? version.page_template : Value());
}

}  // namespace

std::string_view FindFont(std::string_view name) {
  constexpr std::array<std::string_view, 7> kFonts = {
      "inter", "dm-sans", "space-grotesk", "jetbrains-mono", "poppins", "merriweather", "system"};
  if (name == "mono") return "jetbrains-mono";
  if (name == "serif") return "merriweather";
  const auto it = std::find(kFonts.begin(), kFonts.end(), name);
  return it == kFonts.end() ? std::string_view() : *it;
}

bool IsColour(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

DesignFindings CheckDesign(const Value& design) { return Checker().Run(design); }

DesignVersion DesignService::Derived(const model::Page& page) {
  DesignVersion version;
  version.state = DesignState::kPublished;
  Value brand;
  brand.Set("primary", page.look.StringOr("primary_color", "#22c55e"));
  brand.Set("secondary", page.look.StringOr("secondary_color", "#3b82f6"));
  Value font;
  font.Set("family", page.look.StringOr("font_family", "inter"));
  version.theme_tokens.Set("brand", std::move(brand));
  version.theme_tokens.Set("font", std::move(font));
  version.theme_tokens.Set("logo_url", page.logo ? Value(*page.logo) : Value());
  version.theme_tokens.Set("favicon_url", MemberOr(page.look, "favicon_url"));
  version.layout = MemberOr(page.look, "layout");
  version.page_template = MemberOr(page.look, "custom_template");
  version.custom_template = version.page_template.IsString();
  return version;
}

Result<DesignOverview> DesignService::Overview(const model::Principal& who,
                                               const model::Page& page) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const PageRecords records, Load(context_.store, *session, who.org, page));
  DesignOverview overview;
  if (records.current != nullptr) overview.current = FromRecord(*records.current);
  if (records.draft != nullptr) overview.draft = FromRecord(*records.draft);
  return overview;
}

Result<std::vector<DesignVersion>> DesignService::List(const model::Principal& who,
                                                       const model::Page& page, int limit) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(
      const auto records,
      context_.store.records().List(
          *session, who.org, kDesigns,
          {.parent = page.uid, .newest_first = true, .limit = std::min(limit, kMaxVersions)}));
  std::vector<DesignVersion> versions;
  for (const model::Record& record : records) versions.push_back(FromRecord(record));
  return versions;
}

Result<DesignVersion> DesignService::Get(const model::Principal& who, const model::Page& page,
                                         std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(
      const model::Record record,
      RequireRecord(context_.store, *session, who.org, kDesigns, uid, "Design version not found"));
  if (record.parent != page.uid) return Error(ErrorKind::kNotFound, "Design version not found");
  return FromRecord(record);
}

Result<DesignService::Saved> DesignService::PutDraft(const model::Principal& who,
                                                     const model::Page& page,
                                                     const Value& changes) {
  if (const DesignFindings findings = CheckDesign(changes); !findings.errors.empty()) {
    return BadDesign(findings);
  }
  const Timestamp now = context_.clock.Now();
  Saved saved;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        auto& records = context_.store.records();
        PHAROS_ASSIGN_OR_RETURN(const PageRecords found, Load(context_.store, tx, who.org, page));
        const bool fresh = found.draft == nullptr;
        model::Record record;
        DesignVersion version;
        if (fresh) {
          version = Beginning(found);
          version.created_by = ActorOf(who);
          record = NewRecord(who.org, kDesigns, {}, now);
          record.parent = page.uid;
        } else {
          record = *found.draft;
          version = FromRecord(record);
        }
        ApplyChanges(version, changes);
        record.data = DataOf(version);
        record.updated_at = now;
        if (fresh) {
          PHAROS_ASSIGN_OR_RETURN(record, records.Insert(tx, std::move(record)));
          PHAROS_RETURN_IF_ERROR(records.Trim(tx, kDesigns, Timestamp(), kMaxVersions));
        } else {
          PHAROS_RETURN_IF_ERROR(records.Update(tx, record));
        }
        saved.draft = FromRecord(record);
        return MakeAudit(who, fresh ? "design_version.created" : "design_version.updated",
                         {"design_version", record.uid}, now);
      }));
  saved.warnings = CheckDesign(MembersOf(saved.draft)).warnings;
  return saved;
}

Result<DesignFindings> DesignService::Check(const model::Principal& who, const model::Page& page,
                                            const Value& changes) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const PageRecords found, Load(context_.store, *session, who.org, page));
  DesignVersion version = found.draft != nullptr ? FromRecord(*found.draft) : Beginning(found);
  Value design = MembersOf(version);
  if (changes.IsObject()) {
    for (const auto& [name, value] : changes.AsObject()) design.Set(name, value);
  }
  return CheckDesign(design);
}

Result<DesignVersion> DesignService::Publish(const model::Principal& who, const model::Page& page,
                                             std::string_view expected) {
  const Timestamp now = context_.clock.Now();
  DesignVersion published;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        auto& records = context_.store.records();
        PHAROS_ASSIGN_OR_RETURN(const PageRecords found, Load(context_.store, tx, who.org, page));
        if (found.draft == nullptr) return Error(ErrorKind::kNotFound, "No draft to publish");
        if (found.draft->uid != expected) {
          return Error(ErrorKind::kConflict, "The draft is another one than expected");
        }
        published = FromRecord(*found.draft);
        const DesignFindings findings = CheckDesign(MembersOf(published));
        if (!findings.errors.empty()) return BadDesign(findings);
        if (found.current != nullptr) {
          model::Record old = *found.current;
          old.data.Set("state", StateName(DesignState::kArchived));
          old.updated_at = now;
          PHAROS_RETURN_IF_ERROR(records.Update(tx, old));
        }
        published.state = DesignState::kPublished;
        published.published_at = now;
        model::Record record = *found.draft;
        record.data = DataOf(published);
        record.updated_at = now;
        PHAROS_RETURN_IF_ERROR(records.Update(tx, record));
        // The stored page, not the caller's copy: somebody may have changed it meanwhile.
        PHAROS_ASSIGN_OR_RETURN(auto stored, context_.store.pages().Find(tx, who.org, page.id));
        if (!stored) return Error(ErrorKind::kNotFound, "Page not found");
        ApplyToPage(published, *stored);
        stored->updated_at = now;
        PHAROS_RETURN_IF_ERROR(context_.store.pages().Update(tx, *stored));
        return MakeAudit(who, "design_version.published", {"design_version", record.uid}, now);
      }));
  context_.notices.Publish({{notices::Notice::Kind::kPage, who.org, model::MonitorId()}});
  return published;
}

}  // namespace pharos::service
