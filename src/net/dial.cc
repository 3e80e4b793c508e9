#include "net/dial.h"

#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "net/icmp_echo.h"
#include "net/tls_inspect.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxHostBytes = 253;
constexpr size_t kMaxReadBytes = 1024 * 1024;
constexpr size_t kMaxEchoBytes = 1024;
constexpr size_t kMaxAddresses = 8;
constexpr size_t kBufferBytes = 16 * 1024;
constexpr int kMaxTurns = 16;    // of reading before others have their turn
constexpr int kMaxAnswers = 64;  // of ours in one conversation
constexpr Duration kMinStep = Milliseconds(250);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress ToSocketAddress(const IpAddress& address, uint16_t port) {
  SocketAddress out;
  if (address.IsV4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof v4.sin_addr);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

bool IsOwnShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
         error == EADDRNOTAVAIL;
}

bool IsNotPermitted(int error) { return error == EPERM || error == EACCES; }

}  // namespace

std::string_view DialFailureName(DialFailure failure) {
  switch (failure) {
    case DialFailure::kNone:
      return "none";
    case DialFailure::kBadTarget:
      return "bad_target";
    case DialFailure::kBlocked:
      return "blocked";
    case DialFailure::kResolve:
      return "resolve";
    case DialFailure::kRefused:
      return "refused";
    case DialFailure::kUnreachable:
      return "unreachable";
    case DialFailure::kTimeout:
      return "timeout";
    case DialFailure::kTlsHandshake:
      return "tls_handshake";
    case DialFailure::kReset:
      return "reset";
    case DialFailure::kNotPermitted:
      return "not_permitted";
    case DialFailure::kOverload:
      return "overload";
    case DialFailure::kWrongAnswer:
      return "wrong_answer";
    case DialFailure::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

Dial::Dial(const DialContext& context, uint64_t id, DialRequest request, DialDone done)
    : context_(context), id_(id), request_(std::move(request)), done_(std::move(done)) {}

Dial::~Dial() { CloseSocket(); }

Status Dial::CheckRequest() const {
  const std::string& host = request_.host;
  const bool is_clean = std::all_of(host.begin(), host.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
  if (host.empty() || host.size() > kMaxHostBytes || !is_clean) {
    return Error(ErrorKind::kInvalid, "not a host name or address");
  }
  if (request_.transport != Transport::kPing && request_.port == 0) {
    return Error(ErrorKind::kInvalid, "the port must be between 1 and 65535");
  }
  if (request_.transport == Transport::kPing && request_.send.size() > kMaxEchoBytes) {
    return Error(ErrorKind::kInvalid, "the echo request is too long");
  }
  return Ok();
}

bool Dial::Begin(MonotonicTime now) {
  started_ = now;
  deadline_ = now + request_.timeout;
  request_.read_limit = std::min(request_.read_limit, kMaxReadBytes);
  if (Status status = CheckRequest(); !status) {
    Fail(DialFailure::kBadTarget, status.error().message);
    return false;
  }
  if (Status status = context_.policy.CheckHost(request_.host); !status) {
    Fail(DialFailure::kBlocked, status.error().message);
    return false;
  }
  return true;
}

std::string Dial::NameToResolve() const {
  return IpAddress::Parse(request_.host) ? std::string() : request_.host;
}

Dial::Wait Dial::OnAddresses(std::vector<IpAddress> addresses, int64_t resolve_us) {
  answer_.phases.resolve_us = resolve_us;
  if (const Result<IpAddress> literal = IpAddress::Parse(request_.host)) {
    if (request_.ip_version != 0 && (request_.ip_version == 4) != literal->IsV4()) {
      return Fail(DialFailure::kResolve, request_.host + " is not an IPv" +
                                             std::to_string(request_.ip_version) + " address");
    }
    addresses = {*literal};
  }
  for (const IpAddress& address : addresses) {
    Status status =
        context_.policy.CheckAddress(request_.purpose, request_.host, address, request_.port);
    if (!status) return Fail(DialFailure::kBlocked, status.error().message);
  }
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  for (const IpAddress& address : addresses) answer_.addresses.push_back({address});
  addresses_ = std::move(addresses);
  return TryNextAddress();
}

std::string Dial::Where() const {
  const std::string text = address_.ToString();
  if (request_.transport == Transport::kPing) return text;
  return (address_.IsV4() ? text : "[" + text + "]") + ":" + std::to_string(request_.port);
}

Dial::Wait Dial::TryNextAddress() {
  CloseSocket();
  if (next_address_ >= addresses_.size()) {
    return Fail(first_failure_ == DialFailure::kNone ? DialFailure::kResolve : first_failure_,
                first_problem_.empty() ? "the name " + request_.host + " has no address"
                                       : std::exchange(first_problem_, {}));
  }
  const MonotonicTime now = context_.clock.Monotonic();
  if (now >= deadline_) return OnTimer();
  address_ = addresses_[next_address_++];
  answer_.remote_address = address_.ToString();
  // What is left is shared among the addresses, so that a silent one leaves time for the others.
  const auto left = static_cast<int64_t>(addresses_.size() - next_address_ + 1);
  step_started_ = now;
  step_deadline_ =
      left == 1 ? MonotonicTime::max() : now + std::max(kMinStep, (deadline_ - now) / left);
  stage_ = Stage::kConnecting;
  fd_ = request_.transport == Transport::kPing ? OpenEchoSocket(address_) : OpenSocket(address_);
  if (fd_ < 0) return AddressFailed(errno);
  ++sockets_;
  const SocketAddress to =
      ToSocketAddress(address_, request_.transport == Transport::kPing ? 0 : request_.port);
  if (connect(fd_, to.get(), to.size) == 0) return OnConnected();
  return errno == EINPROGRESS ? blocked_ = Wait::kWrite : AddressFailed(errno);
}

int Dial::OpenSocket(const IpAddress& address) {
  const int type = IsStream() ? SOCK_STREAM : SOCK_DGRAM;
  return socket(address.IsV4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// Unprivileged echo sockets need a group in net.ipv4.ping_group_range, raw ones CAP_NET_RAW.
int Dial::OpenEchoSocket(const IpAddress& address) {
  const int family = address.IsV4() ? AF_INET : AF_INET6;
  const int protocol = address.IsV4() ? IPPROTO_ICMP : static_cast<int>(IPPROTO_ICMPV6);
  const std::string random = RandomBytes(2);
  echo_id_ =
      static_cast<uint16_t>(static_cast<uint8_t>(random[0]) << 8 | static_cast<uint8_t>(random[1]));
  is_raw_ = has_ip_header_ = false;
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd >= 0) return fd;
  fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return fd;
  is_raw_ = true;
  has_ip_header_ = address.IsV4();
  if (!address.IsV4()) {
    icmp6_filter only;
    ICMP6_FILTER_SETBLOCKALL(&only);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only);
    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof only);
  }
  return fd;
}

void Dial::NoteAddress(int error) {
  using Outcome = TriedAddress::Outcome;
  if (next_address_ == 0 || next_address_ > answer_.addresses.size()) return;
  TriedAddress& tried = answer_.addresses[next_address_ - 1];
  tried.error = error;
  tried.outcome = error == 0              ? Outcome::kConnected
                  : error == ECONNREFUSED ? Outcome::kRefused
                  : error == ETIMEDOUT    ? Outcome::kNoAnswer
                                          : Outcome::kFailed;
}

Dial::Wait Dial::AddressFailed(int error) {
  const std::string where = Where();
  NoteAddress(error);
  if (IsOwnShortage(error)) {
    return Fail(DialFailure::kOverload,
                std::string("no socket for ") + where + ": " + std::strerror(error));
  }
  if (request_.transport == Transport::kPing && IsNotPermitted(error)) {
    return Fail(DialFailure::kNotPermitted,
                "this server may not send ICMP: widen net.ipv4.ping_group_range or grant "
                "CAP_NET_RAW");
  }
  DialFailure failure = DialFailure::kUnreachable;
  std::string message = where + " is not reachable: " + std::strerror(error);
  if (error == ECONNREFUSED) {
    failure = DialFailure::kRefused;
    message = "connection refused by " + where;
  } else if (error == ETIMEDOUT) {
    failure = DialFailure::kTimeout;
    message = "no answer from " + where;
  } else if (error == ECONNRESET) {
    failure = DialFailure::kReset;
    message = "connection reset by " + where;
  }
  if (first_failure_ == DialFailure::kNone) {
    first_failure_ = failure;
    first_problem_ = std::move(message);
  }
  return TryNextAddress();
}

Dial::Wait Dial::OnReady() {
  switch (stage_) {
    case Stage::kResolving:
      return Wait::kRead;
    case Stage::kConnecting: {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
      return error == 0 ? OnConnected() : AddressFailed(error);
    }
    case Stage::kShaking:
      return Shake();
    case Stage::kTalking:
      return IsStream() ? TalkStream() : TalkDatagram();
  }
  return Wait::kFinished;
}

Dial::Wait Dial::OnTimer() {
  const MonotonicTime now = context_.clock.Monotonic();
  if (now < due()) return blocked_;
  if (now < deadline_ && stage_ == Stage::kTalking) {
    return IsStream() ? Complete() : SendTurnDatagram();
  }
  if (now < deadline_) return AddressFailed(ETIMEDOUT);
  switch (stage_) {
    case Stage::kResolving:
      return Fail(DialFailure::kResolve, "no name server answered in time about " + request_.host);
    case Stage::kConnecting:
      NoteAddress(ETIMEDOUT);
      return Fail(DialFailure::kTimeout, "timed out while connecting to " + Where());
    case Stage::kShaking:
      return Fail(DialFailure::kTimeout, "timed out in the TLS handshake with " + Where());
    case Stage::kTalking:
      return Fail(DialFailure::kTimeout, "no complete answer from " + Where() + " in time");
  }
  return Fail(DialFailure::kTimeout, "timed out");
}

Dial::Wait Dial::OnConnected() {
  step_deadline_ = MonotonicTime::max();
  NoteAddress(0);
  if (IsStream()) answer_.phases.connect_us = SinceUs(step_started_);
  return request_.transport == Transport::kTls ? StartHandshake() : StartTalking();
}

Dial::Wait Dial::StartHandshake() {
  stage_ = Stage::kShaking;
  step_started_ = context_.clock.Monotonic();
  ERR_clear_error();
  ssl_.reset(SSL_new(context_.tls));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) return Fail(DialFailure::kOverload, "no memory");
  const std::string& name =
      request_.tls.server_name.empty() ? request_.host : request_.tls.server_name;
  if (!IpAddress::Parse(name)) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  return Shake();
}

Dial::Wait Dial::Shake() {
  ERR_clear_error();
  const int status = SSL_connect(ssl_.get());
  if (status != 1) {
    const int error = SSL_get_error(ssl_.get(), status);
    if (error == SSL_ERROR_WANT_READ) return blocked_ = Wait::kRead;
    if (error == SSL_ERROR_WANT_WRITE) return blocked_ = Wait::kWrite;
    return Fail(DialFailure::kTlsHandshake,
                "TLS handshake with " + Where() + " failed: " + TlsProblem(error));
  }
  answer_.phases.tls_us = SinceUs(step_started_);
  Result<X509StorePtr> store = context_.trust.StoreFor(request_.tls.ca_pem);
  if (!store) return Fail(DialFailure::kBadTarget, store.error().message);
  const std::string& name =
      request_.tls.server_name.empty() ? request_.host : request_.tls.server_name;
  answer_.chain =
      InspectPeer(ssl_.get(), store->get(), name, request_.tls.now.value_or(context_.clock.Now()));
  return StartTalking();
}

std::string Dial::TlsProblem(int ssl_error) const {
  const unsigned long code = ERR_peek_error();
  if (code != 0) {
    const int reason = ERR_GET_REASON(code);
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
      return "the other side does not speak TLS";
    }
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return "connection closed by the other side";
    const char* text = ERR_reason_error_string(code);
    if (text != nullptr) return text;
  }
  if (ssl_error == SSL_ERROR_SYSCALL && errno != 0) return std::strerror(errno);
  return "connection closed by the other side";
}

