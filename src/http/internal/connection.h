#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/internal/body_files.h"
#include "http/internal/fifo.h"
#include "http/internal/live_stream.h"
#include "http/internal/loop.h"
#include "http/internal/request_parser.h"
#include "http/internal/timeout_list.h"

namespace pharos::http::internal {

// One client connection, a state machine on its loop's thread:
//
//   readable -> parse -> handler      (several requests may be at their handlers)
//   answers, in request order -> segments -> one gathered write -> wait for the next request
//
// Every event ends in Advance(), which writes what is ready, parses on if room was made, and
// decides what to wait for. Answers reach it through OnAnswer, from the handler itself or by
// Loop::Enqueue.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Takes over the connected, non-blocking socket.
  Connection(std::shared_ptr<Loop> loop, int socket, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Loop& loop() { return *loop_; }
  const std::string& peer() const { return peer_; }

  // Loop thread only from here.
  int socket() const { return socket_; }
  // What epoll reported, edge-triggered; 0 to go on with what is left from before.
  void OnReady(uint32_t events);
  // `sequence` numbers requests; unknown and already answered ones are ignored.
  void OnAnswer(uint64_t sequence, Response response);
  void OnStartStream(uint64_t sequence, Response head, std::shared_ptr<StreamState> stream);
  void OnStreamBytes(StreamState& stream, SharedBytes bytes);
  void OnStreamClose(StreamState& stream);
  void OnTimeout(WaitKind kind);
  void BeginDrain();
  void Advance();
  // Replies not yet taken by the socket are lost.
  void Close();
  // The same, and the kernel drops at once what a peer that reads nothing would hold in memory.
  void Abort();

 private:
  // A request at its handler, or answered but behind one that is not.
  struct Slot {
    MonotonicTime received_at{};
    bool head_only = false;
    bool keep_alive = true;
    bool http_1_0 = false;
    std::optional<Response> response;
    std::shared_ptr<StreamState> stream;
    std::string log_method;  // only with the access log on
    std::string log_path;
  };
  // Bytes to write, in this order; the bytes of a stream count against its queue.
  struct Segment {
    std::string head;
    std::string body;
    SharedBytes shared;
    std::shared_ptr<const BodyFile> file;  // the bytes of `shared` once more
    bool of_stream = false;
    size_t Bytes() const { return head.size() + body.size() + (shared ? shared->size() : 0); }
  };

  void Read();
  void OnPeerClosed();
  // Parses `input`; true when it ended because no more requests may be read ahead at present.
  void TakeInput(std::string_view input);
  size_t Parse(std::string_view input);
  void AfterFeed();
  void Dispatch();
  void Fail(int status, std::string_view text);
  bool MayParse() const;
  bool ResumeParsing();

  void Touch();
  void EmitReady();
  void Emit(Slot& slot);
  void EmitStream(std::shared_ptr<StreamState> stream);
  void Push(Segment segment);
  bool WriteSegments();
  ssize_t SendVectors();
  ssize_t SendFilePart();
  void Consume(size_t sent);
  void Settle(const std::shared_ptr<Connection>& self);
  void UpdateReadWait();
  void FinishAfterLastReply();
  void DropSlots();
  bool WantsRead() const;

  const std::shared_ptr<Loop> loop_;
  const std::string peer_;
  const int socket_;
  TimeoutNode read_wait_{this};
  TimeoutNode write_wait_{this};  // kWrite and kLinger
  RequestParser parser_;
  std::string input_;  // read but not parsed; empty on an idle connection
  Fifo<Slot> slots_;
  Fifo<Segment> segments_;
  std::shared_ptr<StreamState> stream_;
  uint64_t first_sequence_ = 0;  // of slots_.front()
  size_t segment_offset_ = 0;    // written of segments_.front()
  size_t unwritten_ = 0;         // bytes in segments_
  size_t lingered_ = 0;          // bytes thrown away after the last reply

  bool processing_ = false;  // within an event that ends in Advance()
  bool dirty_ = false;
  bool again_posted_ = false;
  bool readable_ = false;       // the socket may hold unread bytes
  bool hung_up_ = false;        // the peer closed a side, so reading ends with 0 or an error
  bool write_blocked_ = false;  // until epoll says that there is room again
  bool write_progress_ = false;
  bool parse_blocked_ = false;  // input_ waits for room, not for more bytes
  bool refuse_input_ = false;   // no further request on this connection
  bool read_closed_ = false;    // the peer sends no more
  bool close_after_write_ = false;
  bool unread_input_ = false;  // closing at once would reset the connection under the reply
  bool lingering_ = false;
  bool continue_due_ = false;  // "100 Continue" behind earlier replies
  bool continue_sent_ = false;
  bool closed_ = false;
};

}  // namespace pharos::http::internal
