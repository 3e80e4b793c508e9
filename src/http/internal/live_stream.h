#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "http/server.h"

namespace pharos::http::internal {

class Connection;

// What the writer's side and the connection's side of a stream share.
struct StreamState {
  explicit StreamState(std::shared_ptr<Connection> c) : connection(std::move(c)) {}

  const std::shared_ptr<Connection> connection;
  std::atomic<bool> open{true};
  std::atomic<size_t> queued_bytes{0};  // accepted, not yet taken by the socket
  // Loop thread only: what came before the head could be sent, behind earlier pipelined replies.
  std::vector<SharedBytes> early;
  bool close_early = false;
};

// The writer's handle; when it goes, the stream is closed.
class LiveStream final : public Stream {
 public:
  explicit LiveStream(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
  ~LiveStream() override { Close(); }

  bool Write(SharedBytes bytes) override;
  void Close() override;
  bool IsOpen() const override { return state_->open.load(std::memory_order_acquire); }

 private:
  const std::shared_ptr<StreamState> state_;
};

}  // namespace pharos::http::internal
