#include "http/internal/loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "base/log.h"
#include "http/internal/connection.h"

namespace pharos::http::internal {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using boost::system::error_code;

constexpr size_t kReadBufferBytes = 64 * 1024;
constexpr size_t kEventsPerTurn = 256;
constexpr int kAcceptsPerTurn = 64;
constexpr int kAcceptsAtDrain = 4096;
// A turn's share of handed-over work: a broadcast to thousands must not hold up other requests.
constexpr size_t kOperationsPerTurn = 256;
constexpr size_t kSpareStrings = 256;
constexpr size_t kSpareStringBytes = 8 * 1024;
constexpr size_t kHeldLatencies = 4096;
constexpr Duration kLingerTime = Seconds(2);

constexpr char kTooManyConnections[] =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n"
    "retry-after: 5\r\nconnection: close\r\n\r\ntoo many connections\n";

std::string PeerText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
      inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &six, text, sizeof text);
    }
  }
  return text;
}

int MakeEpoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

Duration TickFor(const ServerLimits& limits) {
  const Duration shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 8, Milliseconds(5), Milliseconds(250));
}

}  // namespace

// All I/O objects are used by the loop's own thread only, so the reactor needs no locks.
Loop::Loop(std::shared_ptr<SharedState> shared, int listener)
    : shared_(std::move(shared)),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(asio::make_work_guard(io_)),
      listener_(io_, listener),
      ready_(io_, MakeEpoll()),
      tick_timer_(io_),
      drain_timer_(io_),
      tick_(TickFor(limits())),
      read_buffer_(kReadBufferBytes) {
  const ServerLimits& l = limits();
  wait_for_ = {l.idle_timeout, l.header_timeout, l.body_timeout, l.write_timeout,
               std::min(kLingerTime, l.idle_timeout)};
  answer_seconds_.reserve(kHeldLatencies);
}

Loop::~Loop() = default;

void Loop::Run() {
  thread_ = std::this_thread::get_id();
  RefreshDate();
  ArmReady();
  ArmAccept();
  ArmTick();
  for (;;) {
    try {
      io_.run();
      break;
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "http loop exception", {{"what", e.what()}});
    }
  }
  FlushMetrics();
  closed_.clear();  // they hold the loop
}

void Loop::RefreshDate() {
  const int64_t second = ToUnixSeconds(shared_->clock.Now());
  if (second == date_second_) return;
  date_second_ = second;
  date_line_ = "date: " + FormatHttpDate(FromUnixSeconds(second)) + "\r\n";
}

std::string Loop::TakeSpare() {
  if (spares_.empty()) return {};
  std::string text = std::move(spares_.back());
  spares_.pop_back();
  return text;
}

void Loop::GiveSpare(std::string text) {
  if (spares_.size() >= kSpareStrings || text.capacity() > kSpareStringBytes) return;
  text.clear();
  spares_.push_back(std::move(text));
}

void Loop::StartWait(TimeoutNode& node, WaitKind kind, MonotonicTime now) {
  StopWait(node);
  const auto index = static_cast<size_t>(kind);
  node.kind = kind;
  node.deadline = now + wait_for_[index];
  waiting_[index].Append(node);
}

void Loop::StopWait(TimeoutNode& node) { waiting_[static_cast<size_t>(node.kind)].Remove(node); }

void Loop::MarkDirty(std::shared_ptr<Connection> connection) {
  dirty_.push_back(std::move(connection));
}

void Loop::FlushDirty() {
  while (!dirty_.empty()) {
    std::vector<std::shared_ptr<Connection>> batch;
    batch.swap(dirty_);
    for (const auto& connection : batch) connection->Advance();
    if (dirty_.empty()) {
      batch.clear();
      dirty_.swap(batch);  // keeps the memory
    }
  }
}

void Loop::Forget(Connection& connection) {
  shared_->Release(connection.peer());
  const auto it = connections_.find(&connection);
  if (it != connections_.end()) {
    closed_.push_back(std::move(it->second));
    connections_.erase(it);
  }
  StopIfDrained();
}

void Loop::CountAnswer(int status, Duration took) {
  const int klass = std::clamp(status / 100, 1, 5);
  ++answered_by_class_[static_cast<size_t>(klass - 1)];
  answer_seconds_.push_back(static_cast<double>(took.count()) / 1e6);
  if (answer_seconds_.size() >= kHeldLatencies) FlushMetrics();
}

void Loop::FlushMetrics() {
  for (size_t i = 0; i < answered_by_class_.size(); ++i) {
    if (answered_by_class_[i] == 0) continue;
    shared_->requests_by_class[i]->Add(static_cast<double>(answered_by_class_[i]));
    answered_by_class_[i] = 0;
  }
  for (const double seconds : answer_seconds_) shared_->request_seconds->Observe(seconds);
  answer_seconds_.clear();
  shared_->connections_gauge->Set(static_cast<double>(shared_->connections()));
}

void Loop::PostAgain(std::shared_ptr<Connection> connection) {
  asio::post(io_, [this, connection = std::move(connection)] {
    connection->OnReady(0);
    FlushDirty();
  });
}

void Loop::ArmReady() {
  ready_.async_wait(stream_descriptor::wait_read, [this](const error_code& ec) {
    if (ec || finished_) return;
    DispatchReady();
    if (!finished_) ArmReady();
  });
}

