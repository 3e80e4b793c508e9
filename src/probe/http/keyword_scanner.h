#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pharos::probe {

// Finds a text in a stream of chunks, byte for byte, also across chunk borders. Memory is one index
// per keyword byte and time is linear in the stream, whatever the target sends (Knuth, Morris,
// Pratt). An empty keyword is never found. Not thread-safe.
class KeywordScanner {
 public:
  explicit KeywordScanner(std::string keyword);
  void Feed(std::string_view chunk);
  bool found() const { return found_; }

 private:
  std::string keyword_;
  std::vector<uint32_t> fall_back_;  // length of the longest border of each prefix
  uint32_t matched_ = 0;             // keyword bytes that the stream ends with
  bool found_ = false;
};

}  // namespace pharos::probe
