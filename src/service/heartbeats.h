#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "model/status.h"
#include "service/context.h"

namespace pharos::service {

// Receives signals of heartbeat monitors. Thread-safe, never blocks: the answer comes after the
// commit (architecture D5).
class HeartbeatService {
 public:
  explicit HeartbeatService(const Context& context) : context_(context) {}

  using Done = std::function<void(Result<Timestamp> recorded_at)>;
  // The public push with a secret in the URL (product.md 2.10), in the default organisation.
  // Errors: kNotFound ("Monitor not found": none, paused or of another kind), kUnauthenticated
  // ("Invalid heartbeat secret"), kUnavailable. `done` is called exactly once, on any thread.
  void RecordWithSecret(model::OrgId org, std::string_view tag, std::string_view secret, Done done);

 private:
  Context context_;
};

}  // namespace pharos::service
