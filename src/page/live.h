#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "http/message.h"
#include "http/server.h"

namespace pharos::page {

// The readers of /live (server-sent events). Holds at most `max_streams`; a reader that is gone or
// too slow is dropped at the next write. Thread-safe; Broadcast and Heartbeat are called by the
// page worker only.
class LiveHub {
 public:
  LiveHub(size_t max_streams, Metrics& metrics);

  // Starts a stream about one page, or answers 503 when all places are taken. The first event names
  // `version`, so that a reader who missed something while away notices.
  void Open(http::Responder responder, std::string_view page, std::string_view version);
  // Tells every reader of that page that it is now `version`.
  void Broadcast(std::string_view page, std::string_view version);
  // A comment that keeps connections from looking idle, and finds those that are gone.
  void Heartbeat();
  // Closes all; later Opens are refused.
  void Close();
  size_t size() const;

 private:
  using StreamPtr = std::shared_ptr<http::Stream>;
  struct Reader {
    StreamPtr stream;
    std::string page;
  };

  bool Reserve();
  // To the readers of one page, or to all (nullptr).
  void Write(const std::string_view* page, std::string text);

  const size_t max_streams_;
  Gauge& open_;
  mutable std::mutex mutex_;
  std::vector<Reader> readers_;  // guarded by mutex_
  size_t reserved_ = 0;          // guarded by mutex_; places given out but not yet in readers_
  bool closed_ = false;          // guarded by mutex_
};

}  // namespace pharos::page
