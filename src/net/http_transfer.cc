// The part of an exchange that curl calls back, and the reading of its outcome.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "net/http_exchange.h"
#include "net/tls_inspect.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxRedirectsSeen = 10;
constexpr size_t kExpansionGrace = 64 * 1024;  // decoded bytes before the ratio counts

bool ReadSockaddr(const curl_sockaddr& from, IpAddress& address, uint16_t& port) {
  if (from.family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from.addr, sizeof(v4));
    address = IpAddress::V4(ntohl(v4.sin_addr.s_addr));
    port = ntohs(v4.sin_port);
    return true;
  }
  if (from.family != AF_INET6) return false;
  sockaddr_in6 v6;
  if (from.addrlen < sizeof(v6)) return false;
  std::memcpy(&v6, &from.addr, sizeof(v6));
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  address = IpAddress::V6(bytes);
  port = ntohs(v6.sin6_port);
  return true;
}

std::string EndpointText(const IpAddress& address, uint16_t port) {
  const std::string text = address.ToString();
  return (address.IsV4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

int64_t TimeInfo(CURL* easy, CURLINFO which) {
  curl_off_t us = 0;
  curl_easy_getinfo(easy, which, &us);
  return us;
}

std::string SecondsText(Duration d) {
  const int64_t tenths = (d.count() + 50'000) / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Digits, or the same digits several times in a list (RFC 9110 8.6).
bool IsLength(std::string_view value) {
  const std::string_view first = Trim(value.substr(0, value.find(',')));
  if (first.empty() || !ParseInt(first) || !std::all_of(first.begin(), first.end(), IsDigit)) {
    return false;
  }
  const std::vector<std::string_view> all = Split(value, ',');
  return std::all_of(all.begin(), all.end(),
                     [&](std::string_view one) { return Trim(one) == first; });
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What OpenSSL says, without where in OpenSSL it said it.
std::string TlsReason(const std::string& text) {
  const size_t at = text.rfind("::");
  std::string reason = at == std::string::npos ? text : text.substr(at + 2);
  reason = reason.substr(0, reason.find(", errno"));
  if (Contains(reason, "wrong version number") || Contains(reason, "http request") ||
      Contains(reason, "packet length too long")) {
    return "the other side does not speak TLS";
  }
  if (Contains(reason, "protocol version") || Contains(reason, "unsupported protocol") ||
      Contains(reason, "legacy sigalg")) {
    return "no version of TLS in common (" + reason + ")";
  }
  for (const std::string_view own : {"sslv3 alert ", "tlsv1 alert ", "tlsv13 alert ", "tlsv1 "}) {
    if (reason.starts_with(own)) return "the server says: " + reason.substr(own.size());
  }
  return reason;
}

}  // namespace

const char* HttpFailureName(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kNone:
      return "none";
    case HttpFailure::kBadUrl:
      return "bad_url";
    case HttpFailure::kBlocked:
      return "blocked";
    case HttpFailure::kResolve:
      return "resolve";
    case HttpFailure::kRefused:
      return "refused";
    case HttpFailure::kUnreachable:
      return "unreachable";
    case HttpFailure::kTimeout:
      return "timeout";
    case HttpFailure::kTlsVerify:
      return "tls_verify";
    case HttpFailure::kTlsHandshake:
      return "tls_handshake";
    case HttpFailure::kProtocol:
      return "protocol";
    case HttpFailure::kReset:
      return "reset";
    case HttpFailure::kTooManyRedirects:
      return "too_many_redirects";
    case HttpFailure::kBadRedirect:
      return "bad_redirect";
    case HttpFailure::kTooLarge:
      return "too_large";
    case HttpFailure::kOverload:
      return "overload";
  }
  return "unknown";
}

const std::string* HttpAnswer::FindHeader(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (EqualsIgnoreCase(field, name)) return &value;
  }
  return nullptr;
}

const std::string* HttpAnswer::FindTrailer(std::string_view name) const {
  for (const auto& [field, value] : trailers) {
    if (EqualsIgnoreCase(field, name)) return &value;
  }
  return nullptr;
}

// The last gate before a connection: whatever curl believes, only what was checked is connected to.
curl_socket_t HttpExchange::OnOpenSocket(void* data, curlsocktype, curl_sockaddr* target) {
  auto& self = *static_cast<HttpExchange*>(data);
  IpAddress address;
  uint16_t port = 0;
  const bool known = ReadSockaddr(*target, address, port);
  const bool pinned = known && std::find(self.pinned_.begin(), self.pinned_.end(),
                                         std::make_pair(address, port)) != self.pinned_.end();
  if (!pinned) {
    self.local_ = {HttpFailure::kBlocked, "refused: " + EndpointText(address, port) +
                                              " is not an address that was checked"};
    return CURL_SOCKET_BAD;
  }
  self.last_endpoint_ = EndpointText(address, port);
  const int fd =
      socket(target->family, target->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, target->protocol);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
    self.local_ = {HttpFailure::kOverload,
                   std::string("no socket left here: ") + std::strerror(errno)};
  }
  if (fd < 0) return CURL_SOCKET_BAD;
  for (size_t i = 0; i < self.answer_.addresses.size(); ++i) {
    if (self.answer_.addresses[i].address == address) self.opened_.emplace_back(fd, i);
  }
  return fd;
}

// How a socket stood when curl let go of it: where there are several addresses, curl itself tells
// of the last one only.
int HttpExchange::OnCloseSocket(void* data, curl_socket_t fd) {
  auto& self = *static_cast<HttpExchange*>(data);
  for (const auto& [opened, index] : self.opened_) {
    if (opened != fd) continue;
    tcp_info info{};
    socklen_t size = sizeof info;
    TriedAddress& tried = self.answer_.addresses[index];
    if (tried.outcome != TriedAddress::Outcome::kNotTried) continue;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) continue;
    sockaddr_storage peer{};
    size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0) {
      tried.outcome = TriedAddress::Outcome::kConnected;
    } else {
      tried.outcome = info.tcpi_state == TCP_SYN_SENT ? TriedAddress::Outcome::kNoAnswer
                                                      : TriedAddress::Outcome::kFailed;
    }
  }
  return close(fd);
}

