#pragma once

#include <cstddef>
#include <string_view>

#include "probe/http/assertions.h"
#include "probe/http/keyword_scanner.h"

namespace pharos::probe {

// Watches a body pass by and decides when enough of it was read. The conditions see the first
// `limit` bytes. Behind them reading goes on only to see whether the answer ends at all, and not
// even that once a condition is there that the first bytes can satisfy; never beyond kMaxReadBytes.
// Not thread-safe.
class BodyWatcher {
 public:
  BodyWatcher(const Assertions& assertions, size_t limit);
  // False: enough was read.
  bool OnChunk(std::string_view chunk);

  bool keyword_found() const { return wanted_.found(); }
  bool forbidden_found() const { return forbidden_.found(); }
  bool over_limit() const { return seen_ > limit_; }
  // kMaxReadBytes were read and the body went on.
  bool gave_up() const { return gave_up_; }
  size_t limit() const { return limit_; }

 private:
  KeywordScanner wanted_;
  KeywordScanner forbidden_;
  const size_t limit_;
  const bool stop_at_limit_;
  size_t seen_ = 0;
  bool gave_up_ = false;
};

}  // namespace pharos::probe
