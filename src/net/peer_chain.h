#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace pharos::net {

// One certificate as a server showed it. Texts are valid UTF-8 and bounded.
struct PeerCertificate {
  std::string subject;        // "CN=shop.example, O=Shop"
  std::string issuer;         //
  std::string subject_name;   // common name, else organisation, else the whole subject
  std::string issuer_name;    //
  std::string serial_number;  // upper-case hexadecimal
  std::string fingerprint;    // "SHA256:AB:CD:..." over the DER form
  Timestamp valid_from{};
  Timestamp valid_to{};
  std::vector<std::string> names;  // subjectAltName: DNS names and addresses, at most 100
};

enum class ChainProblem : uint8_t {
  kExpired,
  kNotYetValid,
  kSelfSigned,     // the server's own certificate, and nobody trusts it
  kUntrustedRoot,  // the chain ends at a root that is not trusted
  kIncomplete,     // an issuer is neither sent nor known
  kWrongHost,
  kOther,  // for example a broken signature or a certificate that may not issue others
};
// "expired", "not_yet_valid", ...
std::string_view ChainProblemName(ChainProblem problem);

// What a server showed in a TLS handshake and what is wrong with it. Nothing is enforced: all
// problems are reported, each once.
struct PeerChain {
  struct Finding {
    ChainProblem problem;
    std::string text;  // for people
  };
  std::vector<PeerCertificate> certificates;  // the server's own first, at most 10
  std::vector<Finding> findings;
  std::string protocol;  // "TLSv1.3"
  std::string cipher;

  bool Has(ChainProblem problem) const {
    for (const Finding& finding : findings) {
      if (finding.problem == problem) return true;
    }
    return false;
  }
};

}  // namespace pharos::net
