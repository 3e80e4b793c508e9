#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "play.h"

namespace pharos::faults {
namespace {

using model::Status;

// A port of the loopback interface: bound and silent, or listening with its queue full, so that
// nobody answers further connections.
class Port {
 public:
  explicit Port(bool full) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, generic, size) != 0 || getsockname(fd_, generic, &size) != 0) std::abort();
    port_ = ntohs(address.sin_port);
    if (!full || listen(fd_, 0) != 0) return;
    for (int& one : fillers_) {
      one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      [[maybe_unused]] const int begun = connect(one, generic, size);
    }
  }
  ~Port() {
    for (const int one : fillers_) {
      if (one >= 0) close(one);
    }
    close(fd_);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  std::string number() const { return std::to_string(port_); }

 private:
  int fd_ = -1;
  int fillers_[4] = {-1, -1, -1, -1};
  uint16_t port_ = 0;
};

Target Held(bool full) {
  Target target;
  auto port = std::make_shared<Port>(full);
  target.words["port"] = port->number();
  target.words["url"] = "http://127.0.0.1:" + port->number() + "/";
  target.held = std::move(port);
  return target;
}
Target Refusing() { return Held(false); }
Target Silent() { return Held(true); }

// Nothing stands there; the address in the spec is routed as its name says.
Target Nowhere() { return {}; }

constexpr const char* kUrl = R"("url":"{url}")";
constexpr const char* kUrlSoon = R"("url":"{url}","timeout_ms":600)";
constexpr const char* kTcp = R"("host":"127.0.0.1","port":{port},"timeout_ms":600)";

Fault Row(std::string name, std::string kind, std::string spec, std::string text,
          std::function<Target()> play, Status wanted = Status::kDown) {
  return {.name = std::move(name),
          .layer = Layer::kReachability,
          .kind = std::move(kind),
          .spec = std::move(spec),
          .wanted = wanted,
          .text = std::move(text),
          .play = std::move(play)};
}

Fault Waiting(Fault fault) {
  fault.waits = true;
  return fault;
}

Fault Routed(Fault fault, bool waits = false) {
  fault.needs_namespace = true;
  fault.waits = waits;
  return fault;
}

std::vector<Fault> PortFaults() {
  return {
      Row("nobody listens, http", "http", kUrl, R"(connection refused by 127\.0\.0\.1:\d+)",
          Refusing),
      Row("nobody listens, tcp", "tcp", kTcp, R"(connection refused by 127\.0\.0\.1:\d+)",
          Refusing),
      Waiting(Row("half open: nobody answers the SYN, http", "http", kUrlSoon, "Request timed out",
                  Silent)),
      Waiting(Row("half open: nobody answers the SYN, tcp", "tcp", kTcp,
                  R"(timed out while connecting to 127\.0\.0\.1:\d+)", Silent)),
      Row("accepted, then reset", "http", kUrl, R"(connection reset by 127\.0\.0\.1:\d+)",
          Http([](ScriptedConnection& c) { c.Reset(); })),
      Row("request read, then reset", "http", kUrl, R"(connection reset by 127\.0\.0\.1:\d+)",
          Http(After([](ScriptedConnection& c) { c.Reset(); }))),
      Row("request read, then closed without a word", "http", kUrl,
          R"(127\.0\.0\.1:\d+ closed the connection without an answer)",
          Http(After([](ScriptedConnection&) {}))),
      Waiting(Row("accepted, then silence, http", "http", kUrlSoon, "Request timed out",
                  Http([](ScriptedConnection& c) { c.WaitForClose(); }))),
      Row("accepted, then silence, tcp", "tcp", kTcp, "",
          Http([](ScriptedConnection& c) { c.WaitForClose(); }), Status::kUp),
      Row("one of two ports closed", "tcp",
          R"("hosts":[{"host":"127.0.0.1","port":{port}},{"host":"127.0.0.1","port":{closed}}])",
          R"(127\.0\.0\.1:\d+ is refused)",
          [] {
            Target target = Http([](ScriptedConnection& c) { c.WaitForClose(); })();
            auto closed = std::make_shared<Port>(false);
            target.words["closed"] = closed->number();
            target.held = closed;
            return target;
          }),
      Row("resets every second connection, retried", "http",
          R"("url":"{url}","retries":1,"retry_delay_ms":1)", "", Http([](ScriptedConnection& c) {
            if (c.index() % 2 == 0) return c.Reset();
            if (!c.ReadRequest().empty()) c.Send(ScriptedServer::Ok("x"));
          }),
          Status::kUp),
  };
}

// Inside the lab's own network: 192.0.2.0/24 is unreachable, 203.0.113.0/24 prohibited, and what
// goes to 198.51.100.0/24 is lost.
std::vector<Fault> RouteFaults() {
  return {
      Routed(Row("no route to the host, http", "http", R"("url":"http://192.0.2.1/")",
                 R"(no connection to 192\.0\.2\.1:80: No route to host)", Nowhere)),
      Routed(Row("no route to the host, tcp", "tcp", R"("host":"192.0.2.1","port":80)",
                 R"(192\.0\.2\.1:80 is not reachable: No route to host)", Nowhere)),
      Routed(Row("forbidden by a packet filter, http", "http", R"("url":"http://203.0.113.1/")",
                 R"(no connection to 203\.0\.113\.1:80: Permission denied)", Nowhere)),
      Routed(Row("no network at all, http", "http", R"("url":"http://100.64.0.1/")",
                 R"(no connection to 100\.64\.0\.1:80: Network is unreachable)", Nowhere)),
      Routed(Row("no IPv6 network, http", "http", R"("url":"http://[2001:db8::1]/")",
                 R"(no connection to \[2001:db8::1\]:80: Network is unreachable)", Nowhere)),
      Routed(Row("packets are lost, http", "http",
                 R"("url":"http://198.51.100.1/","timeout_ms":600)", "Request timed out", Nowhere),
             true),
      Routed(
          Row("packets are lost, tcp", "tcp", R"("host":"198.51.100.1","port":80,"timeout_ms":600)",
              R"(timed out while connecting to 198\.51\.100\.1:80)", Nowhere),
          true),
      Routed(Row("packets are lost, ping", "ping", R"("host":"198.51.100.1","timeout_ms":600)",
                 ".*(no answer|no reply|lost|loss).*", Nowhere),
             true),
      Routed(Row("no route to the host, ping", "ping", R"("host":"192.0.2.1","timeout_ms":600)",
                 ".*No route to host.*", Nowhere)),
  };
}

}  // namespace

std::vector<Fault> ReachabilityFaults() {
  std::vector<Fault> all = PortFaults();
  std::vector<Fault> routes = RouteFaults();
  for (Fault& fault : routes) all.push_back(std::move(fault));
  return all;
}

}  // namespace pharos::faults
