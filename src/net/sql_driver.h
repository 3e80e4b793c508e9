#pragma once

// Inside of the SQL client: what the drivers share. One function per product runs a whole
// conversation on the calling thread and waits only by SqlWaiter.

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/address.h"
#include "net/sql_client.h"

namespace pharos::net {

// Wakes a library that waits for a socket on its own account. Thread-safe.
class SqlInterrupt {
 public:
  SqlInterrupt() = default;
  ~SqlInterrupt() { Forget(); }
  SqlInterrupt(const SqlInterrupt&) = delete;
  SqlInterrupt& operator=(const SqlInterrupt&) = delete;
  // Keeps a descriptor of its own of this socket, until Forget.
  void Watch(int fd);
  void Forget();
  // Ends the connection of that socket, if there is one.
  void Fire();

 private:
  std::mutex mutex_;
  int fd_ = -1;
};

// Waits for a socket until the deadline, or until the client is shutting down.
class SqlWaiter {
 public:
  enum class Outcome : uint8_t { kReady, kTimeout, kStopped };

  SqlWaiter(MonotonicTime deadline, int stop_fd, SqlInterrupt& interrupt)
      : deadline_(deadline), stop_fd_(stop_fd), interrupt_(interrupt) {}
  // `events` are poll's; `got` is what happened of them.
  Outcome Wait(int fd, short events, short* got = nullptr) const;
  MonotonicTime Now() const { return clock_.Monotonic(); }
  // For the TCP connection, so that one silent address leaves time for the next.
  void set_connect_deadline(MonotonicTime deadline) { connect_deadline_ = deadline; }
  SqlInterrupt& interrupt() { return interrupt_; }
  void EndConnecting() { connecting_ = false; }
  void BeginConnecting() { connecting_ = true; }

 private:
  MonotonicTime deadline_;
  MonotonicTime connect_deadline_ = MonotonicTime::max();
  bool connecting_ = true;
  const int stop_fd_;
  SqlInterrupt& interrupt_;
  SystemClock clock_;
};

// One conversation with one address.
struct SqlTask {
  const SqlRequest& request;
  IpAddress address;
  std::string ca_path;  // PEM file; empty = nothing is verified
  SqlTls tls = SqlTls::kPrefer;
};

// The answer without resolve_us, total_us and remote_address.
SqlAnswer RunPostgres(const SqlTask& task, SqlWaiter& waiter);
SqlAnswer RunMysql(const SqlTask& task, SqlWaiter& waiter);

// "127.0.0.1:5432"
std::string SqlEndpoint(const SqlTask& task);
// Ends `answer` for a wait that did not succeed; `doing` as in "while it waited for <doing>".
void FailWait(SqlWaiter::Outcome outcome, std::string_view doing, SqlAnswer& answer);
// Ends `answer`, with a text of a server or library: one line, valid UTF-8, bounded, without the
// password.
void FailSql(const SqlTask& task, SqlFailure failure, std::string_view text, SqlAnswer& answer);
// Takes the first value of the first row.
void KeepFirstValue(const char* data, size_t size, SqlAnswer& answer);

}  // namespace pharos::net
