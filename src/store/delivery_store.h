#pragma once

#include <vector>

#include "base/result.h"
#include "model/delivery.h"
#include "store/session.h"

namespace pharos::store {

class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  virtual Result<model::Channel> InsertChannel(Transaction& tx, model::Channel channel) = 0;
  // Error: kNotFound.
  virtual Status UpdateChannel(Transaction& tx, const model::Channel& channel) = 0;
  virtual Result<std::vector<model::Channel>> ListChannels(Session& session, model::OrgId org) = 0;
  virtual Result<std::vector<model::Channel>> ListAllChannels(Session& session) = 0;

  // A second insert with the same channel and de-duplication key changes nothing and succeeds.
  virtual Status Insert(Transaction& tx, const model::Delivery& delivery) = 0;
  // Takes up to `limit` rows that are due (pending and due_at <= now, or claimed with a void
  // claim), each by a conditional update that must hit exactly one row; sets claimed_until,
  // attempts + 1.
  virtual Result<std::vector<model::Delivery>> Claim(Transaction& tx, Timestamp now,
                                                     Timestamp claim_until, int limit) = 0;
  // Writes state, due_at, last_error of a claimed row.
  virtual Status Finish(Transaction& tx, const model::Delivery& delivery) = 0;
  virtual Result<std::vector<model::Delivery>> List(Session& session, model::OrgId org,
                                                    int limit) = 0;
};

}  // namespace pharos::store
