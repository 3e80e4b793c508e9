#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "net/address.h"

namespace pharos::net {

// A name server for tests on a UDP port of the loopback interface. Not found = a name that does not
// exist; silent = no answer at all.
class ScriptedDns {
 public:
  struct Answer {
    std::vector<IpAddress> addresses;  // those of the wrong version for the question are left out
    uint32_t ttl_s = 0;
    bool not_found = false;
    bool silent = false;
  };
  // Called on the server's thread with the name in lower case.
  using Script = std::function<Answer(const std::string& name)>;

  explicit ScriptedDns(Script script);
  ~ScriptedDns();
  ScriptedDns(const ScriptedDns&) = delete;
  ScriptedDns& operator=(const ScriptedDns&) = delete;

  // "127.0.0.1:<port>", for HttpClientSettings::dns_servers.
  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }
  size_t QueryCount() const { return query_count_; }

 private:
  void Run();
  std::string Reply(const std::string& query);

  const Script script_;
  int fd_ = -1;
  int stop_fd_ = -1;
  uint16_t port_ = 0;
  std::atomic<size_t> query_count_ = 0;
  std::thread thread_;
};

}  // namespace pharos::net
