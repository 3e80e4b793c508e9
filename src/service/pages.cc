#include "service/pages.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/crypto.h"
#include "base/password.h"
#include "base/text.h"
#include "service/audit.h"
#include "store/audit_store.h"

namespace pharos::service {
namespace {

constexpr size_t kMaxPathBytes = 255;
constexpr size_t kMaxTextBytes = 64 * 1024;
constexpr size_t kMaxDomainBytes = 253;
constexpr size_t kMaxPasswordBytes = 1024;
constexpr size_t kMaxMonitors = 10'000;

Error NoSuchPage() { return Error(ErrorKind::kNotFound, "Page not found"); }

bool IsPath(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A host name: labels of letters, digits and '-', at least two of them.
bool IsDomain(std::string_view domain) {
  if (domain.size() > kMaxDomainBytes) return false;
  size_t labels = 0;
  for (const std::string_view label : Split(domain, '.')) {
    const bool fine = !label.empty() && label.size() <= 63 && label.front() != '-' &&
                      label.back() != '-' && IsPath(label) &&
                      label.find('_') == std::string_view::npos;
    if (!fine) return false;
    ++labels;
  }
  return labels >= 2;
}

Status Validate(model::Page& page) {
  if (page.path.size() > kMaxPathBytes || !IsPath(page.path)) {
    return Error::Field("path", "path must consist of lowercase letters, digits, '-' and '_'");
  }
  page.custom_domain = AsciiLower(Trim(page.custom_domain));
  if (!page.custom_domain.empty() && !IsDomain(page.custom_domain)) {
    return Error::Field("custom_domain", "custom_domain must be a host name");
  }
  const auto too_long = [](std::string_view text) { return text.size() > kMaxTextBytes; };
  if (too_long(page.title)) return Error::Field("title", "title is too long");
  if (too_long(page.header)) return Error::Field("header", "header is too long");
  if (page.subheader && too_long(*page.subheader)) {
    return Error::Field("subheader", "subheader is too long");
  }
  if (page.logo && too_long(*page.logo)) return Error::Field("logo", "logo is too long");
  if (page.monitors.size() > kMaxMonitors) {
    return Error::Field("monitors", "monitors must be at most 10000");
  }
  if (page.visibility == model::PageVisibility::kPassword && page.password_hash.empty()) {
    return Error::Field("password", "password is required for a page with a password");
  }
  return Ok();
}

// Those that stood on the page before may have been deleted meanwhile.
Status CheckMonitors(const Context& context, const model::Page& page,
                     const std::vector<model::MonitorId>& before) {
  const std::unordered_set<model::MonitorId> known(before.begin(), before.end());
  for (const model::MonitorId id : page.monitors) {
    if (known.contains(id)) continue;
    const store::MonitorPtr monitor = context.directory.Find(id);
    if (monitor == nullptr || monitor->org != page.org) {
      return Error::Field("monitors", "there is no such monitor");
    }
  }
  return Ok();
}

// Never the password, nor its hash.
Value ChangesBetween(const model::Page& before, const model::Page& after) {
  Value changes;
  AddChange(changes, "path", before.path, after.path);
  AddChange(changes, "title", before.title, after.title);
  AddChange(changes, "header", before.header, after.header);
  AddChange(changes, "custom_domain", before.custom_domain, after.custom_domain);
  AddChange(changes, "visibility", static_cast<int>(before.visibility),
            static_cast<int>(after.visibility));
  AddChange(changes, "is_default", before.is_default, after.is_default);
  AddChange(changes, "monitors", static_cast<int64_t>(before.monitors.size()),
            static_cast<int64_t>(after.monitors.size()));
  return changes;
}

// Takes the mark from the page that was the default until now.
Status MoveDefault(store::Store& store, store::Transaction& tx, const model::Page& to) {
  PHAROS_ASSIGN_OR_RETURN(auto pages, store.pages().List(tx, to.org));
  for (model::Page& page : pages) {
    if (!page.is_default || page.id == to.id) continue;
    page.is_default = false;
    PHAROS_RETURN_IF_ERROR(store.pages().Update(tx, page));
  }
  return Ok();
}

void Tell(const Context& context, model::OrgId org) {
  context.notices.Publish({{notices::Notice::Kind::kPage, org, model::MonitorId()}});
}

Result<model::Page> OrNotFound(Result<std::optional<model::Page>> found) {
  if (!found) return Error(std::move(found).error());
  if (!*found) return NoSuchPage();
  return **std::move(found);
}

}  // namespace

bool IsSlug(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<std::vector<model::Page>> PageService::List(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.pages().List(*session, who.org);
}

Result<model::Page> PageService::Get(const model::Principal& who, model::PageId id) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return OrNotFound(context_.store.pages().Find(*session, who.org, id));
}

Result<model::Page> PageService::GetByUid(const model::Principal& who, std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return OrNotFound(context_.store.pages().FindByUid(*session, who.org, uid));
}

Result<model::Page> PageService::GetByPath(const model::Principal& who,
                                           std::string_view path) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return OrNotFound(context_.store.pages().FindByPath(*session, who.org, path));
}

Result<model::Page> PageService::Create(const model::Principal& who, model::Page draft) {
  draft.org = who.org;
  draft.uid = RandomUuid();
  draft.created_at = draft.updated_at = context_.clock.Now();
  PHAROS_RETURN_IF_ERROR(Validate(draft));
  PHAROS_RETURN_IF_ERROR(CheckMonitors(context_, draft, {}));
  model::Page stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, context_.store.pages().Insert(tx, draft));
    if (stored.is_default) PHAROS_RETURN_IF_ERROR(MoveDefault(context_.store, tx, stored));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "status_page.created", {"status_page", stored.uid}, stored.created_at));
  }));
  Tell(context_, who.org);
  return stored;
}

