#include "http/internal/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/text.h"

namespace pharos::http::internal {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr size_t kMaxChunkOverhead = 16 * 1024;  // one chunk line, or all trailers
// The end of a chunked body at its shortest, "0", two line ends. Beast's assertions take for
// granted that a last chunk whose end was not there yet comes back with this much.
constexpr size_t kShortestChunkedEnd = 5;
constexpr size_t kBodyReserve = 64 * 1024;  // more only when the bytes really come
constexpr int kMaxLeadingNewlines = 2;      // RFC 9112 2.2: blank lines before a request

std::string_view View(string_view text) { return {text.data(), text.size()}; }

bool IsDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty();
}

// The request line ends in a well-formed version that is not ours ("HTTP/2.0").
bool IsForeignVersion(std::string_view input) {
  const size_t end = input.find("\r\n");
  if (end == std::string_view::npos || end < 9) return false;
  const std::string_view version = input.substr(end - 9, 9);
  return version.starts_with(" HTTP/") && IsDigits(version.substr(6, 1)) && version[7] == '.' &&
         IsDigits(version.substr(8, 1));
}

// Beast calls the on_..._impl functions while it walks over the bytes; they collect the request and
// refuse what Beast would let through.
class BeastParser final : public beast_http::basic_parser<true> {
 public:
  explicit BeastParser(const ServerLimits& limits) : limits_(limits) {
    // Our own checks come first; Beast's limit counts only what is not yet consumed.
    header_limit(static_cast<uint32_t>(limits.max_request_line + limits.max_header_bytes +
                                       kMaxChunkOverhead));
    body_limit(boost::none);
    eager(true);
  }

  Request request;
  int failed_status = 0;
  const char* failed_text = "";
  bool too_large = false;
  bool line_seen = false;
  bool http_1_0 = false;
  bool keep = false;
  bool expect_continue = false;
  bool headers_complete = false;
  size_t head_bytes = 0;  // names and values so far, with separators

  // End of the bytes under parsing: header values outside of them were unfolded by Beast.
  const char* end = nullptr;

  void Fail(int status, const char* text) {
    failed_status = status;
    failed_text = text;
  }

 private:
  void Fail(int status, const char* text, error_code& ec) {
    Fail(status, text);
    ec = beast_http::error::bad_value;
  }

  bool SplitTarget() {
    std::string_view rest = request.target;
    if (const size_t scheme = rest.find("://");
        rest[0] != '/' && scheme != std::string_view::npos) {
      // Absolute form, which a server must accept (RFC 9112 3.2.2).
      const std::string name = AsciiLower(rest.substr(0, scheme));
      if (name != "http" && name != "https") return false;
      rest.remove_prefix(scheme + 3);
      const size_t slash = rest.find_first_of("/?");
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    } else if (rest[0] != '/') {
      if (rest != "*" || request.method != "OPTIONS") return false;
    }
    const size_t mark = rest.find('?');
    request.path = rest.substr(0, mark);
    if (request.path.empty()) request.path = "/";
    if (mark != std::string_view::npos) request.query = rest.substr(mark + 1);
    return true;
  }

