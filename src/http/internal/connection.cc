#include "http/internal/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <utility>

#include "base/log.h"
#include "http/internal/response_head.h"

namespace pharos::http::internal {
namespace {

constexpr int kReadsPerTurn = 4;  // one busy uploader must not hold the loop
constexpr int kMaxVectors = 64;
// Replies waiting for a slow reader: beyond this no further request of his is read.
constexpr size_t kMaxUnwritten = 1024 * 1024;
constexpr size_t kLingerBytes = 16 * 1024 * 1024;
constexpr size_t kKeptFifo = 4;
constexpr size_t kKeptInput = 4096;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// The answer's way back to its connection, from any thread.
class ConnectionSink final : public Responder::Sink {
 public:
  ConnectionSink(std::shared_ptr<Connection> connection, uint64_t sequence)
      : connection_(std::move(connection)), sequence_(sequence) {}
  ~ConnectionSink() override {
    if (connection_ != nullptr) Send(Response::Text(500, "internal error\n"));
  }

  void Send(Response response) override {
    const std::shared_ptr<Connection> connection = std::move(connection_);
    if (connection == nullptr) return;
    Loop& loop = connection->loop();
    if (loop.IsCurrent()) return connection->OnAnswer(sequence_, std::move(response));
    Operation operation;
    operation.kind = Operation::Kind::kAnswer;
    operation.sequence = sequence_;
    operation.connection = connection;
    operation.response = std::move(response);
    loop.Enqueue(std::move(operation));
  }

  std::shared_ptr<Stream> StartStream(Response head) override {
    const std::shared_ptr<Connection> connection = std::move(connection_);
    if (connection == nullptr) return nullptr;
    auto state = std::make_shared<StreamState>(connection);
    auto stream = std::make_shared<LiveStream>(state);
    Loop& loop = connection->loop();
    if (loop.IsCurrent()) {
      connection->OnStartStream(sequence_, std::move(head), std::move(state));
      return stream;
    }
    Operation operation;
    operation.kind = Operation::Kind::kStartStream;
    operation.sequence = sequence_;
    operation.connection = connection;
    operation.stream = std::move(state);
    operation.response = std::move(head);
    loop.Enqueue(std::move(operation));
    return stream;
  }

 private:
  std::shared_ptr<Connection> connection_;
  const uint64_t sequence_;
};

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, int socket, std::string peer)
    : loop_(std::move(loop)), peer_(std::move(peer)), socket_(socket), parser_(loop_->limits()) {}

Connection::~Connection() {
  if (!closed_) ::close(socket_);
}

// Has Advance() run before the loop sleeps, unless the event at hand ends in it anyway.
void Connection::Touch() {
  if (processing_ || dirty_ || closed_) return;
  dirty_ = true;
  loop_->MarkDirty(shared_from_this());
}

void Connection::OnReady(uint32_t events) {
  if (closed_) return;
  again_posted_ = false;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hung_up_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) write_blocked_ = false;
  processing_ = true;
  Read();
  Advance();
}

void Connection::Read() {
  const std::span<char> buffer = loop_->read_buffer();
  for (int i = 0; i < kReadsPerTurn && readable_ && WantsRead(); ++i) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      // Less than asked for: the socket is empty, and more bytes are a new event.
      if (static_cast<size_t>(got) < buffer.size() && !hung_up_) readable_ = false;
      TakeInput(std::string_view(buffer.data(), static_cast<size_t>(got)));
    } else if (got == 0) {
      readable_ = false;
      OnPeerClosed();
    } else if (errno == EAGAIN) {
      readable_ = false;
    } else if (errno != EINTR) {
      Close();
    }
  }
}

// The peer may have closed only its sending side, so replies to what it asked are still written.
void Connection::OnPeerClosed() {
  if (lingering_ || stream_ != nullptr) return Close();
  read_closed_ = true;
  if (slots_.empty() && segments_.empty()) Close();
}

void Connection::TakeInput(std::string_view input) {
  if (lingering_) {
    lingered_ += input.size();
    if (lingered_ > kLingerBytes) Close();
    return;
  }
  if (refuse_input_) {
    unread_input_ = true;
    return;
  }
  if (input_.empty()) {
    input.remove_prefix(Parse(input));
    if (!refuse_input_) input_.assign(input);
    return;
  }
  input_ += input;
  input_.erase(0, Parse(input_));
}

bool Connection::MayParse() const {
  const ServerLimits& limits = loop_->limits();
  return !refuse_input_ && !closed_ && slots_.size() + segments_.size() < limits.max_pipelined &&
         unwritten_ < kMaxUnwritten;
}

