#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/value.h"
#include "model/field_spec.h"
#include "model/ids.h"
#include "net/http_client.h"
#include "net/mail_client.h"

namespace pharos::notify {

// What a channel may use; everything outlives it.
struct Tools {
  net::HttpClient* http = nullptr;
  const Clock* clock = nullptr;
  net::MailClient* mail = nullptr;  // nullptr = this installation sends no mail
  // An organisation's own Twilio account: "account_sid", "auth_token", "phone_number"; absent
  // members and an empty function mean that it has none. Called on the sending thread; may read the
  // store.
  std::function<Value(model::OrgId)> phone_account{};
  // The value of "$NAME" in addresses and headers of an organisation's channels; may be empty.
  // Never used for what a message says, which strangers have a hand in.
  std::function<std::optional<std::string>(model::OrgId, std::string_view name)> secrets{};
};

// How one attempt to send ended. kRetry: worth another try, not before `retry_after_s` if that is
// set. kRejected: this message will never be accepted, the next one may be. kPermanent: trying
// again cannot help; the channel is disabled.
struct SendOutcome {
  enum class Kind : uint8_t { kSent, kRetry, kRejected, kPermanent };
  Kind kind = Kind::kRetry;
  std::string error{};  // for people and the log: no secrets
  int retry_after_s = 0;
  int status_code = 0;    // of an HTTP answer or the mail server's reply; 0 = none came
  std::string payload{};  // what was sent, without secrets
};
using SendDone = std::function<void(SendOutcome)>;

// One message, prepared once; a channel only lays it out. `message` holds neutral facts, described
// in docs/architecture/messages.md.
struct Outgoing {
  std::string event;      // "monitor.down", "incident.created", "test"
  std::string dedup_key;  // the same for every attempt
  Value message{};
  model::OrgId org{};
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
  // When to try again after the first, second ... failure; nullopt = the usual back-off
  // (delivery/retry_policy.h).
  virtual std::optional<std::vector<Duration>> RetryWaits(const Value& /*config*/) const {
    return std::nullopt;
  }
  // One attempt. Calls `done` exactly once, on any thread, within `timeout`.
  virtual void Send(const Outgoing& outgoing, const Value& config, Duration timeout,
                    const Tools& tools, SendDone done) const = 0;
};

}  // namespace pharos::notify
