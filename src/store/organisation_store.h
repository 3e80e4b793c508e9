#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/organisation.h"
#include "store/session.h"

namespace pharos::store {

class OrganisationStore {
 public:
  virtual ~OrganisationStore() = default;
  // Its default page comes with it: home path, titled "Status", with all monitors. Error: kConflict
  // when the name is taken.
  virtual Result<model::Organisation> Insert(Transaction& tx, model::Organisation org) = 0;
  virtual Result<model::Organisation> LoadByName(Session& session, std::string_view name) = 0;
  virtual Result<std::vector<model::Organisation>> List(Session& session) = 0;
};

}  // namespace pharos::store
