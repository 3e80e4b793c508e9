#pragma once

#include <functional>
#include <string>

#include "probe/dns/dns_message.h"
#include "probe/probe.h"

namespace pharos::probe {

enum class DnsTransport : uint8_t { kUdp, kTcp, kTls };

struct DnsQuestion {
  std::string name;
  RecordType type = RecordType::kA;
  DnsTransport transport = DnsTransport::kUdp;
  std::vector<std::string> servers;  // "host" or "host:port", "[::1]:53"; asked in this order
  uint16_t tls_port = 853;
  std::string tls_server_name;
  bool verify_tls = true;
  Duration timeout{};
  net::Purpose purpose = net::Purpose::kProbe;
};

struct DnsOutcome {
  net::DialAnswer dial;  // of the last conversation
  DnsReply reply;        // when `problem` is empty and the conversation succeeded
  std::string server;    // "192.0.2.53:53", who answered or was asked last
  std::string problem;   // an answer that makes no sense, a certificate that is not trusted
  std::string transport;
  int64_t took_us = -1;  // all conversations together
};

// Asks until a server answers: each server twice over UDP, since datagrams get lost, and over TCP
// when the answer was cut off. Calls `done` once, within the time-out. The tools outlive it.
void AskDns(DnsQuestion question, const Tools& tools, std::function<void(DnsOutcome)> done);

// Splits "host", "host:port" and "[v6]:port"; nullopt for anything else.
std::optional<std::pair<std::string, uint16_t>> SplitServer(std::string_view text,
                                                            uint16_t default_port);

}  // namespace pharos::probe
