#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/message.h"

namespace pharos::http {

// A server-sent-events (or other endless) reply in progress. Thread-safe. Writes are queued up to a
// bound; a reader that is too slow is disconnected rather than kept in memory.
class Stream {
 public:
  virtual ~Stream() = default;
  // False when the peer is gone or was too slow; the stream is closed then. The bytes are shared so
  // that a broadcast to many readers costs no copies.
  virtual bool Write(SharedBytes bytes) = 0;
  virtual void Close() = 0;
  virtual bool IsOpen() const = 0;
};

// The way to answer one request; exactly one answer is sent. May be moved to and used on any thread
// after the handler returned; answers from foreign threads are handed to the connection's loop in
// batches. Dropped without an answer: the server sends 500. If the peer is gone, answers vanish.
class Responder {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void Send(Response response) = 0;
    virtual std::shared_ptr<Stream> StartStream(Response head) = 0;
  };
  Responder() = default;
  explicit Responder(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) = default;
  Responder& operator=(Responder&&) = default;

  void Send(Response response) {
    if (auto sink = std::move(sink_)) sink->Send(std::move(response));
  }
  // Sends the head without content-length and keeps the connection for the stream.
  std::shared_ptr<Stream> StartStream(Response head) {
    auto sink = std::move(sink_);
    return sink ? sink->StartStream(std::move(head)) : nullptr;
  }
  explicit operator bool() const { return sink_ != nullptr; }

 private:
  std::unique_ptr<Sink> sink_;
};

// Called on a loop thread; must not block. Long work goes elsewhere with the responder.
using Handler = std::function<void(Request&& request, Responder responder)>;

struct ServerLimits {
  size_t max_request_line = 16 * 1024;
  size_t max_header_bytes = 64 * 1024;
  size_t max_header_count = 100;
  size_t max_body_bytes = 3 * 1024 * 1024;
  size_t max_connections = 10'000;
  size_t max_connections_per_peer = 5'000;  // 0 = no limit
  size_t max_pipelined = 64;                // requests read ahead of their answers
  size_t max_stream_queue_bytes = 256 * 1024;
  Duration header_timeout = Seconds(10);  // from first byte to end of headers
  Duration body_timeout = Seconds(30);    // whole body
  Duration idle_timeout = Seconds(75);    // kept connection without a request
  Duration write_timeout = Seconds(30);   // peer reads nothing of a reply
};

struct ServerSettings {
  std::string address = "127.0.0.1";
  uint16_t port = 8080;  // 0 = any free port
  int threads = 0;       // loops; 0 = one per core
  ServerLimits limits;
  bool access_log = false;
  // What the access log shows for a path, for paths that hold secrets; empty = the path itself.
  // Called on loop threads, must not block.
  std::function<std::string(std::string_view path)> loggable_path;
};

// HTTP/1.1 server: one loop and one SO_REUSEPORT listener per thread, keep-alive, pipelining
// (answers in order), HEAD (body suppressed, content-length kept), length and chunked bodies,
// `Expect: 100-continue`, limits and time-outs above. Requests that break the protocol get 400,
// 408, 413, 414, 417, 431, 501 or 505 as text and the connection is closed; a body over the limit
// is passed on with `body_too_large` when the headers were fine. The access log is written by
// another thread. Boost.Asio and Beast's parser are behind this (architecture D21).
class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(const ServerSettings& settings, Handler handler,
                                               const Clock& clock, Metrics& metrics);
  virtual ~Server() = default;
  // The port in use, which matters when 0 was asked for.
  virtual uint16_t port() const = 0;
  // Stops accepting, finishes requests in progress, closes idle connections at once and the rest
  // when done or after `deadline`; then joins the loops. Streams are closed. Called once.
  virtual void Drain(Duration deadline) = 0;
};

}  // namespace pharos::http