Dial::Wait Dial::StartTalking() {
  stage_ = Stage::kTalking;
  step_started_ = context_.clock.Monotonic();
  if (request_.turn) {
    const bool was_plain = std::exchange(upgrading_, false);
    const Wait wait =
        TakeTurn(was_plain ? DialHeard::When::kSecured : DialHeard::When::kConnected, {});
    if (wait == Wait::kFinished) return wait;
    return IsStream() ? TalkStream() : SendTurnDatagram();
  }
  return IsStream() ? TalkStream() : SendDatagram();
}

Dial::Wait Dial::SendDatagram() {
  std::string packet;
  if (request_.transport == Transport::kPing) {
    packet = MakeEchoRequest(address_.IsV4(), echo_id_, 1, request_.send);
  }
  const std::string& bytes = packet.empty() ? request_.send : packet;
  if (send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return AddressFailed(errno);
  return blocked_ = Wait::kRead;
}

long Dial::Write(const char* data, size_t size) {
  if (ssl_) {
    ERR_clear_error();
    const int moved = SSL_write(ssl_.get(), data, static_cast<int>(std::min(size, kBufferBytes)));
    if (moved > 0) return moved;
    const int error = SSL_get_error(ssl_.get(), moved);
    blocked_ = error == SSL_ERROR_WANT_READ ? Wait::kRead : Wait::kWrite;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
  }
  const ssize_t moved = ::send(fd_, data, size, MSG_NOSIGNAL);
  if (moved >= 0) return moved;
  blocked_ = Wait::kWrite;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

long Dial::Read(char* data, size_t size) {
  if (ssl_) {
    ERR_clear_error();
    const int moved = SSL_read(ssl_.get(), data, static_cast<int>(size));
    if (moved > 0) return moved;
    const int error = SSL_get_error(ssl_.get(), moved);
    clean_end_ = error == SSL_ERROR_ZERO_RETURN;
    blocked_ = error == SSL_ERROR_WANT_WRITE ? Wait::kWrite : Wait::kRead;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
  }
  const ssize_t moved = recv(fd_, data, size, 0);
  if (moved > 0) return moved;
  clean_end_ = moved == 0;
  blocked_ = Wait::kRead;
  return moved < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

Dial::Wait Dial::TalkStream() {
  std::array<char, kBufferBytes> buffer;
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    while (sent_ < request_.send.size()) {
      const long moved = Write(request_.send.data() + sent_, request_.send.size() - sent_);
      if (moved == 0) return blocked_;
      if (moved < 0 && ending_) return Complete();
      if (moved < 0) return Fail(DialFailure::kReset, "connection closed by " + Where());
      sent_ += static_cast<size_t>(moved);
    }
    if (ending_ || request_.read_limit == 0) return Complete();
    if (upgrading_) {
      // Whatever followed the last plain answer may come from somebody in between.
      answer_.received.clear();
      return StartHandshake();
    }
    const long moved = Read(buffer.data(), buffer.size());
    if (moved == 0) return blocked_;
    if (moved < 0) return EndOfStream();
    const Wait wait = TakeStream(buffer.data(), static_cast<size_t>(moved));
    if (wait == Wait::kFinished) return wait;
  }
  // What is still to be written, too, has its turn when the socket is writable.
  if (ending_ || upgrading_ || sent_ < request_.send.size()) return blocked_ = Wait::kWrite;
  // Bytes that OpenSSL holds already do not make the socket readable, but being writable does.
  return ssl_ && SSL_pending(ssl_.get()) > 0 ? Wait::kWrite : Wait::kRead;
}

Dial::Wait Dial::TakeStream(const char* data, size_t size) {
  if (answer_.phases.first_byte_us < 0) answer_.phases.first_byte_us = SinceUs(step_started_);
  const size_t room = request_.read_limit - answer_.received.size();
  answer_.received.append(data, std::min(room, size));
  if (request_.turn && size <= room) {
    return TakeTurn(DialHeard::When::kReceived, answer_.received);
  }
  if (request_.turn) {
    answer_.cut_off = true;
    return Fail(DialFailure::kWrongAnswer, "the answer of " + Where() + " is longer than " +
                                               std::to_string(request_.read_limit) + " bytes");
  }
  if (request_.enough && request_.enough(answer_.received)) return Complete();
  if (size > room) {
    answer_.cut_off = true;
    return Complete();
  }
  return Wait::kRead;
}

Dial::Wait Dial::EndOfStream() {
  if (clean_end_ && !request_.enough && !request_.turn) return Complete();
  return Fail(DialFailure::kReset, "connection closed by " + Where() + " before the answer");
}

Dial::Wait Dial::TakeTurn(DialHeard::When when, std::string_view received) {
  DialTurn turn = request_.turn({when, received, answer_.chain ? &*answer_.chain : nullptr});
  if (turn.next == DialTurn::Next::kFail) {
    return Fail(DialFailure::kWrongAnswer, std::move(turn.problem));
  }
  if ((!turn.send.empty() || turn.start_tls) && ++turns_ > kMaxAnswers) {
    return Fail(DialFailure::kWrongAnswer, "the conversation with " + Where() + " does not end");
  }
  if (IsStream() && turn.linger > Duration::zero()) {
    step_deadline_ = context_.clock.Monotonic() + turn.linger;
  }
  ending_ = turn.next == DialTurn::Next::kFinish;
  upgrading_ = turn.start_tls && !ssl_ && IsStream();
  if (!turn.send.empty()) {
    // What of a stream is not written yet goes first.
    request_.send.erase(0, IsStream() ? std::exchange(sent_, 0) : request_.send.size());
    request_.send += turn.send;
  }
  if (!ending_) return Wait::kRead;
  if (!IsStream() && !turn.send.empty()) SendTurnDatagram();
  return !IsStream() || sent_ == request_.send.size() ? Complete() : Wait::kWrite;
}

// The last one again, too, when nothing came.
Dial::Wait Dial::SendTurnDatagram() {
  step_deadline_ = request_.resend_after > Duration::zero()
                       ? context_.clock.Monotonic() + request_.resend_after
                       : MonotonicTime::max();
  if (!request_.send.empty() &&
      send(fd_, request_.send.data(), request_.send.size(), MSG_NOSIGNAL) < 0) {
    return AddressFailed(errno);
  }
  return blocked_ = Wait::kRead;
}

Dial::Wait Dial::TalkDatagram() {
  std::array<char, kBufferBytes> buffer;
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return blocked_ = Wait::kRead;
      return AddressFailed(errno);
    }
    std::string_view datagram(buffer.data(), static_cast<size_t>(size));
    if (request_.transport == Transport::kPing) {
      const auto reply = ParseEchoReply(address_.IsV4(), has_ip_header_, datagram);
      if (!reply || (is_raw_ && reply->id != echo_id_) || reply->payload != request_.send) continue;
      datagram = reply->payload;
    }
    if (request_.turn) {
      if (answer_.phases.first_byte_us < 0) answer_.phases.first_byte_us = SinceUs(step_started_);
      answer_.received = datagram.substr(0, request_.read_limit);
      const int before = turns_;
      const Wait wait = TakeTurn(DialHeard::When::kReceived, datagram);
      if (wait == Wait::kFinished) return wait;
      if (turns_ != before && SendTurnDatagram() == Wait::kFinished) return Wait::kFinished;
      continue;
    }
    if (request_.enough && !request_.enough(datagram)) continue;
    answer_.phases.first_byte_us = SinceUs(step_started_);
    answer_.cut_off = datagram.size() > request_.read_limit;
    answer_.received = datagram.substr(0, request_.read_limit);
    return Complete();
  }
  return blocked_ = Wait::kRead;
}

Dial::Wait Dial::Complete() {
  answer_.failure = DialFailure::kNone;
  answer_.message.clear();
  // Says goodbye without waiting for the answer.
  if (ssl_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  return Wait::kFinished;
}

Dial::Wait Dial::Fail(DialFailure failure, std::string message) {
  answer_.failure = failure;
  answer_.message = std::move(message);
  ERR_clear_error();
  return Wait::kFinished;
}

void Dial::CloseSocket() {
  ssl_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

DialAnswer Dial::TakeAnswer() {
  answer_.phases.total_us = SinceUs(started_);
  return std::move(answer_);
}

}  // namespace pharos::net
