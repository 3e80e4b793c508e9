#include "net/http_exchange.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxPinned = 16;
constexpr long kReceiveBuffer = 16 * 1024;
constexpr long kUploadBuffer = 16 * 1024;
constexpr size_t kMaxMethodBytes = 32;

bool IsTokenChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

bool IsFieldValue(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Framing is ours: a wrong length given by hand would only break the request.
bool IsFramingHeader(std::string_view name) {
  return EqualsIgnoreCase(name, "Content-Length") || EqualsIgnoreCase(name, "Transfer-Encoding") ||
         EqualsIgnoreCase(name, "Expect");
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

curl_blob Blob(const std::string& text) {
  // curl copies because of the flag; it takes a pointer to non-const for historic reasons.
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
}

long SslVersion(std::string_view min_version) {
  if (min_version == "1.3") return CURL_SSLVERSION_TLSv1_3;
  return min_version == "1.2" ? CURL_SSLVERSION_TLSv1_2 : CURL_SSLVERSION_DEFAULT;
}

}  // namespace

EasyHandle::EasyHandle() : easy_(curl_easy_init()) {}

EasyHandle::~EasyHandle() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (share_ != nullptr) curl_share_cleanup(share_);
}

void EasyHandle::Use() {
  if (!is_clean_) Reset();
  is_clean_ = false;
}

void EasyHandle::Reset() {
  is_clean_ = true;
  curl_easy_reset(easy_);
  curl_easy_setopt(easy_, CURLOPT_SHARE, nullptr);
  if (share_ != nullptr) curl_share_cleanup(share_);
  share_ = curl_share_init();
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_easy_setopt(easy_, CURLOPT_SHARE, share_);
}

Result<Endpoint> ParseProxy(const std::string& proxy) {
  const Error bad(ErrorKind::kInvalid,
                  "the outbound proxy must look like http://host:port or socks5h://host:port");
  const size_t colon = proxy.find("://");
  if (colon == std::string::npos) return bad;
  const std::string scheme = AsciiLower(proxy.substr(0, colon));
  if (scheme != "http" && scheme != "socks5h") return bad;
  const Result<Url> url = Url::Parse("http" + proxy.substr(colon));
  if (!url || url->target != "/") return bad;
  return Endpoint{url->host, url->port};
}

HttpExchange::HttpExchange(const ExchangeContext& context, HttpRequest request,
                           BodyObserver observer, HttpDone done)
    : context_(context),
      request_(std::move(request)),
      observer_(std::move(observer)),
      done_(std::move(done)),
      method_(request_.method) {}

HttpExchange::~HttpExchange() {
  curl_slist_free_all(header_list_);
  curl_slist_free_all(resolve_list_);
}

bool HttpExchange::Begin(MonotonicTime now) {
  started_ = now;
  deadline_ = now + std::max(request_.timeout, Milliseconds(1));
  answer_.final_url = request_.url;
  if (Status status = CheckRequest(); !status) {
    Fail(HttpFailure::kBadUrl, status.error().message);
    return false;
  }
  Result<Url> url = Url::Parse(request_.url);
  if (!url) {
    Fail(HttpFailure::kBadUrl, url.error().message);
    return false;
  }
  url_ = std::move(*url);
  answer_.final_url = url_.ToString();
  return true;
}

Status HttpExchange::CheckRequest() const {
  const auto bad = [](std::string message) { return Error(ErrorKind::kInvalid, message); };
  if (!IsToken(method_) || method_.size() > kMaxMethodBytes) {
    return bad("the method is not an HTTP method");
  }
  for (const auto& [name, value] : request_.headers) {
    if (!IsToken(name)) return bad("a header name is not valid: " + Ellipsize(name, 60));
    if (!IsFieldValue(value)) return bad("the header " + name + " contains a line break");
  }
  if (!IsFieldValue(request_.tls.server_name)) return bad("the server name is not valid");
  return Ok();
}

bool HttpExchange::CheckHop() {
  const OutboundPolicy& policy = context_.policy;
  Status status = policy.CheckHost(url_.host);
  if (status) status = policy.CheckHttpPort(url_.host, url_.port);
  if (status && IsProxied()) {
    // Names are the proxy's to resolve; what stands in the URL itself is still ours to judge.
    const Result<IpAddress> literal = IpAddress::Parse(url_.host);
    if (literal) status = policy.CheckAddress(request_.purpose, url_.host, *literal, url_.port);
  }
  if (status) return true;
  Fail(answer_.redirects > 0 ? HttpFailure::kBadRedirect : HttpFailure::kBlocked,
       status.error().message);
  return false;
}

