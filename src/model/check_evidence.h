#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/check_result.h"
#include "model/ids.h"
#include "model/status.h"

namespace pharos::model {

inline constexpr size_t kMaxEvidenceBytes = 8 * 1024;  // of one check, written as JSON
inline constexpr size_t kMaxEvidenceBody = 1024;       // first bytes of an answer's body

// What one check saw: kept of failures and, now and then, of a check that went well, so that people
// see what is different. All texts are printable UTF-8 without secrets.
struct CheckEvidence {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  struct Address {
    std::string address;
    std::string outcome;  // "connected", "refused", "no answer", "not tried", "failed: ..."
    bool operator==(const Address&) const = default;
  };
  struct Certificate {
    std::string subject;
    std::string issuer;
    std::string fingerprint;
    Timestamp valid_from{};
    Timestamp valid_to{};
    bool operator==(const Certificate&) const = default;
  };
  struct Redirect {
    int status = 0;
    std::string location;
    bool operator==(const Redirect&) const = default;
  };

  std::vector<Address> addresses;  // what the host stands for, in the order of the tries
  std::string remote_address;
  std::vector<std::pair<std::string, int64_t>> phases;  // microseconds
  std::vector<Certificate> chain;                       // the server's own first
  int status = 0;                                       // of HTTP
  std::string http_version;
  Pairs headers;
  std::string body;         // the first kMaxEvidenceBody bytes
  int64_t body_bytes = -1;  // all that was read; -1 = there was no body to read
  std::string body_digest;  // of the first bytes, to tell same from different
  std::vector<Redirect> redirects;
  std::vector<std::string> attempts;  // what each earlier try of the same check said
  Pairs facts;                        // what the kind has to say beyond that

  bool operator==(const CheckEvidence&) const = default;
};

// As it is stored and shown; members without a value are left out.
Value ToValue(const CheckEvidence& evidence);
// Reads what ToValue wrote; what does not fit is left at its default.
CheckEvidence EvidenceFrom(const Value& value);

// At most `max_bytes`, control characters and what is no UTF-8 as dots; safe for a terminal.
std::string Printable(std::string_view text, size_t max_bytes);
// Cuts lists and texts until the whole is at most kMaxEvidenceBytes, the least telling first. Makes
// all texts printable.
void Bound(CheckEvidence& evidence);

// Evidence as it is kept.
struct EvidenceRecord {
  OrgId org;
  MonitorId monitor;
  Timestamp at{};  // of the check
  Status status = Status::kNoData;
  CheckOutcome outcome = CheckOutcome::kAnswered;
  std::string message;
  CheckEvidence seen;
  bool IsGood() const { return status == Status::kUp; }
};

}  // namespace pharos::model