size_t Connection::Parse(std::string_view input) {
  size_t used = 0;
  while (used < input.size() && !refuse_input_ && !closed_) {
    if (!MayParse()) {
      parse_blocked_ = true;
      break;
    }
    used += parser_.Feed(input.substr(used));
    const ParseState state = parser_.state();
    if (state == ParseState::kComplete || state == ParseState::kBodyTooLarge) {
      Dispatch();
    } else if (state == ParseState::kFailed) {
      Fail(parser_.error_status(), parser_.error_text());
    } else {
      AfterFeed();
      break;
    }
  }
  if (refuse_input_ && used < input.size()) unread_input_ = true;
  return refuse_input_ ? input.size() : used;
}

// The message is not complete: tell the client to go on, if it asked to be told.
void Connection::AfterFeed() {
  if (parser_.state() != ParseState::kBody || !parser_.expects_continue() || continue_sent_) return;
  continue_sent_ = true;
  continue_due_ = true;
}

void Connection::Dispatch() {
  Slot slot;
  slot.received_at = loop_->Now();
  slot.http_1_0 = parser_.is_http_1_0();
  slot.keep_alive = parser_.keep_alive();
  Request request = parser_.Take();
  parser_.Reset();
  continue_sent_ = false;
  continue_due_ = false;
  loop_->StopWait(read_wait_);
  if (request.body_too_large) {
    slot.keep_alive = false;
    unread_input_ = true;
  }
  if (!slot.keep_alive) refuse_input_ = true;
  slot.head_only = request.method == "HEAD";
  const ServerSettings& settings = loop_->shared().settings;
  if (settings.access_log) {
    slot.log_method = request.method;
    slot.log_path = settings.loggable_path ? settings.loggable_path(request.path) : request.path;
  }
  request.peer_address = peer_;
  request.received_at = slot.received_at;
  const uint64_t sequence = first_sequence_ + slots_.size();
  slots_.push_back(std::move(slot));
  Responder responder(std::make_unique<ConnectionSink>(shared_from_this(), sequence));
  try {
    loop_->shared().handler(std::move(request), std::move(responder));
  } catch (const std::exception& e) {  // the dropped responder answers 500
    Log(LogLevel::kError, "http handler exception", {{"what", e.what()}});
  } catch (...) {
    Log(LogLevel::kError, "http handler exception");
  }
}

// The last reply on this connection, behind those still owed.
void Connection::Fail(int status, std::string_view text) {
  Slot slot;
  slot.received_at = loop_->Now();
  slot.keep_alive = false;
  slot.response = Response::Text(status, std::string(text) + "\n");
  slots_.push_back(std::move(slot));
  refuse_input_ = true;
  unread_input_ = true;
  continue_due_ = false;
  parser_.Reset();
  loop_->StopWait(read_wait_);
}

void Connection::OnAnswer(uint64_t sequence, Response response) {
  if (closed_ || sequence < first_sequence_ || sequence - first_sequence_ >= slots_.size()) return;
  Slot& slot = slots_[sequence - first_sequence_];
  if (slot.response) return;
  slot.response = std::move(response);
  Touch();
}

void Connection::OnStartStream(uint64_t sequence, Response head,
                               std::shared_ptr<StreamState> stream) {
  if (closed_ || sequence < first_sequence_ || sequence - first_sequence_ >= slots_.size()) {
    stream->open = false;
    return;
  }
  Slot& slot = slots_[sequence - first_sequence_];
  slot.stream = std::move(stream);
  slot.keep_alive = false;
  refuse_input_ = true;
  OnAnswer(sequence, std::move(head));
}

void Connection::OnStreamBytes(StreamState& stream, SharedBytes bytes) {
  if (closed_) return;
  if (stream_.get() != &stream) {
    stream.early.push_back(std::move(bytes));
    return;
  }
  Segment segment;
  segment.shared = std::move(bytes);
  segment.of_stream = true;
  Push(std::move(segment));
  Touch();
}

void Connection::OnStreamClose(StreamState& stream) {
  if (closed_) return;
  if (stream_.get() != &stream) {
    stream.close_early = true;
    return;
  }
  close_after_write_ = true;
  Touch();
}

void Connection::OnTimeout(WaitKind kind) {
  switch (kind) {
    case WaitKind::kHead:
    case WaitKind::kBody:
      Fail(408, "request timeout");
      Touch();
      break;
    case WaitKind::kWrite:
      Abort();
      break;
    case WaitKind::kIdle:
    case WaitKind::kLinger:
      Close();
      break;
  }
}