std::string HttpExchange::NameToResolve() const {
  std::string host = url_.host;
  if (IsProxied()) {
    const Result<Endpoint> proxy = ParseProxy(context_.policy.ProxyFor(request_.purpose));
    host = proxy ? proxy->host : "";
  }
  return IpAddress::Parse(host) ? "" : host;
}

bool HttpExchange::CheckAddresses(const std::vector<IpAddress>& addresses) {
  if (IsProxied()) return true;  // the proxy is the operator's own choice
  for (const IpAddress& address : addresses) {
    Status status = context_.policy.CheckAddress(request_.purpose, url_.host, address, url_.port);
    if (status) continue;
    Fail(answer_.redirects > 0 ? HttpFailure::kBadRedirect : HttpFailure::kBlocked,
         status.error().message);
    return false;
  }
  return true;
}

bool HttpExchange::PrepareHop(EasyHandle& handle, std::vector<IpAddress> addresses,
                              int64_t resolve_us, Duration time_left) {
  if (addresses.empty()) {  // a literal
    std::string host = url_.host;
    if (IsProxied()) host = ParseProxy(context_.policy.ProxyFor(request_.purpose))->host;
    const Result<IpAddress> literal = IpAddress::Parse(host);
    if (!literal) {
      Fail(HttpFailure::kResolve, "the host " + host + " has no address");
      return false;
    }
    addresses.push_back(*literal);
    if (request_.ip_version != 0 && (request_.ip_version == 4) != literal->IsV4()) {
      Fail(HttpFailure::kResolve,
           "the host " + host + " has no IPv" + std::to_string(request_.ip_version) + " address");
      return false;
    }
  }
  if (!CheckAddresses(addresses)) return false;
  if (addresses.size() > kMaxPinned) addresses.resize(kMaxPinned);

  handle.Use();
  easy_ = handle.get();
  head_ = HeadState::kStatusLine;
  cut_ = Cut::kNone;
  header_bytes_ = header_count_ = encoded_bytes_ = 0;
  decoder_.reset();
  local_ = {};
  verify_error_.clear();
  said_goodbye_ = false;
  handshake_started_.reset();
  last_endpoint_.clear();
  opened_.clear();
  answer_.addresses.clear();
  for (const IpAddress& address : addresses) answer_.addresses.push_back({address});
  answer_.chain.reset();
  error_text_[0] = '\0';
  answer_.status = 0;  // what follows is the answer of this hop
  answer_.headers.clear();
  answer_.trailers.clear();
  answer_.http_version.clear();
  answer_.certificate.reset();
  answer_.phases = {};
  answer_.phases.resolve_us = resolve_us;

  SetTarget(easy_, addresses);
  SetMethodAndBody(easy_);
  SetHeaders(easy_);
  SetLimits(easy_, time_left);
  hop_started_ = context_.clock.Monotonic();
  return url_.scheme != "https" || SetTls(easy_);
}

void HttpExchange::SetTarget(CURL* easy, const std::vector<IpAddress>& addresses) {
  const std::string& proxy = context_.policy.ProxyFor(request_.purpose);
  Endpoint endpoint{url_.host, url_.port};
  // The name to verify is the one that curl believes to connect to.
  const bool renamed = !request_.tls.server_name.empty() && url_.scheme == "https";
  Url shown = url_;
  if (renamed) shown.host = endpoint.host = AsciiLower(request_.tls.server_name);
  if (!proxy.empty()) endpoint = *ParseProxy(proxy);

  curl_easy_setopt(easy, CURLOPT_URL, shown.ToString().c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  // An empty text, unlike a null pointer, also shuts out the environment.
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (request_.http2) {
    const bool plain = url_.scheme == "http";
    curl_easy_setopt(
        easy, CURLOPT_HTTP_VERSION,
        static_cast<long>(plain ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_2TLS));
  }
  if (!proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (url_.scheme == "https" || request_.http2)
      curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  }

  pinned_.clear();
  std::string entry = endpoint.host + ':' + std::to_string(endpoint.port) + ':';
  for (const IpAddress& address : addresses) {
    if (!pinned_.empty()) entry += ',';
    entry += Bracketed(address.ToString());
    pinned_.emplace_back(address, endpoint.port);
  }
  curl_slist_free_all(resolve_list_);
  resolve_list_ = nullptr;
  if (!IpAddress::Parse(endpoint.host)) {
    resolve_list_ = curl_slist_append(nullptr, entry.c_str());
    curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve_list_);
  }
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpExchange::OnOpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  if (answer_.addresses.size() > 1 && !request_.reuse_connection) {
    // Tells which of them failed and how. Not for connections that may outlive this exchange.
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &HttpExchange::OnCloseSocket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  }
}

