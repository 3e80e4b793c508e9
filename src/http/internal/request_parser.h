#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/message.h"
#include "http/server.h"

namespace pharos::http::internal {

// Where the message being read stands.
enum class ParseState : uint8_t {
  kStart,         // no byte of a message seen
  kHead,          // within the request line or the headers
  kBody,          // headers complete, body not
  kComplete,      // Take() gives the request
  kBodyTooLarge,  // headers fine, body over the limit; Take() gives the request without a body
  kFailed,        // error_status() says why; the connection cannot go on
};

// Incremental HTTP/1.1 request parser: Beast's grammar, and on top of it the limits and the
// refusals that request smuggling needs (RFC 9112 sections 2.2, 3.2, 5.2, 6.1, 6.3): repeated or
// listed Content-Length, any Transfer-Encoding but "chunked", both together, folded lines, a
// missing or repeated Host. Not thread-safe; one per connection, reused by Reset().
class RequestParser {
 public:
  // `limits` must outlive the parser.
  explicit RequestParser(const ServerLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Parses from the front of `input` and returns the bytes consumed. What was not consumed must be
  // presented again, followed by more. Stops behind the end of a message. Not to be called in the
  // states kComplete, kBodyTooLarge and kFailed.
  size_t Feed(std::string_view input);
  ParseState state() const;

  // For kFailed: 400, 414, 417, 431, 501 or 505, and one line for the client.
  int error_status() const;
  std::string_view error_text() const;

  // Valid once the headers are complete.
  bool keep_alive() const;
  bool is_http_1_0() const;
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const;

  // The request; `peer_address` and `received_at` are left to the caller.
  Request Take();
  void Reset();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pharos::http::internal