// A request may already wait in the socket; it is still served.
void Connection::BeginDrain() {
  if (closed_) return;
  if (stream_ != nullptr) {
    stream_->open = false;
    close_after_write_ = true;
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].stream == nullptr) continue;
    slots_[i].stream->open = false;
    slots_[i].stream->close_early = true;
  }
  readable_ = true;
  OnReady(0);
}

void Connection::Advance() {
  dirty_ = false;
  if (closed_) return;
  const std::shared_ptr<Connection> self = shared_from_this();
  processing_ = true;
  do {
    EmitReady();
    if (!WriteSegments()) break;
  } while (ResumeParsing());
  if (!closed_) Settle(self);
  processing_ = false;
}

bool Connection::ResumeParsing() {
  if (!parse_blocked_ || !MayParse()) return false;
  parse_blocked_ = false;
  input_.erase(0, Parse(input_));
  return true;
}

void Connection::EmitReady() {
  while (!slots_.empty() && slots_.front().response && !close_after_write_ && stream_ == nullptr) {
    Emit(slots_.front());
    slots_.pop_front();
    ++first_sequence_;
  }
  if (continue_due_ && slots_.empty()) {
    continue_due_ = false;
    Segment segment;
    segment.head = kContinue;
    Push(std::move(segment));
  }
}

void Connection::Emit(Slot& slot) {
  Response& response = *slot.response;
  const bool is_stream = slot.stream != nullptr;
  const bool is_last = slots_.size() == 1 && (loop_->draining() || read_closed_);
  const bool keep_alive = slot.keep_alive && !response.close && !is_last;
  const size_t length = response.shared_body ? response.shared_body->size() : response.body.size();

  HeadOptions options;
  options.keep_alive = keep_alive;
  options.http_1_0 = slot.http_1_0;
  if (!is_stream) options.content_length = length;
  if (!response.omit_date) options.date = loop_->DateLine();
  Segment segment;
  segment.head = loop_->TakeSpare();
  AppendHead(segment.head, response, options);
  if (!slot.head_only && !is_stream && !IsBodiless(response.status)) {
    if (response.shared_body) {
      segment.shared = std::move(response.shared_body);
      segment.file = loop_->body_files().Find(segment.shared);
    } else {
      segment.body = std::move(response.body);
    }
  }
  Push(std::move(segment));

  const Duration took = loop_->Now() - slot.received_at;
  loop_->CountAnswer(response.status, took);
  if (!slot.log_method.empty()) {
    Log(LogLevel::kInfo, "http request",
        {{"method", slot.log_method},
         {"path", slot.log_path},
         {"status", response.status},
         {"bytes", length},
         {"ms", ToMillis(took)},
         {"peer", peer_}});
  }
  if (is_stream && !slot.head_only) {
    EmitStream(std::move(slot.stream));
  } else if (!keep_alive) {
    if (is_stream) slot.stream->open = false;
    refuse_input_ = true;
    close_after_write_ = true;
  }
}

void Connection::EmitStream(std::shared_ptr<StreamState> stream) {
  stream_ = std::move(stream);
  refuse_input_ = true;
  close_after_write_ = stream_->close_early;
  for (SharedBytes& bytes : std::exchange(stream_->early, {})) {
    OnStreamBytes(*stream_, std::move(bytes));
  }
}

void Connection::Push(Segment segment) {
  unwritten_ += segment.Bytes();
  segments_.push_back(std::move(segment));
}

