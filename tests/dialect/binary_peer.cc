#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "peers.h"
#include "served_process.h"

namespace pharos::talk {
namespace {

class Socket {
 public:
  explicit Socket(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Write(std::string_view bytes) {
    while (connected_ && !bytes.empty()) {
      const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return connected_;
  }
  std::string ReadAll() {
    std::string all;
    char buffer[16384];
    ssize_t n = 0;
    while ((n = recv(fd_, buffer, sizeof buffer, 0)) > 0)
      all.append(buffer, static_cast<size_t>(n));
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::optional<WireReply> ParseReply(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.1 ")) return std::nullopt;
  WireReply reply;
  reply.status = std::atoi(std::string(bytes.substr(9, 3)).c_str());
  bool first = true;
  for (std::string_view line : Split(bytes.substr(0, end), '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (!first && colon != std::string_view::npos) {
      reply.headers.emplace_back(line.substr(0, colon), Trim(line.substr(colon + 1)));
    }
    first = false;
  }
  reply.body = bytes.substr(end + 4);
  return reply;
}

class BinaryPeer : public Peer {
 public:
  BinaryPeer(const std::string& binary, std::string folder)
      : folder_(std::move(folder)), process_(binary, folder_) {}
  ~BinaryPeer() override {
    process_.Kill();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Keys are made before the start, so that no talk depends on how fast they are noticed.
  void Begin(const Session& session, Variables& variables) {
    for (const KeyWish& wish : session.keys) {
      std::vector<std::string> create = {"key",        "create", "--dialect",
                                         wish.dialect, "--name", wish.variable};
      for (const std::string& scope : wish.scopes) create.insert(create.end(), {"--scope", scope});
      if (!wish.expires.empty()) create.insert(create.end(), {"--expires", wish.expires});
      if (!wish.rate_class.empty()) create.insert(create.end(), {"--rate-class", wish.rate_class});
      variables[wish.variable] = Trim(process_.Run(create));
      if (wish.disabled) {
        process_.Run({"key", "disable", wish.variable, "--dialect", wish.dialect});
      }
      if (wish.revoked) {
        process_.Run({"key", "revoke", wish.variable, "--dialect", wish.dialect});
      }
    }
    process_.Start();
  }

  Result<WireReply> Send(const WireRequest& request) override {
    std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\n";
    bool has_host = false;
    for (const auto& [name, value] : request.headers) {
      bytes += name + ": " + value + "\r\n";
      has_host = has_host || EqualsIgnoreCase(name, "host");
    }
    if (!has_host) bytes += "Host: pharos.test\r\n";
    if (!request.body.empty()) {
      bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    bytes += "Connection: close\r\n\r\n";
    Socket socket(process_.port());
    // A server that refuses a long body may close before it was written whole.
    socket.Write(bytes);
    socket.Write(request.body);
    const std::string answer = socket.ReadAll();
    std::optional<WireReply> reply = ParseReply(answer);
    if (!reply) return Error(ErrorKind::kInternal, "unreadable answer: " + Ellipsize(answer, 200));
    return std::move(*reply);
  }

  Timestamp Now() override { return SystemClock().Now(); }
  void Advance(Duration) override {}

 private:
  const std::string folder_;
  e2e::ServedProcess process_;
};

}  // namespace

PeerFactory BinaryPeers(std::string binary) {
  return [binary = std::move(binary)](const Session& session,
                                      Variables& variables) -> Result<std::unique_ptr<Peer>> {
    std::string folder = (std::filesystem::temp_directory_path() / "pharos-talk-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
      return Error(ErrorKind::kInternal, "no temporary directory");
    }
    auto peer = std::make_unique<BinaryPeer>(binary, folder);
    peer->Begin(session, variables);
    return std::unique_ptr<Peer>(std::move(peer));
  };
}

}  // namespace pharos::talk
