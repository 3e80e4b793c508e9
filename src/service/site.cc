#include "service/site.h"

#include <utility>

#include "service/audit.h"
#include "store/audit_store.h"

namespace pharos::service {

Result<std::vector<SiteEntry>> SiteService::List(model::OrgId org) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.site().List(*session, org);
}

Result<std::optional<SiteEntry>> SiteService::Find(model::OrgId org, std::string_view key) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return context_.store.site().Find(*session, org, key);
}

Status SiteService::Put(const model::Principal& who, SiteEntry entry) {
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(context_.store.site().Upsert(tx, who.org, entry));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "site.update", "site:" + entry.key, context_.clock.Now()));
  }));
  context_.notices.Publish({{notices::Notice::Kind::kSite, who.org, model::MonitorId()}});
  return Ok();
}

Status SiteService::Seed(model::OrgId org, const std::vector<SiteEntry>& entries) {
  return context_.store.Write([&](store::Transaction& tx) -> Status {
    for (const SiteEntry& entry : entries) {
      PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.site().Find(tx, org, entry.key));
      if (!found) PHAROS_RETURN_IF_ERROR(context_.store.site().Upsert(tx, org, entry));
    }
    return Ok();
  });
}

}  // namespace pharos::service