  void on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                       error_code& ec) override {
    line_seen = true;
    if (method.size() + target.size() + 12 > limits_.max_request_line) {
      return Fail(414, "request line too long", ec);
    }
    request.method = View(method);
    request.target = View(target);
    http_1_0 = version == 10;
    if (request.method == "CONNECT") return Fail(501, "not a proxy", ec);
    if (!SplitTarget()) return Fail(400, "bad request target", ec);
    request.headers.reserve(8);
  }

  // True when the value was continued on a further line, which Beast would join.
  bool IsFolded(string_view name, string_view value) const {
    const char* const after_name = name.data() + name.size();
    const std::less<const char*> less;
    if (less(value.data(), after_name) || less(end, value.data())) return true;
    for (const char* p = after_name; p != value.data(); ++p) {
      if (*p == '\r' || *p == '\n') return true;
    }
    return false;
  }

  void on_field_impl(beast_http::field field, string_view name, string_view value,
                     error_code& ec) override {
    head_bytes += name.size() + value.size() + 4;
    if (IsFolded(name, value)) return Fail(400, "folded header line", ec);
    if (head_bytes > limits_.max_header_bytes) return Fail(431, "headers too large", ec);
    if (headers_complete) {  // a trailer; none means anything to us
      if (++trailer_count_ > limits_.max_header_count) Fail(431, "too many trailers", ec);
      return;
    }
    if (request.headers.size() >= limits_.max_header_count) {
      return Fail(431, "too many headers", ec);
    }
    if (field == beast_http::field::content_length) {
      if (has_length_ || has_encoding_ || !IsDigits(View(value))) {
        return Fail(400, "bad content-length", ec);
      }
      has_length_ = true;
    } else if (field == beast_http::field::transfer_encoding) {
      if (has_length_ || has_encoding_ || http_1_0) return Fail(400, "bad transfer-encoding", ec);
      if (!EqualsIgnoreCase(View(value), "chunked")) {
        return Fail(501, "transfer-encoding not supported", ec);
      }
      has_encoding_ = true;
    } else if (field == beast_http::field::host) {
      if (has_host_) return Fail(400, "more than one host", ec);
      has_host_ = true;
    } else if (field == beast_http::field::expect && !http_1_0) {
      if (!EqualsIgnoreCase(View(value), "100-continue")) {
        return Fail(417, "expectation not supported", ec);
      }
      expect_continue = true;
    }
    request.headers.push_back({std::string(View(name)), std::string(View(value))});
  }

  void on_header_impl(error_code& ec) override {
    headers_complete = true;
    head_bytes = 0;
    keep = keep_alive();
    if (!has_host_ && !http_1_0) return Fail(400, "host missing", ec);
    const auto length = content_length();
    if (!length) return;
    if (*length > limits_.max_body_bytes) return TooLarge(ec);
    request.body.reserve(std::min<size_t>(*length, kBodyReserve));
  }

  void TooLarge(error_code& ec) {
    too_large = true;
    std::string().swap(request.body);
    ec = beast_http::error::body_limit;
  }

  size_t on_body_impl(string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(uint64_t size, string_view, error_code& ec) override {
    if (size > limits_.max_body_bytes - request.body.size()) TooLarge(ec);
  }
  size_t on_chunk_body_impl(uint64_t, string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  const ServerLimits& limits_;
  size_t trailer_count_ = 0;
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool has_host_ = false;
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const ServerLimits& limits) : limits_(limits) {}

  size_t Feed(std::string_view input) {
    size_t skipped = 0;
    if (!parser_) {
      skipped = SkipNewlines(input);
      input.remove_prefix(skipped);
      if (state_ == ParseState::kFailed || input.empty() || input == "\r") {
        if (state_ == ParseState::kStart && skipped + input.size() > 0) state_ = ParseState::kHead;
        return skipped;
      }
      parser_.emplace(limits_);
    }
    if (parser_->headers_complete && parser_->chunked() && input.size() < kShortestChunkedEnd) {
      return skipped;
    }
    parser_->end = input.data() + input.size();
    error_code ec;
    const size_t used = parser_->put(boost::asio::const_buffer(input.data(), input.size()), ec);
    Conclude(input, used, ec);
    return skipped + used;
  }

 private:
  friend class RequestParser;

  size_t SkipNewlines(std::string_view input) {
    size_t skipped = 0;
    while (input.substr(skipped).starts_with("\r\n")) {
      skipped += 2;
      if (++newlines_ > kMaxLeadingNewlines) {
        Fail(400, "bad request line");
        break;
      }
    }
    return skipped;
  }

  void Fail(int status, const char* text) {
    state_ = ParseState::kFailed;
    error_status_ = status;
    error_text_ = text;
  }

  void Conclude(std::string_view input, size_t used, error_code ec) {
    const BeastParser& parser = *parser_;
    if (parser.too_large) {
      state_ = ParseState::kBodyTooLarge;
    } else if (parser.failed_status != 0) {
      Fail(parser.failed_status, parser.failed_text);
    } else if (!ec || ec == beast_http::error::need_more) {
      state_ = parser.is_done()          ? ParseState::kComplete
               : parser.headers_complete ? ParseState::kBody
                                         : ParseState::kHead;
      if (!parser.is_done()) CheckUnconsumed(input.substr(used));
    } else if (ec == beast_http::error::bad_version) {
      const bool foreign = IsForeignVersion(input.substr(0, limits_.max_request_line));
      foreign ? Fail(505, "HTTP version not supported") : Fail(400, "bad request line");
    } else if (ec == beast_http::error::header_limit) {
      Fail(431, "headers too large");
    } else {
      Fail(400, parser.headers_complete ? "bad body" : "bad request");
    }
  }

  // Beast waits for the end of the headers, of a chunk line or of the trailers; we do not wait for
  // more than the limits allow.
  void CheckUnconsumed(std::string_view rest) {
    const BeastParser& parser = *parser_;
    if (parser.headers_complete) {
      if (rest.size() > kMaxChunkOverhead) Fail(400, "chunk line or trailers too long");
      return;
    }
    if (!parser.line_seen) {
      const size_t line = rest.find('\n');
      if (line == std::string_view::npos || line > limits_.max_request_line) {
        if (rest.size() > limits_.max_request_line) Fail(414, "request line too long");
        return;
      }
      rest.remove_prefix(line + 1);
    }
    if (parser.head_bytes + rest.size() > limits_.max_header_bytes) Fail(431, "headers too large");
  }

  const ServerLimits& limits_;
  ParseState state_ = ParseState::kStart;
  int error_status_ = 0;
  const char* error_text_ = "";
  int newlines_ = 0;
  std::optional<BeastParser> parser_;
};

RequestParser::RequestParser(const ServerLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

size_t RequestParser::Feed(std::string_view input) { return impl_->Feed(input); }
ParseState RequestParser::state() const { return impl_->state_; }
int RequestParser::error_status() const { return impl_->error_status_; }
std::string_view RequestParser::error_text() const { return impl_->error_text_; }
bool RequestParser::keep_alive() const { return impl_->parser_ && impl_->parser_->keep; }
bool RequestParser::is_http_1_0() const { return impl_->parser_ && impl_->parser_->http_1_0; }
bool RequestParser::expects_continue() const {
  return impl_->parser_ && impl_->parser_->expect_continue;
}

Request RequestParser::Take() {
  Request request = std::move(impl_->parser_->request);
  request.body_too_large = impl_->state_ == ParseState::kBodyTooLarge;
  return request;
}

void RequestParser::Reset() {
  impl_->parser_.reset();
  impl_->state_ = ParseState::kStart;
  impl_->error_status_ = 0;
  impl_->error_text_ = "";
  impl_->newlines_ = 0;
}

}  // namespace pharos::http::internal
