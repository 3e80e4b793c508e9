#include "probe/dns/dns_query.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "net/address.h"
#include "probe/dial_common.h"

namespace pharos::probe {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr size_t kMaxMessageBytes = 65535;
constexpr size_t kMaxServers = 4;
constexpr int kUdpTries = 2;
constexpr Duration kLeastTime = Milliseconds(1);

const char* TransportName(DnsTransport transport) {
  switch (transport) {
    case DnsTransport::kUdp:
      return "UDP";
    case DnsTransport::kTcp:
      return "TCP";
    case DnsTransport::kTls:
      return "TLS";
  }
  return "UDP";
}

std::string Framed(const std::string& message) {
  std::string out;
  out += static_cast<char>(message.size() >> 8 & 0xff);
  out += static_cast<char>(message.size() & 0xff);
  return out + message;
}

// The message behind a two-byte length; nullopt until it is complete.
std::optional<std::string_view> Unframed(std::string_view stream) {
  if (stream.size() < 2) return std::nullopt;
  const size_t size =
      static_cast<size_t>(static_cast<uint8_t>(stream[0])) << 8 | static_cast<uint8_t>(stream[1]);
  if (stream.size() < 2 + size) return std::nullopt;
  return stream.substr(2, size);
}

// One question under way; the pending callback owns it.
class Query : public std::enable_shared_from_this<Query> {
 public:
  Query(DnsQuestion question, const Tools& tools, std::function<void(DnsOutcome)> done)
      : question_(std::move(question)),
        tools_(tools),
        done_(std::move(done)),
        deadline_(tools.clock->Monotonic() + question_.timeout) {
    if (question_.servers.size() > kMaxServers) question_.servers.resize(kMaxServers);
    tries_left_ =
        question_.servers.size() * (question_.transport == DnsTransport::kUdp ? kUdpTries : 1);
  }

  void Ask() {
    const auto server =
        SplitServer(question_.servers[server_],
                    question_.transport == DnsTransport::kTls ? question_.tls_port : kDnsPort);
    if (!server) return Finish("not a name server: " + question_.servers[server_]);
    Send(server->first, server->second, question_.transport);
  }

 private:
  void Send(const std::string& host, uint16_t port, DnsTransport transport) {
    const std::string random = RandomBytes(2);
    const auto id = static_cast<uint16_t>(static_cast<uint8_t>(random[0]) << 8 |
                                          static_cast<uint8_t>(random[1]));
    auto query = MakeDnsQuery(id, question_.name, question_.type);
    if (!query) return Finish(query.error().message);
    query_ = *query;
    const bool is_v6 = host.find(':') != std::string::npos;
    outcome_.server = (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    outcome_.transport = TransportName(transport);
    net::DialRequest request;
    request.host = host;
    request.port = port;
    const Duration left = std::max(kLeastTime, deadline_ - tools_.clock->Monotonic());
    request.timeout = left / static_cast<int64_t>(std::max<size_t>(tries_left_, 1));
    request.purpose = question_.purpose;
    if (transport == DnsTransport::kUdp) {
      request.transport = net::Transport::kUdp;
      request.send = query_;
      request.read_limit = kMaxMessageBytes;
      request.enough = [query = query_](std::string_view reply) { return IsReplyTo(query, reply); };
    } else {
      const bool tls = transport == DnsTransport::kTls;
      request.transport = tls ? net::Transport::kTls : net::Transport::kTcp;
      request.tls.server_name = question_.tls_server_name;
      request.send = Framed(query_);
      request.read_limit = kMaxMessageBytes + 2;
      request.enough = [](std::string_view stream) { return Unframed(stream).has_value(); };
    }
    tools_.dialer->Start(std::move(request),
                         [self = shared_from_this(), host, port, transport](net::DialAnswer got) {
                           self->OnAnswer(host, port, transport, std::move(got));
                         });
  }

  void OnAnswer(const std::string& host, uint16_t port, DnsTransport transport,
                net::DialAnswer got) {
    outcome_.dial = std::move(got);
    took_us_ += std::max<int64_t>(outcome_.dial.phases.total_us, 0);
    const net::DialAnswer& dial = outcome_.dial;
    if (dial.failure != net::DialFailure::kNone) return TryAgain();
    if (dial.chain && question_.verify_tls && !dial.chain->findings.empty()) {
      return Finish(dial.chain->findings.front().text);
    }
    std::string_view message = dial.received;
    if (transport != DnsTransport::kUdp) message = Unframed(message).value_or("");
    if (!IsReplyTo(query_, message)) return Finish("the name server answered something else");
    auto reply = ParseDnsReply(message, question_.type);
    if (!reply) return Finish(reply.error().message);
    if (reply->truncated && transport == DnsTransport::kUdp) {
      tries_left_ = 1;
      return Send(host, port, DnsTransport::kTcp);
    }
    outcome_.reply = std::move(*reply);
    Finish("");
  }

  void TryAgain() {
    const bool is_ours = JudgeDialFailure(outcome_.dial).status == model::Status::kNoData;
    if (is_ours || --tries_left_ == 0 || tools_.clock->Monotonic() >= deadline_) return Finish("");
    server_ = (server_ + 1) % question_.servers.size();
    Ask();
  }

  void Finish(std::string problem) {
    outcome_.problem = std::move(problem);
    outcome_.took_us = took_us_;
    done_(std::move(outcome_));
  }

  DnsQuestion question_;
  const Tools tools_;
  const std::function<void(DnsOutcome)> done_;
  const MonotonicTime deadline_;
  size_t server_ = 0;
  size_t tries_left_ = 0;
  int64_t took_us_ = 0;
  std::string query_;
  DnsOutcome outcome_;
};

}  // namespace

std::optional<std::pair<std::string, uint16_t>> SplitServer(std::string_view text,
                                                            uint16_t default_port) {
  if (net::IpAddress::Parse(text)) return std::pair(std::string(text), default_port);
  uint16_t port = default_port;
  std::string_view host = text;
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && !text.ends_with(']')) {
    const auto number = ParseInt(text.substr(colon + 1));
    if (!number || *number < 1 || *number > 65535) return std::nullopt;
    port = static_cast<uint16_t>(*number);
    host = text.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!net::IpAddress::Parse(host)) return std::nullopt;
  }
  if (!IsHost(host)) return std::nullopt;
  return std::pair(std::string(host), port);
}

void AskDns(DnsQuestion question, const Tools& tools, std::function<void(DnsOutcome)> done) {
  std::make_shared<Query>(std::move(question), tools, std::move(done))->Ask();
}

}  // namespace pharos::probe
