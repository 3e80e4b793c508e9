#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "net/outbound_policy.h"
#include "net/url.h"
#include "net/way.h"

namespace pharos::net {

// What one exchange may cost; every answer is cut off at the first limit it passes.
struct AnswerLimits {
  size_t max_header_bytes = 64 * 1024;
  size_t max_header_count = 200;            // over all interim and final heads
  size_t max_body_bytes = 4 * 1024 * 1024;  // after decoding; reading stops there
  size_t keep_body_bytes = 64 * 1024;       // how much of the body the answer carries
  double max_expansion = 200;  // decoded bytes per received byte, once 64 KiB are decoded
};

struct TlsOptions {
  bool verify = true;       // chain and host name
  std::string server_name;  // SNI and name to verify; empty = the URL's host
  std::string min_version;  // "", "1.2", "1.3"
  std::string ca_pem;       // extra trust anchors
  std::string client_cert_pem;
  std::string client_key_pem;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration timeout = Seconds(10);  // everything: resolve, connect, redirects, body
  bool follow_redirects = true;
  int max_redirects = 5;
  bool allow_downgrade = false;   // https -> http on redirect
  bool reuse_connection = false;  // architecture D22: a check opens a new connection by default
  bool accept_encoding = true;
  // HTTP/2 and nothing else: by prior knowledge over plain text, by ALPN over TLS. An answer in
  // another version is kProtocol.
  bool http2 = false;
  int ip_version = 0;  // 0 any, 4, 6
  Purpose purpose = Purpose::kProbe;
  TlsOptions tls;
  AnswerLimits limits;
};

// Microseconds per phase of the last hop; -1 where the phase did not happen.
struct Phases {
  int64_t resolve_us = -1;
  int64_t connect_us = -1;
  int64_t tls_us = -1;
  int64_t first_byte_us = -1;  // from request sent to first byte of the answer
  int64_t total_us = -1;       // the whole exchange, redirects included
};

enum class HttpFailure : uint8_t {
  kNone,
  kBadUrl,
  kBlocked,  // outbound policy; never downtime
  kResolve,
  kRefused,
  kUnreachable,
  kTimeout,
  kTlsVerify,  // certificate not trusted, expired or for another name
  kTlsHandshake,
  kProtocol,  // not HTTP, broken framing, truncated body
  kReset,
  kTooManyRedirects,
  kBadRedirect,  // to a scheme or address that is not allowed
  kTooLarge,     // a limit of AnswerLimits
  // Our own trouble, never downtime: the cap on exchanges in flight, a process that did not get to
  // run, a machine without a network or without its name service.
  kOverload,
};
const char* HttpFailureName(HttpFailure failure);

struct CertificateFacts {
  std::string subject;
  std::string issuer;
  Timestamp not_before{};
  Timestamp not_after{};
};

// What came back. A complete answer has failure kNone whatever its status; with a failure, `status`
// and `headers` hold what had arrived. For kTooLarge with failure only in the body, status is set.
struct HttpAnswer {
  HttpFailure failure = HttpFailure::kNone;
  std::string message;  // for people, "connection refused by 127.0.0.1:81"
  int status = 0;
  std::string http_version;                                   // "1.1", "2"
  std::vector<std::pair<std::string, std::string>> headers;   // final head only
  std::vector<std::pair<std::string, std::string>> trailers;  // fields that came after the body
  std::string body;                                           // first keep_body_bytes
  size_t body_bytes = 0;                                      // all that was read, decoded
  bool body_truncated_by_limit = false;
  std::string final_url;
  int redirects = 0;
  std::string remote_address;
  Phases phases;
  std::optional<CertificateFacts> certificate;
  std::vector<TriedAddress> addresses;       // of the last hop, as resolved
  std::vector<RedirectSeen> redirects_seen;  // the first 10
  std::shared_ptr<const ShownChain> chain;   // of the last hop

  const std::string* FindHeader(std::string_view name) const;
  const std::string* FindTrailer(std::string_view name) const;
};

// Sees body bytes as they arrive, already decoded, on the client's loop thread; false = enough, the
// rest is not read and the exchange counts as complete.
using BodyObserver = std::function<bool(std::string_view chunk)>;
using HttpDone = std::function<void(HttpAnswer answer)>;

struct HttpClientSettings {
  size_t max_in_flight = 4'000;
  size_t max_queued = 100'000;  // waiting for a place in flight
  std::string ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
  std::string user_agent = "Pharos/" PHAROS_VERSION;
  std::vector<std::string> dns_servers;  // empty = the system's
  bool check_name_service = true;        // before a look-up that nobody answered counts
};

// The one outbound HTTP client (architecture D14): libcurl multi on an epoll loop of its own
// thread, names resolved by c-ares, every address checked by the policy and pinned, again at each
// redirect. Thread-safe; callbacks run on the loop thread and must not block. Authorization and
// Cookie headers are dropped when a redirect changes the host.
class HttpClient {
 public:
  static Result<std::unique_ptr<HttpClient>> Start(const HttpClientSettings& settings,
                                                   const OutboundPolicy& policy, const Clock& clock,
                                                   Metrics& metrics);
  // Exchanges in flight end with kOverload ("shutting down").
  virtual ~HttpClient() = default;

  // Always calls `done` exactly once, never from inside this call.
  virtual void Start(HttpRequest request, BodyObserver observer, HttpDone done) = 0;
  void Start(HttpRequest request, HttpDone done) {
    Start(std::move(request), BodyObserver(), std::move(done));
  }
  virtual size_t InFlight() const = 0;
};

}  // namespace pharos::net
