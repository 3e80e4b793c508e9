#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "store/session.h"

namespace pharos::store {

// The outbox: what happened, in order. Readers keep their place in the store, so that an event is
// reacted to exactly once when the reaction and the new place are written in one transaction.
class EventStore {
 public:
  virtual ~EventStore() = default;
  // Assigns the id; ids ascend in order of commit.
  virtual Status Append(Transaction& tx, const model::Event& event) = 0;
  // Ascending id, above `after`.
  virtual Result<std::vector<model::Event>> ListAfter(Session& session, model::EventId after,
                                                      int limit) = 0;
  // The last event that `reader` has dealt with; zero at first.
  virtual Result<model::EventId> PlaceOf(Session& session, std::string_view reader) = 0;
  virtual Status SetPlace(Transaction& tx, std::string_view reader, model::EventId place) = 0;
  // Removes events before `before` that every reader has dealt with.
  virtual Status Prune(Transaction& tx, Timestamp before) = 0;
};

}  // namespace pharos::store