CURLcode HttpExchange::OnSslContext(CURL*, void* ssl_ctx, void* data) {
  auto* self = static_cast<HttpExchange*>(data);
  auto* context = static_cast<SSL_CTX*>(ssl_ctx);
  self->handshake_started_ = self->context_.clock.Monotonic();
  SSL_CTX_set1_cert_store(context, self->trust_store_.get());
  SSL_CTX_set_cert_verify_callback(context, &HttpExchange::OnVerifyChain, self);
  // `self` may be gone when a kept connection asks for a second handshake.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  if (!self->request_.reuse_connection) {
    SSL_CTX_set_app_data(context, self);
    SSL_CTX_set_info_callback(context, &HttpExchange::OnTlsEvent);
  }
  return CURLE_OK;
}

// Notes the goodbye of TLS: curl takes any end of the connection for an orderly one.
void HttpExchange::OnTlsEvent(const SSL* ssl, int where, int what) {
  auto* self = static_cast<HttpExchange*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (what & 0xff) == SSL_AD_CLOSE_NOTIFY) {
    self->said_goodbye_ = true;
  }
}

// An answer without a length ends with the connection, but over TLS only by an orderly end: else
// whoever cuts the line decides how much of a page there is (RFC 9112 9.8).
bool HttpExchange::IsCutOff() const {
  if (url_.scheme != "https" || request_.reuse_connection || said_goodbye_ || IsProxied()) {
    return false;
  }
  const bool has_body = method_ != "HEAD" && answer_.status != 204 && answer_.status != 304;
  return has_body && answer_.http_version.starts_with("1.") &&
         answer_.FindHeader("Content-Length") == nullptr &&
         answer_.FindHeader("Transfer-Encoding") == nullptr;
}

