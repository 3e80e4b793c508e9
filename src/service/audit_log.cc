#include "service/audit_log.h"

namespace pharos::service {

Result<AuditService::Page> AuditService::List(const model::Principal& who,
                                              const AuditQuery& query) const {
  Page page;
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(page.entries, context_.store.audit().List(*session, who.org, query));
  PHAROS_ASSIGN_OR_RETURN(page.total, context_.store.audit().Count(*session, who.org, query));
  return page;
}

}  // namespace pharos::service
