#include "page/page_cache.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "page/compress.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxListItems = 50;  // of a request header that we look at
constexpr size_t kEtagBytes = 12;
constexpr size_t kSmallestWorthCompressing = 256;

// "q=0.5" among the parameters of a list item, in thousandths; 1000 without one, 0 if malformed.
int QualityOf(const std::vector<std::string_view>& parts) {
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = Trim(parts[i]);
    if (part.size() < 3 || (part[0] != 'q' && part[0] != 'Q') || part[1] != '=') continue;
    const std::string number(Trim(part.substr(2)));
    if (number.find_first_not_of("0123456789.") != std::string::npos) return 0;
    const double q = std::strtod(number.c_str(), nullptr);
    return q >= 1 ? 1000 : static_cast<int>(q * 1000);
  }
  return 1000;
}

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kIdentity:
      return "";
    case Encoding::kGzip:
      return "gzip";
    case Encoding::kBrotli:
      return "br";
  }
  return "";
}

std::string MakeEtag(std::string_view hash, Encoding encoding) {
  std::string tag = "\"";
  tag += hash;
  if (encoding != Encoding::kIdentity) {
    tag += '-';
    tag += EncodingName(encoding);
  }
  return tag + "\"";
}

}  // namespace

Encoding NegotiateEncoding(std::string_view accept_encoding) {
  int brotli = -1;
  int gzip = -1;
  int identity = -1;
  int any = -1;
  size_t items = 0;
  for (const std::string_view item : Split(accept_encoding, ',')) {
    if (++items > kMaxListItems) break;
    const std::vector<std::string_view> parts = Split(item, ';');
    const std::string_view name = Trim(parts[0]);
    const int q = QualityOf(parts);
    if (EqualsIgnoreCase(name, "br")) brotli = q;
    if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) gzip = q;
    if (EqualsIgnoreCase(name, "identity")) identity = q;
    if (name == "*") any = q;
  }
  if (brotli < 0) brotli = any < 0 ? 0 : any;
  if (gzip < 0) gzip = any < 0 ? 0 : any;
  // Identity is acceptable unless refused, but never preferred to a listed encoding.
  if (identity < 0) identity = 0;
  if (brotli > 0 && brotli >= gzip && brotli >= identity) return Encoding::kBrotli;
  if (gzip > 0 && gzip >= identity) return Encoding::kGzip;
  return Encoding::kIdentity;
}

bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  if_none_match = Trim(if_none_match);
  if (if_none_match.empty()) return false;
  if (if_none_match == "*") return true;
  size_t items = 0;
  for (std::string_view item : Split(if_none_match, ',')) {
    if (++items > kMaxListItems) break;
    item = Trim(item);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

CachedReply CachedReply::Make(std::string body, Kind kind) {
  CachedReply reply;
  const std::string hash = HexLower(Sha256(body).substr(0, kEtagBytes));
  const auto offer = [&](Encoding encoding, std::string bytes) {
    Form& form = reply.forms_[static_cast<size_t>(encoding)];
    form.etag = MakeEtag(hash, encoding);
    form.bytes = std::make_shared<const std::string>(std::move(bytes));
  };
  if (kind.compress && body.size() >= kSmallestWorthCompressing) {
    if (std::string bytes = Brotli(body); !bytes.empty()) {
      offer(Encoding::kBrotli, std::move(bytes));
    }
    if (std::string bytes = Gzip(body); !bytes.empty()) offer(Encoding::kGzip, std::move(bytes));
  }
  offer(Encoding::kIdentity, std::move(body));
  reply.kind_ = std::move(kind);
  return reply;
}

http::Response CachedReply::Answer(const http::Request& request) const {
  Encoding encoding = NegotiateEncoding(request.FindHeader("accept-encoding"));
  if (Variant(encoding).bytes == nullptr) encoding = Encoding::kIdentity;
  const Form& form = Variant(encoding);
  const bool unchanged = MatchesEtag(request.FindHeader("if-none-match"), form.etag);
  http::Response response(unchanged ? 304 : 200);
  response.headers = kind_.headers;
  response.Add("etag", form.etag).Add("cache-control", kind_.cache_control);
  if (kind_.compress) response.Add("vary", "Accept-Encoding");
  if (unchanged) return response;
  response.Add("content-type", kind_.content_type);
  if (encoding != Encoding::kIdentity) {
    response.Add("content-encoding", std::string(EncodingName(encoding)));
  }
  response.shared_body = form.bytes;
  return response;
}

std::vector<http::Header> PageSecurityHeaders(bool has_form) {
  // Pictures may come from elsewhere: an operator names his logo by its address.
  std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; "
      "connect-src 'self'; base-uri 'none'; frame-ancestors 'self'; form-action ";
  policy += has_form ? "'self'" : "'none'";
  return {{"content-security-policy", std::move(policy)},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "strict-origin-when-cross-origin"}};
}

std::vector<http::Header> FileSecurityHeaders() {
  return {{"content-security-policy", "default-src 'none'"},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"}};
}

}  // namespace pharos::page
