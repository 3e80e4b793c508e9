#include "net/testing/scripted_dns.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr uint16_t kTypeA = 1;
constexpr uint16_t kTypeAaaa = 28;

void AppendU16(std::string& out, uint32_t n) {
  out += static_cast<char>(n >> 8 & 0xff);
  out += static_cast<char>(n & 0xff);
}

}  // namespace

ScriptedDns::ScriptedDns(Script script) : script_(std::move(script)) {
  fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

ScriptedDns::~ScriptedDns() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_fd_, &one, sizeof(one));
  thread_.join();
  close(fd_);
  close(stop_fd_);
}

void ScriptedDns::Run() {
  while (true) {
    std::array<pollfd, 2> watched{{{fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
    poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    std::array<char, 1500> buffer;
    sockaddr_in from{};
    socklen_t from_size = sizeof(from);
    const ssize_t got = recvfrom(fd_, buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
    if (got < static_cast<ssize_t>(kHeaderBytes)) continue;
    ++query_count_;
    const std::string reply = Reply(std::string(buffer.data(), static_cast<size_t>(got)));
    if (reply.empty()) continue;
    sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), from_size);
  }
}

std::string ScriptedDns::Reply(const std::string& query) {
  std::string name;
  size_t at = kHeaderBytes;
  while (at < query.size() && query[at] != 0) {
    const size_t length = static_cast<unsigned char>(query[at]);
    if (!name.empty()) name += '.';
    name += query.substr(at + 1, length);
    at += 1 + length;
  }
  if (at + 5 > query.size()) return {};
  const auto type = static_cast<uint16_t>(static_cast<unsigned char>(query[at + 1]) << 8 |
                                          static_cast<unsigned char>(query[at + 2]));
  const Answer answer = script_(AsciiLower(name));
  if (answer.silent) return {};
  std::string records;
  uint32_t count = 0;
  for (const IpAddress& address : answer.addresses) {
    if (type != (address.IsV4() ? kTypeA : kTypeAaaa)) continue;
    const size_t bytes = address.IsV4() ? 4 : 16;
    AppendU16(records, 0xc00c);  // the name stands in the question
    AppendU16(records, type);
    AppendU16(records, 1);
    AppendU16(records, answer.ttl_s >> 16);
    AppendU16(records, answer.ttl_s & 0xffff);
    AppendU16(records, static_cast<uint32_t>(bytes));
    records.append(reinterpret_cast<const char*>(address.bytes().data()), bytes);
    ++count;
  }
  std::string reply = query.substr(0, 2);
  AppendU16(reply, answer.not_found ? 0x8183 : 0x8180);
  AppendU16(reply, 1);
  AppendU16(reply, count);
  AppendU16(reply, 0);
  AppendU16(reply, 0);
  return reply + query.substr(kHeaderBytes, at + 5 - kHeaderBytes) + records;
}

}  // namespace pharos::net
