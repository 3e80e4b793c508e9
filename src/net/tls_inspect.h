#pragma once

// Inside of the dialer: reads what a TLS peer showed. Brings openssl/ssl.h.

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/time.h"
#include "net/peer_chain.h"
#include "net/way.h"

namespace pharos::net {

// Reads and judges the chain of a finished handshake against `store`, for the host `name` (a name
// or a literal address), as of `at`.
PeerChain InspectPeer(SSL* ssl, X509_STORE* store, const std::string& name, Timestamp at);

// Keeps hold of what a server sent (may be null, then `leaf` alone) without reading it.
std::shared_ptr<const ShownChain> ShareChain(const STACK_OF(X509) * sent, X509* leaf);

}  // namespace pharos::net
