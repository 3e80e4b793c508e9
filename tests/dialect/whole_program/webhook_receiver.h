#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "net/testing/scripted_server.h"
#include "whole_program.h"

namespace pharos {

// Takes posts and remembers them. The first `failures` are answered with 500.
class WebhookReceiver {
 public:
  explicit WebhookReceiver(size_t failures = 0)
      : server_([this, failures](net::ScriptedConnection& connection) {
          std::string request = connection.ReadRequest();
          if (request.empty()) return;
          const bool fail = connection.index() < failures;
          connection.Send(
              fail ? "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                   : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
          std::lock_guard lock(mutex_);
          requests_.push_back(std::move(request));
          arrived_.notify_all();
        }) {}

  std::string Url() const { return server_.Url("/hook"); }
  std::vector<std::string> WaitFor(size_t count, Duration patience = kPatience) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> requests_;
  net::ScriptedServer server_;  // last: it calls back
};

// A header and the body of a request that a receiver took.
inline std::string HeaderOf(const std::string& request, std::string_view name) {
  for (const std::string_view line : Split(request.substr(0, request.find("\r\n\r\n")), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    return std::string(Trim(line.substr(colon + 1)));
  }
  return "";
}

inline std::string BodyOf(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

}  // namespace pharos
