#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace pharos::http::internal {

// A queue in one vector. Unlike std::deque it takes no memory while empty from the start, and keeps
// what it has while a connection is busy.
template <class T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  size_t size() const { return items_.size() - head_; }
  T& operator[](size_t i) { return items_[head_ + i]; }
  T& front() { return items_[head_]; }
  T& back() { return items_.back(); }
  void push_back(T item) { items_.push_back(std::move(item)); }

  void pop_front() {
    if (++head_ == items_.size()) {
      clear();
    } else {
      items_[head_ - 1] = T();
      if (head_ >= kCompactAt) {
        items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(head_));
        head_ = 0;
      }
    }
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }
  // Gives memory beyond `keep` items back; only when empty.
  void Shrink(size_t keep) {
    if (empty() && items_.capacity() > keep) std::vector<T>().swap(items_);
  }

 private:
  static constexpr size_t kCompactAt = 32;
  std::vector<T> items_;
  size_t head_ = 0;
};

}  // namespace pharos::http::internal
