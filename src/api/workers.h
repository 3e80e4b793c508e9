#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"

namespace pharos::api {

// A fixed number of threads that run short jobs from a bounded queue. Jobs must not throw.
class Workers {
 public:
  using Job = std::function<void()>;

  Workers(int threads, size_t max_queued);
  ~Workers() { Stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full or the pool has stopped; the job is not run then.
  bool TryPost(Job job);
  // Runs what is queued, then joins. May be called again.
  void Stop();

 private:
  void Run();

  BoundedQueue<Job> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace pharos::api