// Writes as much as the socket takes. False when the connection was closed over it.
bool Connection::WriteSegments() {
  while (!segments_.empty() && !write_blocked_) {
    const Segment& first = segments_.front();
    const bool in_file = first.file != nullptr && segment_offset_ >= first.head.size();
    const ssize_t sent = in_file ? SendFilePart() : SendVectors();
    if (sent > 0) {
      Consume(static_cast<size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      write_blocked_ = true;
    } else if (sent == 0 || errno != EINTR) {
      Close();
      return false;
    }
  }
  return true;
}

// One gathered write of everything up to the first body that lies in a file.
ssize_t Connection::SendVectors() {
  iovec vectors[kMaxVectors];
  size_t count = 0;
  size_t skip = segment_offset_;
  int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const auto add = [&](const std::string& bytes) {
    if (skip >= bytes.size()) {
      skip -= bytes.size();
      return;
    }
    vectors[count++] = {const_cast<char*>(bytes.data()) + skip, bytes.size() - skip};
    skip = 0;
  };
  for (size_t i = 0; i < segments_.size() && count + 3 <= kMaxVectors; ++i) {
    add(segments_[i].head);
    if (segments_[i].file != nullptr) {
      flags |= MSG_MORE;
      break;
    }
    add(segments_[i].body);
    if (segments_[i].shared) add(*segments_[i].shared);
  }
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  return ::sendmsg(socket_, &message, flags);
}

ssize_t Connection::SendFilePart() {
  const Segment& segment = segments_.front();
  return loop_->body_files().Send(socket_, *segment.file, segment_offset_ - segment.head.size());
}

void Connection::Consume(size_t sent) {
  write_progress_ = true;
  unwritten_ -= sent;
  segment_offset_ += sent;
  while (!segments_.empty()) {
    Segment& segment = segments_.front();
    const size_t bytes = segment.Bytes();
    if (segment_offset_ < bytes) return;
    segment_offset_ -= bytes;
    if (segment.of_stream && stream_ != nullptr) stream_->queued_bytes -= bytes;
    loop_->GiveSpare(std::move(segment.head));
    segments_.pop_front();
  }
}

// Nothing more can be done now: decide what to wait for.
void Connection::Settle(const std::shared_ptr<Connection>& self) {
  if (segments_.empty()) {
    if (close_after_write_) {
      if (!lingering_) FinishAfterLastReply();
      if (closed_) return;
    } else {
      loop_->StopWait(write_wait_);
    }
    const bool idle = slots_.empty() && parser_.state() == ParseState::kStart;
    if (read_closed_ && slots_.empty() && !parse_blocked_) return Close();
    if (idle && loop_->draining() && stream_ == nullptr && !lingering_ && !parse_blocked_) {
      return Close();
    }
    segments_.Shrink(kKeptFifo);
    slots_.Shrink(kKeptFifo);
  } else {
    if (write_progress_ || !write_wait_.linked) {
      loop_->StartWait(write_wait_, WaitKind::kWrite, loop_->Now());
    }
  }
  write_progress_ = false;
  if (input_.empty() && input_.capacity() > kKeptInput) std::string().swap(input_);
  UpdateReadWait();
  if (readable_ && WantsRead() && !again_posted_) {
    again_posted_ = true;
    loop_->PostAgain(self);
  }
}

bool Connection::WantsRead() const {
  if (closed_ || read_closed_) return false;
  if (lingering_ || stream_ != nullptr) return true;
  return MayParse() && !parse_blocked_;
}

void Connection::UpdateReadWait() {
  if (lingering_ || stream_ != nullptr || refuse_input_ || parse_blocked_) {
    return loop_->StopWait(read_wait_);
  }
  WaitKind kind = WaitKind::kIdle;
  switch (parser_.state()) {
    case ParseState::kStart:
      if (!slots_.empty() || !segments_.empty()) return loop_->StopWait(read_wait_);
      break;
    case ParseState::kBody:
      kind = WaitKind::kBody;
      break;
    case ParseState::kHead:
    case ParseState::kComplete:
    case ParseState::kBodyTooLarge:
    case ParseState::kFailed:
      kind = WaitKind::kHead;
      break;
  }
  // Limits on a message run from its beginning, whatever trickles in.
  if (read_wait_.linked && read_wait_.kind == kind) return;
  loop_->StartWait(read_wait_, kind, loop_->Now());
}

// If input is left unread, closing at once would make the kernel reset the connection and could
// take the reply away from the client; so only our side is closed until the peer has seen it.
void Connection::FinishAfterLastReply() {
  if ((!unread_input_ && input_.empty()) || read_closed_) return Close();
  ::shutdown(socket_, SHUT_WR);
  lingering_ = true;
  input_.clear();
  DropSlots();
  loop_->StartWait(write_wait_, WaitKind::kLinger, loop_->Now());
}

void Connection::Abort() {
  if (closed_) return;
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  Close();
}

// Answers still owed have nowhere to go any more.
void Connection::DropSlots() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].stream != nullptr) slots_[i].stream->open = false;
  }
  first_sequence_ += slots_.size();
  slots_.clear();
}

void Connection::Close() {
  if (closed_) return;
  const std::shared_ptr<Connection> self = shared_from_this();
  closed_ = true;
  loop_->StopWait(read_wait_);
  loop_->StopWait(write_wait_);
  if (stream_ != nullptr) stream_->open = false;
  stream_.reset();
  DropSlots();
  segments_.clear();
  ::close(socket_);
  loop_->Forget(*this);
}

}  // namespace pharos::http::internal