// Notes the certificate even if it does not verify: its dates are what the operator wants to see
// then.
int HttpExchange::OnVerifyChain(X509_STORE_CTX* chain, void* data) {
  auto* self = static_cast<HttpExchange*>(data);
  if (X509* leaf = X509_STORE_CTX_get0_cert(chain)) {
    self->answer_.certificate = ReadCertificateFacts(leaf);
    self->answer_.chain = ShareChain(X509_STORE_CTX_get0_untrusted(chain), leaf);
  }
  if (X509_STORE_CTX_get0_store(chain) != self->trust_store_.get()) {
    self->verify_error_ = "another trust store got in the way";  // never trust what is not ours
    return 0;
  }
  const int verified = X509_verify_cert(chain);
  if (verified != 1) {
    const int error = X509_STORE_CTX_get_error(chain);
    self->verify_error_ = X509_verify_cert_error_string(error);
    if (error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY) {
      self->verify_error_ += ": it is neither sent by the server nor known here";
    }
  }
  return verified;
}

bool HttpExchange::StopAt(Cut cut, HttpFailure failure, std::string message) {
  cut_ = cut;
  local_ = {failure, std::move(message)};
  return false;
}

// Any count but the given one makes curl end the transfer.
size_t HttpExchange::OnHeaderLine(char* data, size_t size, size_t count, void* self) {
  const size_t bytes = size * count;
  return static_cast<HttpExchange*>(self)->TakeHeaderLine({data, bytes}) ? bytes : bytes + 1;
}

size_t HttpExchange::OnBody(char* data, size_t size, size_t count, void* self) {
  const size_t bytes = size * count;
  return static_cast<HttpExchange*>(self)->TakeEncoded({data, bytes}) ? bytes : bytes + 1;
}

bool HttpExchange::TakeHeaderLine(std::string_view line) {
  const AnswerLimits& limits = request_.limits;
  header_bytes_ += line.size();
  if (header_bytes_ > limits.max_header_bytes) {
    return StopAt(Cut::kLimit, HttpFailure::kTooLarge,
                  "the answer's headers are larger than " +
                      std::to_string(limits.max_header_bytes) + " bytes");
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.empty()) return head_ != HeadState::kFields || EndHead();
  if (++header_count_ > limits.max_header_count) {
    return StopAt(
        Cut::kLimit, HttpFailure::kTooLarge,
        "the answer has more than " + std::to_string(limits.max_header_count) + " header lines");
  }
  switch (head_) {
    case HeadState::kStatusLine:
      return TakeStatusLine(line);
    case HeadState::kFields:
      return TakeField(line);
    case HeadState::kComplete:
      return TakeTrailer(line);
  }
  return true;
}

bool HttpExchange::TakeTrailer(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  answer_.trailers.emplace_back(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  return true;
}

bool HttpExchange::TakeStatusLine(std::string_view line) {
  if (!line.starts_with("HTTP/")) return true;
  const size_t blank = line.find(' ');
  const std::string_view code =
      blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1, 3);
  answer_.status = static_cast<int>(ParseInt(code).value_or(0));
  answer_.http_version = std::string(line.substr(5, blank - 5));
  answer_.headers.clear();
  head_ = HeadState::kFields;
  return true;
}

