#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/time.h"

struct ssl_st;
struct ssl_ctx_st;

namespace pharos::net {

class ScriptedServer;

// One accepted connection, seen by a script. Every call that waits ends early, answering false or
// an empty text, when the peer goes away or the server is destroyed; a script must then return.
class ScriptedConnection {
 public:
  // Reads one request, head and body, and has the server record it. Empty when the peer left.
  std::string ReadRequest();
  // Reads up to and with the next line feed, at most 64 KiB, and has the server record it.
  std::string ReadLine();
  // Reads exactly that many bytes. Empty when the peer left.
  std::string ReadBytes(size_t count);
  bool Send(std::string_view bytes);
  // Past TLS: what is sent is not encrypted.
  bool SendPlain(std::string_view bytes);
  // Closes without TLS's goodbye.
  void Drop();
  // On a server whose TLS waits (ScriptedServer::LetTlsWait): from here on everything is encrypted.
  bool StartTls() { return ShakeHands(); }
  // Byte by byte with a pause between.
  bool SendSlowly(std::string_view bytes, Duration pause);
  // The same bytes again and again until the peer leaves.
  void SendForever(std::string_view bytes);
  // Until the peer leaves; what it sends meanwhile is dropped.
  void WaitForClose();
  // Ends the connection with a reset instead of an orderly close.
  void Reset();
  // 0 for the first connection of the server.
  size_t index() const { return index_; }

 private:
  friend class ScriptedServer;
  ScriptedConnection(ScriptedServer& server, int fd, size_t index)
      : server_(server), fd_(fd), index_(index) {}
  bool ShakeHands();
  void Close();
  bool WaitFor(short events, int timeout_ms);
  // -1 = closed or failed.
  long ReadSome(char* data, size_t size);
  long WriteSome(const char* data, size_t size);

  ScriptedServer& server_;
  int fd_;
  const size_t index_;
  ssl_st* ssl_ = nullptr;
};

// A server for tests: a loopback socket on a port of the system's choice and a script that runs for
// each connection, on a thread of its own (at most kMaxThreads; further connections wait).
// Destruction interrupts and joins everything. Thread-safe.
class ScriptedServer {
 public:
  using Script = std::function<void(ScriptedConnection& connection)>;
  static constexpr size_t kMaxThreads = 600;

  explicit ScriptedServer(Script script) : ScriptedServer(std::move(script), "", "") {}
  // Speaks TLS with this certificate chain and key (PEM).
  ScriptedServer(Script script, const std::string& chain_pem, const std::string& key_pem);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // Connections begin in plain text and are encrypted when the script says so. To be called before
  // anybody connects.
  void LetTlsWait() { tls_waits_ = true; }

  // Changes the set-up of TLS, for versions, ciphers, client certificates. Before anybody connects.
  void ChangeTls(const std::function<void(ssl_ctx_st*)>& change) { change(tls_); }

  // Reads a request, sends `answer`, closes; for the common case.
  static Script Answer(std::string answer);
  // "HTTP/1.1 200 OK" with Content-Length and this body.
  static std::string Ok(std::string_view body, std::string_view extra_headers = "");

  uint16_t port() const { return port_; }
  // "http://127.0.0.1:<port><path>", or https.
  std::string Url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;
  std::vector<std::string> Requests() const;
  size_t ConnectionCount() const { return connection_count_; }
  // Blocks until that many connections were accepted (at most ten seconds).
  bool WaitForConnections(size_t count);

 private:
  friend class ScriptedConnection;
  void Accept();
  void Work();
  void Serve(int fd, size_t index);
  void Record(std::string request);

  const Script script_;
  ssl_ctx_st* tls_ = nullptr;
  std::atomic<bool> tls_waits_ = false;
  int listen_fd_ = -1;
  int stop_fd_ = -1;  // readable for good once the server is being destroyed
  uint16_t port_ = 0;
  std::atomic<size_t> connection_count_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  size_t idle_workers_ = 0;
  std::deque<std::pair<int, size_t>> accepted_;
  std::vector<std::string> requests_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace pharos::net
