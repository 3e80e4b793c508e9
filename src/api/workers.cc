#include "api/workers.h"

#include <algorithm>
#include <utility>

namespace pharos::api {

Workers::Workers(int threads, size_t max_queued) : queue_(max_queued) {
  const int count = std::max(1, threads);
  threads_.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Run(); });
}

bool Workers::TryPost(Job job) { return queue_.TryPush(std::move(job)); }

void Workers::Stop() {
  queue_.Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Workers::Run() {
  while (true) {
    std::vector<Job> jobs = queue_.PopBatch(1);
    if (jobs.empty()) return;
    for (Job& job : jobs) job();
  }
}

}  // namespace pharos::api
