// The HTTP request parser, fed in pieces. The first bytes of the input choose where it is split;
// what is accepted must not depend on that, or two readers of one stream would see different
// requests.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/internal/request_parser.h"

namespace {

using pharos::http::Request;
using pharos::http::ServerLimits;
using pharos::http::internal::ParseState;
using pharos::http::internal::RequestParser;

constexpr size_t kSplits = 4;

void Require(bool fact) {
  if (!fact) std::abort();
}

ServerLimits SmallLimits() {
  ServerLimits limits;
  limits.max_request_line = 256;
  limits.max_header_bytes = 1024;
  limits.max_header_count = 16;
  limits.max_body_bytes = 512;
  return limits;
}

void CheckRequest(const Request& request, const ServerLimits& limits) {
  Require(!request.method.empty() && !request.target.empty() && !request.path.empty());
  Require(request.headers.size() <= limits.max_header_count);
  Require(request.body.size() <= limits.max_body_bytes);
  for (const auto& header : request.headers) {
    Require(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  Require(!(request.HasHeader("content-length") && request.HasHeader("transfer-encoding")));
}

// What the parser makes of a stream of requests: each request as text, then how it ended.
struct Reading {
  std::vector<std::string> requests;
  bool failed = false;
};

Reading ReadAll(const std::vector<std::string_view>& pieces) {
  const ServerLimits limits = SmallLimits();
  RequestParser parser(limits);
  Reading reading;
  std::string pending;
  for (const std::string_view piece : pieces) {
    pending += piece;
    while (!pending.empty()) {
      const size_t used = parser.Feed(pending);
      Require(used <= pending.size());
      pending.erase(0, used);
      const ParseState state = parser.state();
      if (state == ParseState::kFailed) {
        Require(parser.error_status() >= 400 && !parser.error_text().empty());
        reading.failed = true;
        return reading;
      }
      if (state != ParseState::kComplete && state != ParseState::kBodyTooLarge) break;
      const bool keep = parser.keep_alive();
      Request request = parser.Take();
      CheckRequest(request, limits);
      std::string text = request.method + ' ' + request.target + ' ' + request.body;
      for (const auto& header : request.headers) text += '\n' + header.name + ':' + header.value;
      reading.requests.push_back(text);
      if (request.body_too_large || !keep) return reading;
      parser.Reset();
    }
    // Whatever it waits for, it must not hold more than the limits and one line's overhead.
    Require(pending.size() < 64 * 1024);
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kSplits) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + kSplits, size - kSplits);
  std::vector<std::string_view> pieces;
  size_t at = 0;
  for (size_t i = 0; i < kSplits && at < input.size(); ++i) {
    pieces.push_back(input.substr(at, data[i]));
    at += pieces.back().size();
  }
  pieces.push_back(input.substr(at));
  const Reading whole = ReadAll({input});
  const Reading split = ReadAll(pieces);
  // Pieces may be refused a little later or earlier, but no request reads differently.
  const size_t both = std::min(whole.requests.size(), split.requests.size());
  for (size_t i = 0; i < both; ++i) Require(whole.requests[i] == split.requests[i]);
  if (!whole.failed && !split.failed) Require(whole.requests.size() == split.requests.size());
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < input.size() && i < 600; ++i) bytes.push_back(input.substr(i, 1));
  ReadAll(bytes);
  return 0;
}
