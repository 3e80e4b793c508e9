#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"

namespace pharos::net {

struct X509StoreDeleter {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
using X509StorePtr = std::unique_ptr<X509_STORE, X509StoreDeleter>;

// The trust anchors of the client. The bundle is read once and shared by all connections (reading
// it for each one costs 22 ms); it is read again after the file has changed. Belongs to one thread.
class TlsTrust {
 public:
  // Reads nothing yet, so that a start does not wait for it. An unreadable bundle is logged and
  // leaves an empty store: then nothing verifies.
  TlsTrust(std::string bundle_path, const Clock& clock);
  ~TlsTrust();

  // The store for connections that also trust the certificates in `extra_pem` (may be empty), as
  // one more reference to it. Error: kInvalid when the text holds no certificate.
  Result<X509StorePtr> StoreFor(const std::string& extra_pem);

 private:
  void ReloadIfChanged();

  const std::string bundle_path_;
  const Clock& clock_;
  MonotonicTime checked_at_;
  int64_t stamp_ = 0;
  X509StorePtr shared_;
  std::unordered_map<std::string, X509StorePtr> extended_;  // by digest of the extra text
};

CertificateFacts ReadCertificateFacts(X509* certificate);

}  // namespace pharos::net
