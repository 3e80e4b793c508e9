#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/outbound_policy.h"

namespace pharos::net {

enum class MailSecurity : uint8_t {
  kNone,      // plain text, for a relay on this machine
  kStartTls,  // smtp://, encrypted before anything is said; refused when the server cannot
  kTls,       // smtps://
};

struct MailSettings {
  std::string host;  // empty = no mail is sent
  uint16_t port = 587;
  MailSecurity security = MailSecurity::kStartTls;
  std::string user;  // empty = no authentication
  Secret password;
  std::string from;  // "status@example.org"
  std::string ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
  size_t max_queued = 2'000;
};

struct Mail {
  std::vector<std::string> to;
  std::string text;  // RFC 5322 with CRLF: headers and body
  Duration timeout = Seconds(15);
};

struct MailAnswer {
  bool accepted = false;
  bool is_final = false;  // refused with 5xx, or the policy forbids the server: no use to repeat
  int code = 0;           // the server's last reply; 0 = it never answered
  std::string error;      // for people, no secrets
};
using MailDone = std::function<void(MailAnswer answer)>;

// Hands mails to one mail server, one connection each, on two threads of its own. Every address
// that is connected to is checked by the policy (purpose kNotify). Thread-safe.
class MailClient {
 public:
  // Error: kInvalid for settings that cannot work.
  static Result<std::unique_ptr<MailClient>> Start(MailSettings settings,
                                                   const OutboundPolicy& policy);
  // What is queued ends with "shutting down".
  virtual ~MailClient() = default;

  virtual const MailSettings& settings() const = 0;
  // Always calls `done` exactly once, on one of the client's threads or, when the queue is full,
  // from inside this call.
  virtual void Send(Mail mail, MailDone done) = 0;
};

// An address as it may stand in an envelope: one "@", no blanks, controls, quotes or brackets, at
// most 254 bytes.
bool IsMailAddress(std::string_view address);

}  // namespace pharos::net
