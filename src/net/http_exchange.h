#pragma once

// Inside of the HTTP client: one exchange from the first hop to the answer. Only the client's own
// sources include this header, since it brings curl/curl.h.

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/body_decoder.h"
#include "net/http_client.h"
#include "net/outbound_policy.h"
#include "net/tls_trust.h"
#include "net/url.h"

namespace pharos::net {

// What all exchanges of a client share.
struct ExchangeContext {
  const OutboundPolicy& policy;
  const HttpClientSettings& settings;
  TlsTrust& trust;
  const Clock& clock;  // real time
};

// A curl handle with a name cache of its own, so that what one exchange pinned is never seen by
// another one. Reused between exchanges.
class EasyHandle {
 public:
  EasyHandle();
  ~EasyHandle();
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;

  CURL* get() const { return easy_; }
  // Back to the defaults, with an empty name cache; nothing points into an exchange any more.
  void Reset();
  // To be called before options are set.
  void Use();

 private:
  CURL* const easy_;
  CURLSH* share_ = nullptr;
  bool is_clean_ = false;
};

// "host:port" that the connection goes to: the URL's, or the proxy's.
struct Endpoint {
  std::string host;
  uint16_t port = 0;
};

// Splits "http://host:port" or "socks5h://host:port". Error: kInvalid.
Result<Endpoint> ParseProxy(const std::string& proxy);

// What curl's code and the error text say, in our words.
struct Verdict {
  HttpFailure failure = HttpFailure::kNone;
  std::string message;
};

// One exchange on the loop thread. The loop drives it:
//   Begin -> { resolve NameToResolve() -> PrepareHop -> curl -> FinishHop }* -> TakeAnswer.
class HttpExchange {
 public:
  HttpExchange(const ExchangeContext& context, HttpRequest request, BodyObserver observer,
               HttpDone done);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // False when the request cannot be sent at all; then the answer is ready.
  bool Begin(MonotonicTime now);
  // The name that this hop needs addresses for; empty when the host is a literal address.
  // False from CheckHop means that the policy refuses the hop before any look-up.
  bool CheckHop();
  std::string NameToResolve() const;
  // Checks every address, pins them and sets the handle up. False: the answer is ready.
  bool PrepareHop(EasyHandle& easy, std::vector<IpAddress> addresses, int64_t resolve_us,
                  Duration time_left);
  // Takes what curl has to say. True when another hop follows, else the answer is ready.
  bool FinishHop(CURL* easy, CURLcode code);
  void Fail(HttpFailure failure, std::string message);

  HttpAnswer TakeAnswer(MonotonicTime now);
  HttpDone TakeDone() { return std::move(done_); }
  const HttpRequest& request() const { return request_; }
  MonotonicTime deadline() const { return deadline_; }

 private:
  enum class Cut : uint8_t { kNone, kRedirect, kEnough, kLimit, kFraming };
  enum class HeadState : uint8_t { kStatusLine, kFields, kComplete };

  // Set-up of a hop (http_exchange.cc).
  Status CheckRequest() const;
  bool IsProxied() const { return !context_.policy.ProxyFor(request_.purpose).empty(); }
  bool CheckAddresses(const std::vector<IpAddress>& addresses);
  void SetTarget(CURL* easy, const std::vector<IpAddress>& addresses);
  void SetMethodAndBody(CURL* easy);
  void SetHeaders(CURL* easy);
  void SetLimits(CURL* easy, Duration time_left);
  bool SetTls(CURL* easy);
  bool HasBody() const;
  bool HasHeader(std::string_view name) const;

  // Called by curl (http_transfer.cc).
  static curl_socket_t OnOpenSocket(void* self, curlsocktype type, curl_sockaddr* address);
  static int OnCloseSocket(void* self, curl_socket_t fd);
  static CURLcode OnSslContext(CURL* easy, void* ssl_ctx, void* self);
  static int OnVerifyChain(X509_STORE_CTX* chain, void* self);
  static void OnTlsEvent(const SSL* ssl, int where, int what);
  static size_t OnHeaderLine(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  bool TakeHeaderLine(std::string_view line);
  bool TakeStatusLine(std::string_view line);
  bool TakeField(std::string_view line);
  bool TakeTrailer(std::string_view line);
  bool EndHead();
  bool TakeEncoded(std::string_view bytes);
  bool TakeDecoded(std::string_view bytes);
  bool StopAt(Cut cut, HttpFailure failure, std::string message);

  // The end of a hop (http_transfer.cc).
  void ReadPhases(CURL* easy);
  void NoteAddresses(CURL* easy, CURLcode code);
  Verdict Explain(CURL* easy, CURLcode code) const;
  Verdict ExplainConnect(CURL* easy) const;
  Verdict ExplainTls(CURLcode code) const;
  std::string ExplainTimeout(CURL* easy) const;
  bool IsCutOff() const;
  bool IsRedirect() const;
  bool FollowRedirect();
  void RewriteMethod();
  void DropSecrets(const Url& next);

  const ExchangeContext& context_;
  HttpRequest request_;
  BodyObserver observer_;
  HttpDone done_;
  MonotonicTime started_;
  MonotonicTime deadline_;

  Url url_;
  std::string method_;
  HttpAnswer answer_;

  // Of the current hop.
  std::vector<std::pair<IpAddress, uint16_t>> pinned_;
  curl_slist* header_list_ = nullptr;
  curl_slist* resolve_list_ = nullptr;
  X509StorePtr trust_store_;
  CURL* easy_ = nullptr;
  char error_text_[CURL_ERROR_SIZE] = {};
  std::string last_endpoint_;                             // "127.0.0.1:81", the address tried last
  std::vector<std::pair<curl_socket_t, size_t>> opened_;  // index in answer_.addresses
  std::string verify_error_;
  MonotonicTime hop_started_;
  std::optional<MonotonicTime> handshake_started_;
  Verdict local_;  // what our own callbacks found, stronger than curl's code
  Cut cut_ = Cut::kNone;
  HeadState head_ = HeadState::kStatusLine;
  size_t header_bytes_ = 0;
  size_t header_count_ = 0;
  size_t encoded_bytes_ = 0;
  bool said_goodbye_ = false;  // TLS's close_notify
  std::unique_ptr<BodyDecoder> decoder_;
};

}  // namespace pharos::net
