#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/page.h"
#include "store/session.h"

namespace pharos::store {

// Status pages. A path is unique in its organisation, a custom domain over all of them.
class PageStore {
 public:
  virtual ~PageStore() = default;
  // Error: kConflict (field "path" or "custom_domain").
  virtual Result<model::Page> Insert(Transaction& tx, model::Page page) = 0;
  // Replaces everything but id, org, uid and created_at. Errors: kNotFound, kConflict.
  virtual Status Update(Transaction& tx, const model::Page& page) = 0;
  virtual Status Delete(Transaction& tx, model::OrgId org, model::PageId id) = 0;
  virtual Result<std::optional<model::Page>> Find(Session& session, model::OrgId org,
                                                  model::PageId id) = 0;
  virtual Result<std::optional<model::Page>> FindByUid(Session& session, model::OrgId org,
                                                       std::string_view uid) = 0;
  virtual Result<std::optional<model::Page>> FindByPath(Session& session, model::OrgId org,
                                                        std::string_view path) = 0;
  // Ascending id.
  virtual Result<std::vector<model::Page>> List(Session& session, model::OrgId org) = 0;
  virtual Result<std::vector<model::Page>> ListAll(Session& session) = 0;
};

}  // namespace pharos::store
