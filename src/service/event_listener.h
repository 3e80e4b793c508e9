#pragma once

#include "base/result.h"
#include "model/event.h"
#include "store/session.h"

namespace pharos::service {

// Reacts to what happened (model/event.h). Registered with the automation, which calls it with each
// event exactly once: the reaction is written in the transaction that also notes the event as dealt
// with.
class EventListener {
 public:
  virtual ~EventListener() = default;
  // On the store's writer thread, inside the transaction: only writes through `tx`, and may run
  // again when the transaction is rolled back. An error keeps the event for another try; errors
  // other than kUnavailable, kTimeout and kInternal are tried five times, then the event is skipped
  // for all reactions and logged.
  virtual Status OnEvent(store::Transaction& tx, const model::Event& event) = 0;
  // On the automation's thread after the commit of one or more events; may be a moment late, or
  // missing when the process died in between.
  virtual void OnCommitted() {}
};

}  // namespace pharos::service
