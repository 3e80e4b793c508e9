#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace pharos::page {

enum class Encoding : uint8_t { kIdentity, kGzip, kBrotli };

// The best of the three for an Accept-Encoding header (RFC 9110 12.5.3): highest q wins, brotli
// before gzip before identity when equal. Without a header identity.
Encoding NegotiateEncoding(std::string_view accept_encoding);

// True when If-None-Match names the tag: "*", or a list with weak comparison (RFC 9110 13.1.2).
bool MatchesEtag(std::string_view if_none_match, std::string_view etag);

// How what everybody may see is cached: kept, but asked for again each time.
inline constexpr std::string_view kForEverybody = "no-cache";

// A reply prepared once and sent many times: bytes and a strong entity tag per encoding. Immutable
// after Make, so any number of threads may answer from it.
class CachedReply {
 public:
  struct Kind {
    std::string content_type;
    std::string cache_control = std::string(kForEverybody);
    std::vector<http::Header> headers;  // sent with every answer, 304 included
    bool compress = true;
  };
  static CachedReply Make(std::string body, Kind kind);

  // 200 with the best encoding, or 304. For GET and HEAD alike: the server drops the body of HEAD.
  http::Response Answer(const http::Request& request) const;
  // Strong tag of one encoding, with its quotes.
  const std::string& etag(Encoding encoding) const { return Variant(encoding).etag; }
  size_t size(Encoding encoding) const { return Variant(encoding).bytes->size(); }
  std::string_view text() const { return *Variant(Encoding::kIdentity).bytes; }

 private:
  struct Form {
    http::SharedBytes bytes;  // null: this encoding is not offered
    std::string etag;
  };
  const Form& Variant(Encoding encoding) const { return forms_[static_cast<size_t>(encoding)]; }

  Kind kind_;
  std::array<Form, 3> forms_;
};

// Headers for pages: nothing from elsewhere runs in them or frames them (architecture D9: no
// outside hosts). Forms may be sent, to this server, by pages that have one.
std::vector<http::Header> PageSecurityHeaders(bool has_form = false);
// The same for style sheets, scripts and pictures.
std::vector<http::Header> FileSecurityHeaders();

}  // namespace pharos::page
