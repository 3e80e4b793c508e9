#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/value.h"
#include "model/delivery.h"
#include "model/event.h"
#include "service/context.h"
#include "store/session.h"

namespace pharos::automation {

// What one batch of events is reacted to with. Made anew whenever the transaction runs.
struct Batch {
  const service::Context& context;
  store::Transaction& tx;
  Timestamp now;
  // Of every organisation that has an event in the batch, with all defaults filled in.
  const std::map<model::OrgId, Value>& settings;
  // What has to be told after the commit.
  std::set<model::OrgId> incidents_of{};   // organisations whose incidents changed
  std::set<model::OrgId> deliveries_of{};  // organisations with new delivery rows
  // Read once for the whole batch, since a storm brings many events of few organisations.
  std::map<model::OrgId, std::vector<model::Channel>> channels{};
};

}  // namespace pharos::automation
