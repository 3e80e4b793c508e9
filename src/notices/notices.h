#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/guarded.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::notices {

// A hint after a commit that something a visitor may see has changed. Lossy by design: whoever
// misses one repairs itself at its next regular look.
struct Notice {
  enum class Kind : uint8_t {
    kSample,       // a monitor has a new sample; nothing else changed
    kTransition,   // a monitor's shown status changed
    kMonitor,      // a monitor was created, changed or deleted
    kIncident,     // an incident or its timeline changed
    kSite,         // settings of the site changed
    kMaintenance,  // planned work or one of its occurrences changed
    kPage,         // a status page was made, changed or removed
    kEvent,        // the outbox has a new entry
    kDelivery,     // a delivery is waiting to be sent
  };
  Kind kind = Kind::kSample;
  model::OrgId org;
  model::MonitorId monitor;  // of the first three; otherwise unset
};

// Fans hints out to subscribers. Thread-safe. Subscribers run on the publisher's thread and must
// only set a flag or post to their own loop.
class Board {
 public:
  using Subscriber = std::function<void(const std::vector<Notice>&)>;

  // Lives until the returned token is destroyed, which waits for a call that is under way. One
  // call at a time; a subscriber neither publishes nor destroys its own token.
  class Token {
   public:
    virtual ~Token() = default;
  };
  [[nodiscard]] std::unique_ptr<Token> Subscribe(Subscriber subscriber);
  void Publish(const std::vector<Notice>& notices) const;

  Board();

 private:
  struct Slot {
    std::mutex mutex;
    Subscriber call;  // empty when the token is gone
  };
  struct Entry {
    uint64_t id;
    std::shared_ptr<Slot> slot;
  };
  struct Shared {
    uint64_t next_id = 1;
    std::vector<Entry> entries;
  };
  std::shared_ptr<Guarded<Shared>> shared_;
};

}  // namespace pharos::notices
