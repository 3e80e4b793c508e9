#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pharos::api {

// Looks for unknown keys in the store, because the command line may have made one a moment ago
// beside this server. However many requests ask, they share a look that begins after they came, and
// between two looks lies a pause, so that wrong keys cost the store next to nothing. One thread of
// its own; thread-safe.
class KeyLooker {
 public:
  // `look` reads the keys and may block. At most `max_waiting` requests wait for a look.
  explicit KeyLooker(std::function<void()> look, size_t max_waiting = 4096);
  ~KeyLooker() { Stop(); }
  KeyLooker(const KeyLooker&) = delete;
  KeyLooker& operator=(const KeyLooker&) = delete;

  // Runs `then` on the looker's thread after the next look; it must be quick and not throw. False
  // when too many wait or the looker has stopped; `then` is not run in that case.
  bool TryAsk(std::function<void()> then);
  // Lets those who wait go on after a last look, then joins. May be called again.
  void Stop();

 private:
  void Run();

  const std::function<void()> look_;
  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pharos::api
