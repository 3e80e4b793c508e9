#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "model/ids.h"
#include "store/session.h"

namespace pharos::store {

// A named setting of an organisation's site. `type` is a word of whoever wrote it and is not
// interpreted here.
struct SiteEntry {
  std::string key;
  Value value;
  std::string type;
};

class SiteStore {
 public:
  virtual ~SiteStore() = default;
  // In order of first insertion.
  virtual Result<std::vector<SiteEntry>> List(Session& session, model::OrgId org) = 0;
  virtual Result<std::optional<SiteEntry>> Find(Session& session, model::OrgId org,
                                                std::string_view key) = 0;
  // Inserts or replaces the value; the type of an existing entry is kept.
  virtual Status Upsert(Transaction& tx, model::OrgId org, const SiteEntry& entry) = 0;
};

}  // namespace pharos::store
