#include "http/internal/live_stream.h"

#include <utility>

#include "http/internal/connection.h"
#include "http/internal/loop.h"

namespace pharos::http::internal {

bool LiveStream::Write(SharedBytes bytes) {
  if (!IsOpen()) return false;
  if (bytes == nullptr || bytes->empty()) return true;
  Loop& loop = state_->connection->loop();
  Operation operation;
  operation.connection = state_->connection;
  operation.stream = state_;
  const size_t size = bytes->size();
  if (state_->queued_bytes.fetch_add(size) + size > loop.limits().max_stream_queue_bytes) {
    if (!state_->open.exchange(false)) return false;
    operation.kind = Operation::Kind::kAbort;
    loop.Enqueue(std::move(operation));
    return false;
  }
  operation.kind = Operation::Kind::kStreamBytes;
  operation.bytes = std::move(bytes);
  loop.Enqueue(std::move(operation));
  return true;
}

void LiveStream::Close() {
  if (!state_->open.exchange(false)) return;
  Operation operation;
  operation.kind = Operation::Kind::kStreamClose;
  operation.connection = state_->connection;
  operation.stream = state_;
  state_->connection->loop().Enqueue(std::move(operation));
}

}  // namespace pharos::http::internal
