#include "probe/http/keyword_scanner.h"

#include <cstdint>
#include <utility>

namespace pharos::probe {

KeywordScanner::KeywordScanner(std::string keyword)
    : keyword_(std::move(keyword)), fall_back_(keyword_.size(), 0) {
  uint32_t border = 0;
  for (size_t i = 1; i < keyword_.size(); ++i) {
    while (border > 0 && keyword_[i] != keyword_[border]) border = fall_back_[border - 1];
    if (keyword_[i] == keyword_[border]) ++border;
    fall_back_[i] = border;
  }
}

void KeywordScanner::Feed(std::string_view chunk) {
  if (found_ || keyword_.empty()) return;
  for (size_t i = 0; i < chunk.size(); ++i) {
    if (matched_ == 0) {
      i = chunk.find(keyword_[0], i);
      if (i == std::string_view::npos) return;
    }
    while (matched_ > 0 && chunk[i] != keyword_[matched_]) matched_ = fall_back_[matched_ - 1];
    if (chunk[i] == keyword_[matched_]) ++matched_;
    if (matched_ == keyword_.size()) {
      found_ = true;
      return;
    }
  }
}

}  // namespace pharos::probe
