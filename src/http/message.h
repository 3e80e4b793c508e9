#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace pharos::http {

struct Header {
  std::string name;
  std::string value;
};

// One parsed request. `target`, `path` and `query` are as sent, percent escapes kept; the parser
// has already refused control characters and over-long lines. Values only; movable.
struct Request {
  std::string method;
  std::string target;  // "/a/b?x=1"
  std::string path;    // "/a/b"
  std::string query;   // "x=1", without the question mark
  std::vector<Header> headers;
  std::string body;
  // Set instead of dispatching an error when the body passed the limit: the handler's dialect
  // answers in its own shape. `body` is empty then and the connection closes after the reply.
  bool body_too_large = false;
  std::string peer_address;  // textual IP of the socket's peer
  MonotonicTime received_at{};

  // First header of that name, letter case ignored; empty when there is none.
  std::string_view FindHeader(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
};

using SharedBytes = std::shared_ptr<const std::string>;

// A reply. `content-length`, `date`, `connection` and the status line are added by the server; a
// handler must not set them. For cached pages: `shared_body` is written without a copy.
struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  SharedBytes shared_body;  // used when set, instead of `body`
  bool close = false;       // close the connection after this reply
  bool omit_date = false;

  Response() = default;
  explicit Response(int code) : status(code) {}
  Response& Add(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
  static Response Text(int status, std::string body,
                       std::string content_type = "text/plain; charset=utf-8");
  static Response Json(int status, std::string body);
};

// The reason phrase for a status code ("Not Found").
std::string_view ReasonPhrase(int status);

// Raw query parameters in order, names and values percent-decoded, '+' as blank; malformed escapes
// are kept as they stand. At most 200 parameters are read.
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);
// First parameter of that name; nullopt-like empty pointer when absent.
const std::string* FindParameter(const std::vector<std::pair<std::string, std::string>>& parameters,
                                 std::string_view name);

}  // namespace pharos::http
