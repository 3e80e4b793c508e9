#pragma once

// Inside of the dialer: one conversation, from the first address to the answer. Brings
// openssl/ssl.h; only the dialer's own sources include it.

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/address.h"
#include "net/dialer.h"
#include "net/outbound_policy.h"
#include "net/tls_trust.h"

namespace pharos::net {

struct DialContext {
  const OutboundPolicy& policy;
  const Clock& clock;  // real time
  TlsTrust& trust;
  SSL_CTX* tls = nullptr;
};

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// Belongs to the loop thread. Every call says what the loop has to wait for.
class Dial {
 public:
  enum class Wait : uint8_t { kFinished, kRead, kWrite };

  Dial(const DialContext& context, uint64_t id, DialRequest request, DialDone done);
  ~Dial();
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  // The time-out counts from `now`: waiting for a place is not the target's doing. False when it
  // cannot be tried at all; then the answer is ready.
  bool Begin(MonotonicTime now);
  // The name that needs addresses; empty when the host is a literal address.
  std::string NameToResolve() const;
  Wait OnAddresses(std::vector<IpAddress> addresses, int64_t resolve_us);
  Wait OnReady();
  // `due()` has come.
  Wait OnTimer();
  Wait Fail(DialFailure failure, std::string message);

  int fd() const { return fd_; }
  // How many sockets were opened; tells a new one from an old one of the same number.
  uint32_t sockets() const { return sockets_; }
  uint64_t id() const { return id_; }
  MonotonicTime due() const { return std::min(deadline_, step_deadline_); }
  const DialRequest& request() const { return request_; }
  DialAnswer TakeAnswer();
  DialDone TakeDone() { return std::move(done_); }

 private:
  enum class Stage : uint8_t { kResolving, kConnecting, kShaking, kTalking };

  bool IsStream() const {
    return request_.transport == Transport::kTcp || request_.transport == Transport::kTls;
  }
  Status CheckRequest() const;
  Wait TryNextAddress();
  int OpenSocket(const IpAddress& address);
  int OpenEchoSocket(const IpAddress& address);
  Wait OnConnected();
  Wait StartHandshake();
  Wait Shake();
  Wait StartTalking();
  Wait SendDatagram();
  Wait TalkStream();
  Wait TalkDatagram();
  // Returns how many bytes moved; 0 = would block (`blocked_` says on what), -1 = ended.
  long Write(const char* data, size_t size);
  long Read(char* data, size_t size);
  Wait TakeStream(const char* data, size_t size);
  // Asks the conversation; kFinished, or what it wants is in request_.send, ending_ and upgrading_.
  Wait TakeTurn(DialHeard::When when, std::string_view received);
  Wait SendTurnDatagram();
  // What came of the address that is being tried; 0 = connected.
  void NoteAddress(int error);
  Wait AddressFailed(int error);
  Wait EndOfStream();
  Wait Complete();
  void CloseSocket();
  std::string Where() const;
  std::string TlsProblem(int ssl_error) const;
  int64_t SinceUs(MonotonicTime from) const { return (context_.clock.Monotonic() - from).count(); }

  const DialContext& context_;
  const uint64_t id_;
  DialRequest request_;
  DialDone done_;
  DialAnswer answer_;
  Stage stage_ = Stage::kResolving;
  MonotonicTime started_;
  MonotonicTime deadline_;
  MonotonicTime step_deadline_ = MonotonicTime::max();
  MonotonicTime step_started_;

  std::vector<IpAddress> addresses_;
  size_t next_address_ = 0;
  IpAddress address_;
  int fd_ = -1;
  uint32_t sockets_ = 0;
  bool has_ip_header_ = false;  // raw IPv4
  bool is_raw_ = false;
  uint16_t echo_id_ = 0;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  size_t sent_ = 0;
  int turns_ = 0;           // with something to send
  bool ending_ = false;     // once request_.send is written
  bool upgrading_ = false;  // the same
  Wait blocked_ = Wait::kRead;
  bool clean_end_ = false;
  std::string first_problem_;
  DialFailure first_failure_ = DialFailure::kNone;
};

}  // namespace pharos::net
