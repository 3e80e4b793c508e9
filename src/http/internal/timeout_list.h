#pragma once

#include "base/clock.h"

namespace pharos::http::internal {

class Connection;

// What a connection may wait for, each with its own limit.
enum class WaitKind : uint8_t { kIdle, kHead, kBody, kWrite, kLinger };
inline constexpr size_t kWaitKinds = 5;

// A connection's place in one TimeoutList, or in none.
struct TimeoutNode {
  explicit TimeoutNode(Connection* connection) : owner(connection) {}
  TimeoutNode(const TimeoutNode&) = delete;
  TimeoutNode& operator=(const TimeoutNode&) = delete;

  Connection* const owner;
  TimeoutNode* previous = nullptr;
  TimeoutNode* next = nullptr;
  bool linked = false;
  WaitKind kind = WaitKind::kIdle;
  MonotonicTime deadline{};
};

// Connections waiting for the same kind of thing. All wait equally long, so the list is in the
// order of deadlines by appending, and one coarse timer per loop looks at its head only.
class TimeoutList {
 public:
  TimeoutNode* front() const { return head_; }

  void Append(TimeoutNode& node) {
    node.linked = true;
    node.previous = tail_;
    node.next = nullptr;
    (tail_ != nullptr ? tail_->next : head_) = &node;
    tail_ = &node;
  }
  void Remove(TimeoutNode& node) {
    if (!node.linked) return;
    (node.previous != nullptr ? node.previous->next : head_) = node.next;
    (node.next != nullptr ? node.next->previous : tail_) = node.previous;
    node.linked = false;
  }

 private:
  TimeoutNode* head_ = nullptr;
  TimeoutNode* tail_ = nullptr;
};

}  // namespace pharos::http::internal