bool HttpExchange::HasBody() const {
  const bool takes_body = method_ == "POST" || method_ == "PUT" || method_ == "PATCH";
  return takes_body || (!request_.body.empty() && method_ != "HEAD");
}

void HttpExchange::SetMethodAndBody(CURL* easy) {
  if (method_ == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (HasBody()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  if (method_ != "GET" || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method_.c_str());
  }
}

bool HttpExchange::HasHeader(std::string_view name) const {
  return std::any_of(request_.headers.begin(), request_.headers.end(),
                     [&](const auto& header) { return EqualsIgnoreCase(header.first, name); });
}

void HttpExchange::SetHeaders(CURL* easy) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : request_.headers) {
    if (IsFramingHeader(name)) continue;
    // "Name;" is curl's way to write a header with an empty value.
    list = curl_slist_append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  if (HasBody()) {  // keeps curl from adding its own
    list = curl_slist_append(list, "Expect:");
    if (!HasHeader("Content-Type")) list = curl_slist_append(list, "Content-Type:");
  }
  if (request_.accept_encoding && !HasHeader("Accept-Encoding")) {
    list = curl_slist_append(list, "Accept-Encoding: gzip, deflate");
  }
  if (!request_.reuse_connection && !request_.http2 && !HasHeader("Connection")) {
    list = curl_slist_append(list, "Connection: close");  // the truth, and it spares us TIME_WAIT
  }
  if (!request_.tls.server_name.empty() && !HasHeader("Host")) {
    list = curl_slist_append(list, ("Host: " + url_.Authority()).c_str());
  }
  curl_slist_free_all(header_list_);
  header_list_ = list;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, header_list_);
  if (!HasHeader("User-Agent")) {
    curl_easy_setopt(easy, CURLOPT_USERAGENT, context_.settings.user_agent.c_str());
  }
}

void HttpExchange::SetLimits(CURL* easy, Duration time_left) {
  const long timeout_ms = std::max<long>(1, static_cast<long>(time_left / Milliseconds(1)));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpExchange::OnHeaderLine);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpExchange::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  // Connections whose TLS set-up curl cannot compare must not be shared.
  const TlsOptions& tls = request_.tls;
  const bool plain_tls = tls.verify && tls.server_name.empty() && tls.min_version.empty() &&
                         tls.ca_pem.empty() && tls.client_cert_pem.empty();
  const bool reuse = request_.reuse_connection && plain_tls;
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, reuse ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
}

bool HttpExchange::SetTls(CURL* easy) {
  const TlsOptions& tls = request_.tls;
  Result<X509StorePtr> store = context_.trust.StoreFor(tls.ca_pem);
  if (!store) {
    Fail(HttpFailure::kTlsHandshake, store.error().message);
    return false;
  }
  trust_store_ = std::move(*store);
  // With both paths cleared curl reads no bundle; the shared store comes in OnSslContext.
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  // Else curl keeps the store of one connection, extra anchors included, for all later ones.
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &HttpExchange::OnSslContext);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);  // each check shakes hands in full (D22)
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, SslVersion(tls.min_version));
  if (!tls.client_cert_pem.empty()) {
    curl_blob certificate = Blob(tls.client_cert_pem);
    curl_blob key = Blob(tls.client_key_pem.empty() ? tls.client_cert_pem : tls.client_key_pem);
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
  }
  return true;
}

void HttpExchange::Fail(HttpFailure failure, std::string message) {
  answer_.failure = failure;
  answer_.message = std::move(message);
}

HttpAnswer HttpExchange::TakeAnswer(MonotonicTime now) {
  answer_.phases.total_us = (now - started_).count();
  return std::move(answer_);
}

}  // namespace pharos::net
