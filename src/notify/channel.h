#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/value.h"
#include "model/field_spec.h"
#include "net/http_client.h"

namespace pharos::notify {

// What a channel may use; everything outlives it.
struct Tools {
  net::HttpClient* http = nullptr;
  const Clock* clock = nullptr;
};

// How one attempt to send ended. kRetry: worth another try, not before `retry_after_s` if that is
// set. kPermanent: trying again cannot help; the channel is disabled.
struct SendOutcome {
  enum class Kind : uint8_t { kSent, kRetry, kPermanent };
  Kind kind = Kind::kRetry;
  std::string error;  // for people and the log: no secrets
  int retry_after_s = 0;
};
using SendDone = std::function<void(SendOutcome)>;

// One message, prepared once; a channel only lays it out.
struct Outgoing {
  std::string event;
  std::string dedup_key;  // the same for every attempt
  Value message;
};

struct Descriptor {
  std::string_view kind;  // "webhook"
  std::string_view title;
  std::vector<model::FieldSpec> fields;
};

// A way to tell people or machines. Stateless, thread-safe.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual const Descriptor& descriptor() const = 0;
  // Checks what single field rows cannot express. Field names are those of the config.
  virtual void Validate(const Value& config, std::vector<FieldError>& problems) const = 0;
  // One attempt. Calls `done` exactly once, on any thread, within `timeout`.
  virtual void Send(const Outgoing& outgoing, const Value& config, Duration timeout,
                    const Tools& tools, SendDone done) const = 0;
};

}  // namespace pharos::notify
