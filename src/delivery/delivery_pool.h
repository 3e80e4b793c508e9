#pragma once

#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "notices/notices.h"
#include "notify/catalog.h"
#include "store/store.h"

namespace pharos::delivery {

struct DeliverySettings {
  int max_in_flight = 64;
  int claim_batch = 32;
  Duration attempt_timeout = Seconds(15);
  Duration claim_for = Seconds(60);  // a claim of a dead process is void after this
  Duration look_every = Seconds(1);  // besides being woken by notices
};

// Sends delivery rows (architecture D8): claims due ones, hands each to its channel, writes the
// outcome and a log row of each attempt. At least once, with back-off (retry_policy.h) or the
// channel's own schedule, and a de-duplication key; a permanent failure fails the row and disables
// the channel. One thread; sending is asynchronous.
class DeliveryPool {
 public:
  static std::unique_ptr<DeliveryPool> Start(const DeliverySettings& settings, store::Store& store,
                                             notices::Board& board, const notify::Catalog& catalog,
                                             const notify::Tools& tools, Metrics& metrics);
  virtual ~DeliveryPool() = default;
  // Claims nothing more, waits for attempts in flight up to `deadline`, joins. Called once.
  virtual void Stop(Duration deadline) = 0;
};

}  // namespace pharos::delivery
