#pragma once

#include <string>

#include "base/time.h"

namespace pharos::net {

// A P-256 key and certificate made in memory, for tests.
struct TestCertificate {
  std::string cert_pem;
  std::string key_pem;
};

struct TestCertificateOptions {
  std::string common_name = "test";
  std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName as OpenSSL writes it
  Duration valid_from = -Hours(1);                   // relative to now
  Duration valid_until = Hours(24);
  const TestCertificate* issuer = nullptr;  // self-signed without one
  bool is_ca = false;
  int rsa_bits = 0;               // instead of the P-256 key
  const char* digest = "SHA256";  // of the signature
};

TestCertificate MakeTestCertificate(const TestCertificateOptions& options = {});

}  // namespace pharos::net
