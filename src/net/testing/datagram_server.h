#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace pharos::net {

// A UDP socket on the loopback interface for tests: a script turns each datagram into replies,
// sent in order; none = silence.
class DatagramServer {
 public:
  // Called on the server's thread.
  using Script = std::function<std::vector<std::string>(const std::string& datagram)>;

  // `port` 0 = of the system's choice; port() is 0 when that port is taken.
  explicit DatagramServer(Script script, uint16_t port = 0);
  ~DatagramServer();
  DatagramServer(const DatagramServer&) = delete;
  DatagramServer& operator=(const DatagramServer&) = delete;

  uint16_t port() const { return port_; }
  size_t Count() const { return count_; }

 private:
  void Run();

  const Script script_;
  int fd_ = -1;
  int stop_fd_ = -1;
  uint16_t port_ = 0;
  std::atomic<size_t> count_ = 0;
  std::thread thread_;
};

}  // namespace pharos::net
