#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/delivery.h"
#include "store/session.h"

namespace pharos::store {

class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  virtual Result<model::Channel> InsertChannel(Transaction& tx, model::Channel channel) = 0;
  // Replaces everything but id, org, uid and created_at. Error: kNotFound.
  virtual Status UpdateChannel(Transaction& tx, const model::Channel& channel) = 0;
  // What waits for it and its attempts go with it. Error: kNotFound.
  virtual Status DeleteChannel(Transaction& tx, model::OrgId org, model::ChannelId id) = 0;
  virtual Result<std::optional<model::Channel>> FindChannel(Session& session, model::OrgId org,
                                                            model::ChannelId id) = 0;
  virtual Result<std::optional<model::Channel>> FindChannelByUid(Session& session, model::OrgId org,
                                                                 std::string_view uid) = 0;
  // Ascending id.
  virtual Result<std::vector<model::Channel>> ListChannels(Session& session, model::OrgId org) = 0;

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

  // Keeps the newest hundred of each channel.
  virtual Status InsertAttempt(Transaction& tx, const model::DeliveryAttempt& attempt) = 0;
  // Newest first.
  virtual Result<std::vector<model::DeliveryAttempt>> ListAttempts(Session& session,
                                                                   model::OrgId org,
                                                                   model::ChannelId channel,
                                                                   int limit) = 0;
  // Removes sent and failed rows that are older than `before`.
  virtual Status Prune(Transaction& tx, Timestamp before) = 0;
};

}  // namespace pharos::store
