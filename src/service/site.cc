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
        tx, MakeAudit(who, "site.updated", {"site", entry.key}, context_.clock.Now()));
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

std::string SiteService::PublicUrl(model::OrgId org) const {
  const auto entries = List(org);
  return entries ? PublicUrlOf(*entries) : std::string();
}

std::string PublicUrlFrom(std::string_view stored) {
  constexpr std::string_view kSeed = "http://localhost:3000";
  while (!stored.empty() && stored.back() == '/') stored.remove_suffix(1);
  return stored == kSeed ? std::string() : std::string(stored);
}

std::string PublicUrlOf(const std::vector<SiteEntry>& entries) {
  for (const SiteEntry& entry : entries) {
    if (entry.key == "siteURL" && entry.value.IsString()) {
      return PublicUrlFrom(entry.value.AsString());
    }
  }
  return {};
}

}  // namespace pharos::service
