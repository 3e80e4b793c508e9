#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/delivery.h"
#include "model/principal.h"
#include "notify/catalog.h"
#include "service/context.h"
#include "store/delivery_store.h"

namespace pharos::service {

// Use cases of channels and outgoing webhooks (a channel of scope kSubscription). Every call is
// limited to the principal's organisation. Thread-safe; blocks on the store except Test. Errors:
// kNotFound ("Channel not found"), kInvalid with fields "name", "kind", "config.<field>",
// "monitors", "events".
class ChannelService {
 public:
  ChannelService(const Context& context, const notify::Catalog& catalog, notify::Tools tools)
      : ChannelService(context.store, context.directory, context.clock, catalog, tools) {}
  // Beside a running server, which reads channels anew for each event. Everything outlives the
  // service. Tools without an HTTP client do for everything but Test.
  ChannelService(store::Store& store, const store::MonitorDirectory& directory, const Clock& clock,
                 const notify::Catalog& catalog, notify::Tools tools)
      : store_(store), directory_(directory), clock_(clock), catalog_(catalog), tools_(tools) {}

  const notify::Catalog& catalog() const { return catalog_; }

  Result<std::vector<model::Channel>> List(const model::Principal& who) const;
  Result<model::Channel> Get(const model::Principal& who, model::ChannelId id) const;
  Result<model::Channel> GetByUid(const model::Principal& who, std::string_view uid) const;
  Result<model::Channel> Create(const model::Principal& who, model::Channel draft);
  using Change = std::function<Status(model::Channel&)>;
  Result<model::Channel> Update(const model::Principal& who, model::ChannelId id,
                                const Change& change);
  Status Delete(const model::Principal& who, model::ChannelId id);
  // Links and unlinks channels of scope kLinked so that exactly these tell of the monitor.
  Status SetChannelsOf(const model::Principal& who, model::MonitorId monitor,
                       const std::vector<model::ChannelId>& channels);

  // Sends one test message now, also through a disabled channel; a single attempt, logged. `done`
  // is called exactly once, on any thread; status_code 0 when there is none.
  struct TestOutcome {
    bool delivered = false;
    std::string error;
    int status_code = 0;
    Timestamp at{};
  };
  void Test(const model::Principal& who, model::ChannelId id,
            std::function<void(Result<TestOutcome>)> done);

  // Newest first.
  Result<std::vector<model::DeliveryAttempt>> Attempts(const model::Principal& who,
                                                       model::ChannelId id, int limit) const;

 private:
  store::Store& store_;
  const store::MonitorDirectory& directory_;
  const Clock& clock_;
  const notify::Catalog& catalog_;
  notify::Tools tools_;
};

}  // namespace pharos::service