bool HttpExchange::TakeField(std::string_view line) {
  if ((line.front() == ' ' || line.front() == '\t') && !answer_.headers.empty()) {
    answer_.headers.back().second += " " + std::string(Trim(line));  // obsolete line folding
    return true;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string_view name = Trim(line.substr(0, colon));
  const std::string_view value = Trim(line.substr(colon + 1));
  if (EqualsIgnoreCase(name, "Content-Length")) {
    if (!IsLength(value)) {
      return StopAt(
          Cut::kFraming, HttpFailure::kProtocol,
          "the answer's Content-Length is not valid: " + Ellipsize(SanitizeUtf8(value), 40));
    }
    const std::string* first = answer_.FindHeader(name);
    if (first != nullptr && *first != value) {
      return StopAt(Cut::kFraming, HttpFailure::kProtocol,
                    "the answer has two different Content-Length headers");
    }
  }
  answer_.headers.emplace_back(name, value);
  return true;
}

bool HttpExchange::EndHead() {
  const bool is_interim = answer_.status >= 100 && answer_.status < 200 && answer_.status != 101;
  if (is_interim) {
    head_ = HeadState::kStatusLine;
    return true;
  }
  head_ = HeadState::kComplete;
  if (IsRedirect()) {  // the body of a redirect is of no interest
    cut_ = Cut::kRedirect;
    return false;
  }
  const std::string* encoding = answer_.FindHeader("Content-Encoding");
  if (encoding == nullptr || !request_.accept_encoding || method_ == "HEAD") return true;
  Result<std::unique_ptr<BodyDecoder>> decoder = BodyDecoder::Create(*encoding);
  if (!decoder) return StopAt(Cut::kFraming, HttpFailure::kProtocol, decoder.error().message);
  decoder_ = std::move(*decoder);
  return true;
}

bool HttpExchange::TakeEncoded(std::string_view bytes) {
  encoded_bytes_ += bytes.size();
  if (!decoder_) return TakeDecoded(bytes);
  const auto sink = [this](std::string_view chunk) { return TakeDecoded(chunk); };
  switch (decoder_->Feed(bytes, sink)) {
    case BodyDecoder::Outcome::kMore:
      return true;
    case BodyDecoder::Outcome::kStopped:
      return false;
    case BodyDecoder::Outcome::kBroken:
      break;
  }
  return StopAt(Cut::kFraming, HttpFailure::kProtocol, "the compressed body is damaged");
}

bool HttpExchange::TakeDecoded(std::string_view bytes) {
  const AnswerLimits& limits = request_.limits;
  const size_t room = limits.max_body_bytes - std::min(answer_.body_bytes, limits.max_body_bytes);
  const std::string_view taken = bytes.substr(0, room);
  answer_.body_bytes += taken.size();
  if (answer_.body.size() < limits.keep_body_bytes) {
    answer_.body.append(taken.substr(0, limits.keep_body_bytes - answer_.body.size()));
  }
  if (observer_ && !taken.empty() && !observer_(taken)) {
    cut_ = Cut::kEnough;
    return false;
  }
  if (taken.size() < bytes.size()) {
    answer_.body_truncated_by_limit = true;
    return StopAt(Cut::kLimit, HttpFailure::kTooLarge,
                  "the body is larger than " + std::to_string(limits.max_body_bytes) + " bytes");
  }
  if (decoder_ && answer_.body_bytes > kExpansionGrace &&
      static_cast<double>(answer_.body_bytes) >
          limits.max_expansion * static_cast<double>(encoded_bytes_)) {
    answer_.body_truncated_by_limit = true;
    return StopAt(Cut::kLimit, HttpFailure::kTooLarge,
                  "the compressed body expands more than " +
                      std::to_string(static_cast<int64_t>(limits.max_expansion)) + "-fold");
  }
  return true;
}

bool HttpExchange::FinishHop(CURL* easy, CURLcode code) {
  ReadPhases(easy);
  NoteAddresses(easy, code);
  switch (cut_) {
    case Cut::kRedirect:
      return FollowRedirect();
    case Cut::kEnough:
      return false;
    case Cut::kLimit:
    case Cut::kFraming:
      Fail(local_.failure, local_.message);
      return false;
    case Cut::kNone:
      break;
  }
  if (code != CURLE_OK) {
    Verdict verdict = Explain(easy, code);
    Fail(verdict.failure, std::move(verdict.message));
  } else if (decoder_ && encoded_bytes_ > 0 && !decoder_->IsComplete()) {
    Fail(HttpFailure::kProtocol, "the compressed body ends in the middle");
  } else if (answer_.status < 100 || head_ != HeadState::kComplete) {
    Fail(HttpFailure::kProtocol, "the answer is not HTTP");
  } else if (IsCutOff()) {
    Fail(HttpFailure::kProtocol,
         "the answer may be cut off: it has no length, and " + last_endpoint_ +
             " ended the encrypted connection without the goodbye that completes it");
  } else if (request_.http2 && answer_.http_version != "2") {
    Fail(HttpFailure::kProtocol, "the server does not speak HTTP/2");
  }
  return false;
}

void HttpExchange::ReadPhases(CURL* easy) {
  Phases& phases = answer_.phases;
  const int64_t resolved = TimeInfo(easy, CURLINFO_NAMELOOKUP_TIME_T);
  const int64_t connected = TimeInfo(easy, CURLINFO_CONNECT_TIME_T);
  const int64_t encrypted = TimeInfo(easy, CURLINFO_APPCONNECT_TIME_T);
  const int64_t ready = TimeInfo(easy, CURLINFO_PRETRANSFER_TIME_T);
  const int64_t first_byte = TimeInfo(easy, CURLINFO_STARTTRANSFER_TIME_T);
  long connects = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  if (connects > 0 && connected > 0) phases.connect_us = std::max<int64_t>(0, connected - resolved);
  if (connected == 0 && handshake_started_) {  // curl notes it after a successful handshake only
    phases.connect_us = (*handshake_started_ - hop_started_).count();
  }
  if (connects > 0 && encrypted > 0) phases.tls_us = std::max<int64_t>(0, encrypted - connected);
  if (first_byte > 0 && ready > 0) phases.first_byte_us = std::max<int64_t>(0, first_byte - ready);
  const char* address = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  if (address != nullptr && *address != '\0') answer_.remote_address = address;
}

void HttpExchange::NoteAddresses(CURL* easy, CURLcode code) {
  using Outcome = TriedAddress::Outcome;
  const bool connected = answer_.phases.connect_us >= 0 || answer_.status != 0;
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  size_t last = answer_.addresses.size();
  for (const auto& [fd, index] : opened_) {
    TriedAddress& tried = answer_.addresses[index];
    last = index;
    if (connected && tried.address.ToString() == answer_.remote_address) {
      tried.outcome = Outcome::kConnected;
    } else if (tried.outcome == Outcome::kNotTried) {
      tried.outcome = code == CURLE_OPERATION_TIMEDOUT ? Outcome::kNoAnswer : Outcome::kFailed;
    }
  }
  if (connected || last == answer_.addresses.size() || error == 0) return;
  // Of the address tried last the system's own words are known.
  TriedAddress& tried = answer_.addresses[last];
  if (tried.outcome == Outcome::kConnected || tried.outcome == Outcome::kNoAnswer) return;
  tried.outcome = error == ECONNREFUSED ? Outcome::kRefused
                  : error == ETIMEDOUT  ? Outcome::kNoAnswer
                                        : Outcome::kFailed;
  tried.error = static_cast<int>(error);
}

Verdict HttpExchange::Explain(CURL* easy, CURLcode code) const {
  if (local_.failure != HttpFailure::kNone) return local_;
  const std::string text =
      SanitizeUtf8(error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code));
  if (request_.http2 && code == CURLE_GOT_NOTHING) {  // also what is no frame of HTTP/2
    return {HttpFailure::kProtocol, last_endpoint_ + " gave no HTTP/2 answer"};
  }
  switch (code) {
    case CURLE_HTTP2:
      return {HttpFailure::kProtocol, "the HTTP/2 conversation broke: " + text};
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return ExplainConnect(easy);
    case CURLE_OPERATION_TIMEDOUT:
      return {HttpFailure::kTimeout, ExplainTimeout(easy)};
    case CURLE_GOT_NOTHING:
      if (answer_.status != 0) {
        return {HttpFailure::kProtocol, last_endpoint_ + " closed the connection after HTTP " +
                                            std::to_string(answer_.status) +
                                            ", without a final answer"};
      }
      return {HttpFailure::kReset, last_endpoint_ + " closed the connection without an answer"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      if (request_.http2 && Contains(text, "Connection died")) {  // curl has asked several times
        return {HttpFailure::kProtocol, "the server refuses the stream"};
      }
      if (Contains(text, "reset by peer") || Contains(text, "Broken pipe") ||
          Contains(text, "not connected")) {
        return {HttpFailure::kReset, "connection reset by " + last_endpoint_};
      }
      return {HttpFailure::kProtocol, "the answer is broken: " + TlsReason(text)};
    case CURLE_PARTIAL_FILE:
      return {HttpFailure::kProtocol, "the answer ends before its announced length"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      if (Contains(text, "Content-Length")) {
        return {HttpFailure::kProtocol, "the answer's Content-Length is not valid"};
      }
      if (Contains(text, "ul byte in header")) {
        return {HttpFailure::kProtocol, "a header of the answer contains a NUL byte"};
      }
      if (Contains(text, "without colon")) {
        return {HttpFailure::kProtocol, "the answer has a header line without a colon"};
      }
      return {HttpFailure::kProtocol, "the answer is not HTTP"};
    case CURLE_BAD_CONTENT_ENCODING:  // content encodings are ours
      return {HttpFailure::kProtocol, "the answer has a transfer encoding that is not known"};
    case CURLE_OUT_OF_MEMORY:  // how this curl reports a header line beyond 100 KB
      if (head_ == HeadState::kComplete) return {HttpFailure::kOverload, "out of memory"};
      return {HttpFailure::kTooLarge, "a header line of the answer is too long"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
      return ExplainTls(code);
    default:
      return {HttpFailure::kProtocol, text};
  }
}

Verdict HttpExchange::ExplainConnect(CURL* easy) const {
  long error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  const std::string reason = std::strerror(static_cast<int>(error));
  switch (error) {
    case ECONNREFUSED:
      return {HttpFailure::kRefused, "connection refused by " + last_endpoint_};
    case ECONNRESET:
      return {HttpFailure::kReset, "connection reset by " + last_endpoint_};
    case ETIMEDOUT:
      return {HttpFailure::kTimeout, "no connection to " + last_endpoint_ + ": " + reason};
    case EADDRNOTAVAIL:
      return {HttpFailure::kOverload, "no local address or port left to reach " + last_endpoint_};
    case 0:
      return {HttpFailure::kUnreachable,
              "no connection to " + last_endpoint_ + ": " + SanitizeUtf8(error_text_)};
    default:
      return {HttpFailure::kUnreachable, "no connection to " + last_endpoint_ + ": " + reason};
  }
}

Verdict HttpExchange::ExplainTls(CURLcode code) const {
  const std::string text = SanitizeUtf8(error_text_);
  const std::string name = request_.tls.server_name.empty() ? url_.host : request_.tls.server_name;
  if (request_.tls.verify && !verify_error_.empty()) {
    return {HttpFailure::kTlsVerify,
            "the certificate of " + name + " is not valid: " + verify_error_};
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return {HttpFailure::kTlsVerify, "the certificate is not for " + name};
  }
  if (code == CURLE_SSL_CERTPROBLEM) {
    return {HttpFailure::kTlsHandshake, "the client certificate cannot be used: " + text};
  }
  if (Contains(text, "reset by peer") || Contains(text, "SSL_ERROR_SYSCALL")) {
    return {HttpFailure::kReset,
            "connection closed by " + last_endpoint_ + " during the TLS handshake"};
  }
  return {HttpFailure::kTlsHandshake,
          "TLS handshake with " + last_endpoint_ + " failed: " + TlsReason(text)};
}

std::string HttpExchange::ExplainTimeout(CURL* easy) const {
  std::string doing = "reading the body";
  if (TimeInfo(easy, CURLINFO_CONNECT_TIME_T) == 0 && !handshake_started_) {
    doing = "connecting to " + last_endpoint_;
  } else if (handshake_started_ && TimeInfo(easy, CURLINFO_APPCONNECT_TIME_T) == 0) {
    doing = "in the TLS handshake with " + last_endpoint_;
  } else if (head_ == HeadState::kStatusLine && header_count_ == 0) {
    doing = "waiting for the first byte";
  } else if (head_ != HeadState::kComplete) {
    doing = "reading the headers";
  }
  return "timed out after " + SecondsText(request_.timeout) + " " + doing;
}

bool HttpExchange::IsRedirect() const {
  switch (answer_.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      break;
    default:
      return false;
  }
  return request_.follow_redirects && answer_.FindHeader("Location") != nullptr;
}

bool HttpExchange::FollowRedirect() {
  if (answer_.redirects_seen.size() < kMaxRedirectsSeen) {
    answer_.redirects_seen.push_back(
        {answer_.status, Ellipsize(SanitizeUtf8(*answer_.FindHeader("Location")), 500)});
  }
  if (answer_.redirects >= request_.max_redirects) {
    Fail(HttpFailure::kTooManyRedirects,
         "more than " + std::to_string(request_.max_redirects) + " redirects");
    return false;
  }
  const std::string& location = *answer_.FindHeader("Location");
  Result<Url> next = ResolveLocation(url_, location);
  if (!next) {
    Fail(HttpFailure::kBadRedirect,
         "redirect to " + Ellipsize(SanitizeUtf8(location), 200) + ": " + next.error().message);
    return false;
  }
  if (url_.scheme == "https" && next->scheme == "http" && !request_.allow_downgrade) {
    Fail(HttpFailure::kBadRedirect,
         "redirect from https to http is not allowed: " + Ellipsize(next->ToString(), 200));
    return false;
  }
  RewriteMethod();
  DropSecrets(*next);
  url_ = std::move(*next);
  ++answer_.redirects;
  answer_.final_url = url_.ToString();
  return true;
}

// As browsers do (Fetch standard, HTTP-redirect fetch).
void HttpExchange::RewriteMethod() {
  const bool was_post = method_ == "POST" && (answer_.status == 301 || answer_.status == 302);
  const bool see_other = answer_.status == 303 && method_ != "GET" && method_ != "HEAD";
  if (!was_post && !see_other) return;
  method_ = "GET";
  request_.body.clear();
  std::erase_if(request_.headers, [](const auto& header) {
    return AsciiLower(header.first).starts_with("content-");
  });
}

void HttpExchange::DropSecrets(const Url& next) {
  const bool is_upgrade = url_.scheme == "http" && next.scheme == "https" &&
                          url_.host == next.host && url_.port == 80 && next.port == 443;
  if (is_upgrade || next.HasSameOrigin(url_)) return;
  // Beside those of the standard: keys of services have headers of many names.
  constexpr std::array<std::string_view, 7> kTelling = {"auth",    "cookie", "token",   "secret",
                                                        "api-key", "apikey", "password"};
  std::erase_if(request_.headers, [&](const auto& header) {
    const std::string name = AsciiLower(header.first);
    return name == "host" || std::any_of(kTelling.begin(), kTelling.end(), [&](auto word) {
             return name.find(word) != std::string::npos;
           });
  });
  request_.tls.server_name.clear();
  request_.tls.client_cert_pem.clear();
  request_.tls.client_key_pem.clear();
}

}  // namespace pharos::net
