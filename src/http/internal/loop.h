#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "http/internal/body_files.h"
#include "http/internal/shared_state.h"
#include "http/internal/timeout_list.h"
#include "http/message.h"

namespace pharos::http::internal {

class Connection;
struct StreamState;

// Something that another thread wants done on a connection.
struct Operation {
  enum class Kind : uint8_t { kAnswer, kStartStream, kStreamBytes, kStreamClose, kAbort };

  Kind kind = Kind::kAnswer;
  uint64_t sequence = 0;  // which request, for kAnswer and kStartStream
  std::shared_ptr<Connection> connection;
  std::shared_ptr<StreamState> stream;
  SharedBytes bytes;
  Response response;
};

// One thread's event loop with its own listener and its own connections. Everything but Enqueue,
// BeginDrain and IsCurrent happens on its thread, so connections need no locks. Connections and
// through them responders share it, so that an answer may come after the server is gone.
//
// Asio runs the thread: accepting, timers, posted work. Connections are watched by an epoll set of
// our own, edge-triggered and registered once, which Asio watches in turn: Asio would re-arm a
// socket by a system call for each request, where here one call serves all that are ready together.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  // Takes over the listening, non-blocking socket.
  Loop(std::shared_ptr<SharedState> shared, int listener);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The thread's whole life: returns when drained.
  void Run();
  // Thread-safe. See Server::Drain; the deadline is measured by the system's clock.
  void BeginDrain(Duration deadline);
  // Thread-safe. Hands work over; many calls between two turns of the loop wake it once.
  void Enqueue(Operation operation);
  bool IsCurrent() const { return std::this_thread::get_id() == thread_; }

  // The rest is for connections, on the loop's thread.
  SharedState& shared() { return *shared_; }
  const ServerLimits& limits() const { return shared_->settings.limits; }
  MonotonicTime Now() const { return shared_->clock.Monotonic(); }
  bool draining() const { return draining_; }
  // "date: ...\r\n", as of the last tick.
  std::string_view DateLine() const { return date_line_; }
  // Scratch memory for one read; valid until the next event.
  std::span<char> read_buffer() { return read_buffer_; }
  // Strings with capacity for reply heads, recycled.
  std::string TakeSpare();
  void GiveSpare(std::string text);
  // Starts (or restarts) waiting of `kind`; the connection's OnTimeout is called at the deadline.
  void StartWait(TimeoutNode& node, WaitKind kind, MonotonicTime now);
  void StopWait(TimeoutNode& node);
  // The connection is advanced before the loop sleeps again.
  void MarkDirty(std::shared_ptr<Connection> connection);
  // The connection's OnReady(0) is called in a later turn.
  void PostAgain(std::shared_ptr<Connection> connection);
  void Forget(Connection& connection);
  BodyFiles& body_files() { return body_files_; }
  void CountAnswer(int status, Duration took);

 private:
  void FlushDirty();
  void ArmReady();
  void DispatchReady();
  void ArmAccept();
  void AcceptBatch(int at_most);
  void Adopt(int socket, std::string peer);
  void ArmTick();
  void OnTick();
  void FlushMetrics();
  void RefreshDate();
  void RunOperations();
  void Apply(Operation& operation);
  void DrainHere(Duration deadline);
  void CloseAll();
  void StopIfDrained();

  const std::shared_ptr<SharedState> shared_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::posix::stream_descriptor listener_;
  boost::asio::posix::stream_descriptor ready_;
  boost::asio::steady_timer tick_timer_;
  boost::asio::steady_timer drain_timer_;
  const Duration tick_;
  std::array<Duration, kWaitKinds> wait_for_;
  std::array<TimeoutList, kWaitKinds> waiting_;
  std::thread::id thread_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> dirty_;
  std::vector<std::shared_ptr<Connection>> closed_;  // kept while events may still name them
  std::vector<char> read_buffer_;
  std::vector<std::string> spares_;
  BodyFiles body_files_;
  std::string date_line_;
  int64_t date_second_ = -1;
  bool accept_paused_ = false;  // out of descriptors
  bool draining_ = false;
  bool finished_ = false;

  std::array<uint64_t, 5> answered_by_class_{};
  std::vector<double> answer_seconds_;

  std::mutex operations_mutex_;
  std::vector<Operation> operations_;  // under the lock
  bool operations_scheduled_ = false;  // under the lock
  bool operations_closed_ = false;     // under the lock
  std::vector<Operation> working_;     // the batch at hand, from working_next_ on
  size_t working_next_ = 0;
};

}  // namespace pharos::http::internal
