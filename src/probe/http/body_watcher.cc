#include "probe/http/body_watcher.h"

#include "probe/http/http_fields.h"

namespace pharos::probe {

BodyWatcher::BodyWatcher(const Assertions& assertions, size_t limit)
    : wanted_(assertions.keyword),
      forbidden_(assertions.keyword_absent),
      limit_(limit),
      stop_at_limit_(assertions.WantsSomethingInBody()) {}

bool BodyWatcher::OnChunk(std::string_view chunk) {
  if (seen_ < limit_) {
    const std::string_view judged = chunk.substr(0, limit_ - seen_);
    wanted_.Feed(judged);
    forbidden_.Feed(judged);
  }
  seen_ += chunk.size();
  if (seen_ > limit_ && stop_at_limit_) return false;
  gave_up_ = seen_ > kMaxReadBytes;
  return !gave_up_;
}

}  // namespace pharos::probe
