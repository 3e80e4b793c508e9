#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pharos::e2e {

// A child `pharos serve` on a data directory, listening on a free port of loopback.
class ServedProcess {
 public:
  ServedProcess(std::string binary, std::string data_dir)
      : binary_(std::move(binary)), data_dir_(std::move(data_dir)) {}
  ~ServedProcess() { Kill(); }

  // Starts it and reads the port from its first line; aborts the test program if it does not come
  // up.
  void Start();
  // SIGKILL and wait.
  void Kill();
  // SIGTERM and wait; the exit code.
  int Stop();
  uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  // Runs another command of the program and returns its standard output.
  std::string Run(const std::vector<std::string>& arguments) const;

 private:
  std::string binary_;
  std::string data_dir_;
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

// A new Kener v4 key, working.
std::string MakeKey(const ServedProcess& process);
// Creates heartbeat monitors hb-0 ... hb-<count - 1> with the secret "s"; aborts on any refusal.
void CreateHeartbeatMonitors(const ServedProcess& process, const std::string& key, int count);
// The request bytes of one signal of monitor `index`.
std::string SignalRequest(int index);

}  // namespace pharos::e2e
