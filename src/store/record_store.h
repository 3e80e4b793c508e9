#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/record.h"
#include "store/session.h"

namespace pharos::store {

struct RecordQuery {
  std::string_view parent = {};  // empty = of any
  bool newest_first = false;     // by id
  std::optional<Timestamp> created_from = {};
  int limit = 1000;
  int offset = 0;
};

// Nouns that are stored whole (model/record.h).
class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // Error: kConflict when the key is taken in the organisation's collection.
  virtual Result<model::Record> Insert(Transaction& tx, model::Record record) = 0;
  // Replaces key, parent, data and updated_at. Errors: kNotFound, kConflict.
  virtual Status Update(Transaction& tx, const model::Record& record) = 0;
  virtual Status Delete(Transaction& tx, model::OrgId org, std::string_view collection,
                        std::string_view uid) = 0;
  virtual Result<std::optional<model::Record>> Find(Session& session, model::OrgId org,
                                                    std::string_view collection,
                                                    std::string_view uid) = 0;
  virtual Result<std::optional<model::Record>> FindByKey(Session& session, model::OrgId org,
                                                         std::string_view collection,
                                                         std::string_view key) = 0;
  // For credentials that tell their organisation: the key alone, in any organisation.
  virtual Result<std::optional<model::Record>> FindByKeyAnywhere(Session& session,
                                                                 std::string_view collection,
                                                                 std::string_view key) = 0;
  virtual Result<std::vector<model::Record>> List(Session& session, model::OrgId org,
                                                  std::string_view collection,
                                                  const RecordQuery& query = {}) = 0;
  virtual Result<int64_t> Count(Session& session, model::OrgId org, std::string_view collection,
                                const RecordQuery& query = {}) = 0;
  // Removes all with that parent.
  virtual Status DeleteChildren(Transaction& tx, model::OrgId org, std::string_view collection,
                                std::string_view parent) = 0;
  // Removes those older than `before`, and of each parent all but the newest `keep`.
  virtual Status Trim(Transaction& tx, std::string_view collection, Timestamp before, int keep) = 0;
};

}  // namespace pharos::store
