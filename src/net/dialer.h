#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "net/http_client.h"
#include "net/outbound_policy.h"
#include "net/peer_chain.h"
#include "net/way.h"

namespace pharos::net {

enum class Transport : uint8_t {
  kTcp,
  kTls,   // TCP, then a handshake; the chain is reported, never enforced
  kUdp,   // one datagram out, the first acceptable one in
  kPing,  // one ICMP echo request out, its reply in; `port` means nothing
};

struct DialTls {
  std::string server_name{};       // SNI and the name to judge; empty = the host
  std::string ca_pem{};            // extra trust anchors
  std::optional<Timestamp> now{};  // when the certificates have to be valid; nullopt = now
};

// What a conversation of several turns is told and what it answers (DialRequest::turn).
struct DialHeard {
  enum class When : uint8_t {
    kConnected,  // connected, for kTls with the handshake done; after a failed address once more
    kSecured,    // the handshake that start_tls asked for is done
    kReceived,
  };
  When when = When::kConnected;
  // Streams: everything read since it was connected or secured. Datagrams: this one.
  std::string_view received{};
  const PeerChain* chain = nullptr;  // once there was a handshake; judge it before sending secrets
};
struct DialTurn {
  enum class Next : uint8_t {
    kWait,    // for more; at the latest until the time-out
    kFinish,  // that was all: the answer is good
    kFail,    // kWrongAnswer with `problem` as its message
  };
  Next next = Next::kWait;
  std::string send{};      // written first, also before the end; for datagrams one datagram
  bool start_tls = false;  // then a handshake; what came in plain text and was not read is dropped
  std::string problem{};
  Duration linger{};  // streams: good, too, when nothing has ended it after so long
};

struct DialRequest {
  Transport transport = Transport::kTcp;
  std::string host;  // a name or a literal address
  uint16_t port = 0;
  int ip_version = 0;              // 0 any, 4, 6
  Duration timeout = Seconds(10);  // everything: resolve, connect, handshake, answer
  Purpose purpose = Purpose::kProbe;
  DialTls tls;
  std::string send;       // written once connected; for kPing the echoed bytes, at most 1 KiB
  size_t read_limit = 0;  // of what is read, at most 1 MiB; 0 = streams end once `send` is written
  // Streams: asked with everything read so far, true = that is all. Datagrams: asked with each one,
  // false = not meant for us, wait for another. Without it a stream is read to its end and the
  // first datagram counts. Runs on the dialer's thread.
  std::function<bool(std::string_view received)> enough;
  // A conversation instead of `send` and `enough`: asked when connected and with all that comes, at
  // most 64 times with something to send. More than `read_limit` is a failure. Runs on the dialer's
  // thread and must not block. Not for kPing.
  std::function<DialTurn(const DialHeard& heard)> turn{};
  // Datagrams of a conversation: after so long without an answer the last one is sent again.
  Duration resend_after{};
};

enum class DialFailure : uint8_t {
  kNone,
  kBadTarget,
  kBlocked,  // outbound policy; never downtime
  kResolve,
  kRefused,
  kUnreachable,
  kTimeout,
  kTlsHandshake,
  kReset,         // closed or reset before the answer was complete
  kNotPermitted,  // the system does not let us send ICMP; never downtime
  kOverload,      // our own caps or trouble, as HttpFailure::kOverload; never downtime
  kWrongAnswer,   // what came is not what the conversation asked for
  kCancelled,
};
std::string_view DialFailureName(DialFailure failure);

struct DialAnswer {
  DialFailure failure = DialFailure::kNone;
  std::string message;             // for people: "connection refused by 127.0.0.1:81"
  std::string remote_address;      // the address tried last, without port
  Phases phases;                   // first_byte_us: from connected (and sent) to the first byte
  std::string received;            // at most read_limit bytes, also of what ended in a failure
  bool cut_off = false;            // there was more than read_limit
  std::optional<PeerChain> chain;  // kTls, once the handshake is done
  std::vector<TriedAddress> addresses;  // as resolved
};
using DialDone = std::function<void(DialAnswer answer)>;

struct DialerSettings {
  size_t max_in_flight = 2'000;
  size_t max_queued = 50'000;
  std::string ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
  std::vector<std::string> dns_servers;  // "127.0.0.1" or "127.0.0.1:53"; empty = the system's
  bool check_name_service = true;        // before a look-up that nobody answered counts
};

// Short conversations outside HTTP: TCP, TLS, UDP and ICMP echo on one epoll loop of its own
// thread. As everywhere (architecture D14) names are resolved, every address is checked by the
// policy, and a checked address is connected to; addresses are tried in order until one accepts.
// Proxies carry HTTP only, so these connections are always direct. Thread-safe; callbacks run on
// the loop thread and must not block.
class Dialer {
 public:
  static Result<std::unique_ptr<Dialer>> Start(const DialerSettings& settings,
                                               const OutboundPolicy& policy, Metrics& metrics);
  // What is in flight ends with kOverload ("shutting down"). Nobody may call Start any more.
  virtual ~Dialer() = default;

  // Always calls `done` exactly once, never from inside this call. The number is for Cancel.
  virtual uint64_t Start(DialRequest request, DialDone done) = 0;
  // `done` is then called with kCancelled, unless it is on its way already.
  virtual void Cancel(uint64_t id) = 0;
  virtual size_t InFlight() const = 0;
  // Addresses of the name servers that this process asks, "host" or "host:port"; for checks of DNS
  // that name none themselves. Empty when the system has none.
  virtual std::vector<std::string> NameServers() const = 0;
};

}  // namespace pharos::net