Result<model::Page> PageService::Update(const model::Principal& who, model::PageId id,
                                        const Change& change) {
  model::Page changed;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.pages().Find(tx, who.org, id));
    if (!found) return NoSuchPage();
    changed = *found;
    PHAROS_RETURN_IF_ERROR(change(changed));
    changed.id = found->id;
    changed.org = found->org;
    changed.uid = found->uid;
    changed.created_at = found->created_at;
    // The mark moves to another page; it cannot just be taken off.
    if (found->is_default) changed.is_default = true;
    PHAROS_RETURN_IF_ERROR(Validate(changed));
    PHAROS_RETURN_IF_ERROR(CheckMonitors(context_, changed, found->monitors));
    if (changed.is_default && !found->is_default) {
      PHAROS_RETURN_IF_ERROR(MoveDefault(context_.store, tx, changed));
    }
    PHAROS_RETURN_IF_ERROR(context_.store.pages().Update(tx, changed));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "status_page.updated", {"status_page", changed.uid},
                      context_.clock.Now(), ChangesBetween(*found, changed)));
  }));
  Tell(context_, who.org);
  return changed;
}

Status PageService::Delete(const model::Principal& who, model::PageId id) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.pages().Find(tx, who.org, id));
    if (!found) return NoSuchPage();
    PHAROS_ASSIGN_OR_RETURN(const auto all, context_.store.pages().List(tx, who.org));
    if (all.size() == 1) {
      return Error(ErrorKind::kConflict, "Cannot delete the only status page");
    }
    if (found->is_default) {
      return Error(ErrorKind::kConflict, "Cannot delete the default status page");
    }
    PHAROS_RETURN_IF_ERROR(context_.store.pages().Delete(tx, who.org, id));
    return context_.store.audit().Insert(
        tx,
        MakeAudit(who, "status_page.deleted", {"status_page", found->uid}, context_.clock.Now()));
  }));
  Tell(context_, who.org);
  return Ok();
}

Status PageService::SetPassword(model::Page& page, std::optional<std::string> text) {
  if (!text) {
    page.password_hash.clear();
    return Ok();
  }
  if (text->empty() || text->size() > kMaxPasswordBytes) {
    return Error::Field("password", "password must have between 1 and 1024 bytes");
  }
  page.password_hash = HashPassword(*text);
  return Ok();
}

bool PageService::CheckPassword(const model::Page& page, std::string_view text) {
  return text.size() <= kMaxPasswordBytes && VerifyPassword(page.password_hash, text);
}

}  // namespace pharos::service