void Loop::DispatchReady() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count =
      ::epoll_wait(ready_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    static_cast<Connection*>(event.data.ptr)->OnReady(event.events);
  }
  FlushDirty();
  closed_.clear();
}

void Loop::ArmAccept() {
  listener_.async_wait(stream_descriptor::wait_read, [this](const error_code& ec) {
    if (ec || draining_) return;
    AcceptBatch(kAcceptsPerTurn);
    FlushDirty();
    if (!accept_paused_) ArmAccept();
  });
}

void Loop::AcceptBatch(int at_most) {
  for (int i = 0; i < at_most; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int socket = ::accept4(listener_.native_handle(), reinterpret_cast<sockaddr*>(&address),
                                 &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      Adopt(socket, PeerText(address));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      if (!accept_paused_) Log(LogLevel::kWarning, "http accept failed", {{"errno", errno}});
      accept_paused_ = true;  // tried again at the next tick
      return;
    }
    if (errno == EAGAIN) return;
  }
}

void Loop::Adopt(int socket, std::string peer) {
  if (!shared_->Admit(peer)) {
    const ssize_t sent = ::send(socket, kTooManyConnections, sizeof kTooManyConnections - 1,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) ::shutdown(socket, SHUT_WR);
    ::close(socket);
    return;
  }
  auto connection = std::make_shared<Connection>(shared_from_this(), socket, std::move(peer));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = connection.get();
  connections_.emplace(connection.get(), connection);
  if (::epoll_ctl(ready_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) connection->Close();
}

void Loop::ArmTick() {
  tick_timer_.expires_after(tick_);
  tick_timer_.async_wait([this](const error_code& ec) {
    if (ec || finished_) return;
    OnTick();
    if (!finished_) ArmTick();
  });
}

void Loop::OnTick() {
  RefreshDate();
  const MonotonicTime now = Now();
  for (TimeoutList& list : waiting_) {
    while (list.front() != nullptr && list.front()->deadline <= now) {
      TimeoutNode& node = *list.front();
      const std::shared_ptr<Connection> connection = node.owner->shared_from_this();
      StopWait(node);
      connection->OnTimeout(node.kind);
    }
  }
  FlushDirty();
  FlushMetrics();
  body_files_.DropUnused();
  closed_.clear();
  if (accept_paused_ && !draining_) {
    accept_paused_ = false;
    ArmAccept();
  }
}

void Loop::Enqueue(Operation operation) {
  {
    std::lock_guard lock(operations_mutex_);
    if (operations_closed_) return;
    operations_.push_back(std::move(operation));
    if (operations_scheduled_) return;
    operations_scheduled_ = true;
  }
  asio::post(io_, [this] { RunOperations(); });
}

void Loop::RunOperations() {
  if (working_next_ == working_.size()) {
    working_.clear();
    working_next_ = 0;
    std::lock_guard lock(operations_mutex_);
    working_.swap(operations_);
  }
  const size_t end = std::min(working_.size(), working_next_ + kOperationsPerTurn);
  while (working_next_ < end) {
    Operation operation = std::move(working_[working_next_++]);
    Apply(operation);
  }
  FlushDirty();
  if (working_next_ == working_.size()) {
    std::lock_guard lock(operations_mutex_);
    if (operations_.empty()) {
      operations_scheduled_ = false;
      return;
    }
  }
  asio::post(io_, [this] { RunOperations(); });
}

void Loop::Apply(Operation& operation) {
  Connection& connection = *operation.connection;
  switch (operation.kind) {
    case Operation::Kind::kAnswer:
      connection.OnAnswer(operation.sequence, std::move(operation.response));
      break;
    case Operation::Kind::kStartStream:
      connection.OnStartStream(operation.sequence, std::move(operation.response),
                               std::move(operation.stream));
      break;
    case Operation::Kind::kStreamBytes:
      connection.OnStreamBytes(*operation.stream, std::move(operation.bytes));
      break;
    case Operation::Kind::kStreamClose:
      connection.OnStreamClose(*operation.stream);
      break;
    case Operation::Kind::kAbort:
      connection.Abort();
      break;
  }
}

void Loop::BeginDrain(Duration deadline) {
  asio::post(io_, [this, deadline] { DrainHere(deadline); });
}

void Loop::DrainHere(Duration deadline) {
  draining_ = true;
  if (listener_.is_open()) AcceptBatch(kAcceptsAtDrain);  // closing would reset who waits there
  error_code ignored;
  listener_.close(ignored);
  drain_timer_.expires_after(deadline);
  drain_timer_.async_wait([this](const error_code& ec) {
    if (!ec) CloseAll();
  });
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  for (const auto& connection : all) connection->BeginDrain();
  FlushDirty();
  StopIfDrained();
}

void Loop::CloseAll() {
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  for (const auto& connection : all) connection->Abort();
}

void Loop::StopIfDrained() {
  if (!draining_ || finished_ || listener_.is_open() || !connections_.empty()) return;
  finished_ = true;
  {
    std::lock_guard lock(operations_mutex_);
    operations_closed_ = true;
    operations_.clear();  // they hold connections, and these the loop
  }
  tick_timer_.cancel();
  drain_timer_.cancel();
  error_code ignored;
  ready_.close(ignored);
  work_.reset();
}

}  // namespace pharos::http::internal
