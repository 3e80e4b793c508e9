#include "api/cross_site.h"

#include <string>
#include <string_view>

#include "base/text.h"

namespace pharos::api {
namespace {

bool ChangesThings(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE";
}

bool IsFormType(std::string_view content_type) {
  const std::string type = AsciiLower(Trim(content_type.substr(0, content_type.find(';'))));
  return type == "application/x-www-form-urlencoded" || type == "multipart/form-data" ||
         type == "text/plain";
}

// "host" or "host:port", lower-case, the scheme's usual port left out; empty when malformed.
std::string NormalHost(std::string_view host, std::string_view usual_port) {
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.empty() || host.find_first_of(" \t@\\<>") != std::string_view::npos) return {};
  std::string lower = AsciiLower(host);
  if (lower.ends_with(usual_port)) lower.resize(lower.size() - usual_port.size());
  return lower;
}

}  // namespace

CrossSite JudgeFormPost(const http::Request& request) {
  if (!ChangesThings(request.method) || !IsFormType(request.FindHeader("content-type"))) {
    return CrossSite::kFine;
  }
  if (!request.HasHeader("origin")) return CrossSite::kFine;
  const std::string_view origin = Trim(request.FindHeader("origin"));
  if (origin == "null") return CrossSite::kFine;
  const size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return CrossSite::kUnreadable;
  const std::string scheme = AsciiLower(origin.substr(0, scheme_end));
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  const std::string theirs = NormalHost(origin.substr(scheme_end + 3), port);
  if (theirs.empty()) return CrossSite::kUnreadable;
  const std::string ours = NormalHost(Trim(request.FindHeader("host")), port);
  return theirs == ours ? CrossSite::kFine : CrossSite::kForeign;
}

}  // namespace pharos::api
