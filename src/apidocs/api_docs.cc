#include "apidocs/api_docs.h"

#include <utility>

#include "api/openapi.h"
#include "apidocs_assets.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::apidocs {
namespace {

constexpr std::string_view kDocument = "/openapi.json";
constexpr std::string_view kPage = "/docs";
constexpr char kForEver[] = "public, max-age=31536000, immutable";

// The viewer draws with styles of its own sheet and with pictures inside it, and asks this server
// alone.
std::vector<http::Header> ViewerSecurityHeaders() {
  return {{"content-security-policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"}};
}

std::string ViewerPage(std::string_view title, std::string_view document, std::string_view nav,
                       std::string_view head) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<link rel=\"icon\" href=\"/favicon.svg\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  html += EscapeHtml(title) + "</title>\n";
  html += head;
  html += "</head>\n<body>\n";
  html += nav;
  html += "<main id=\"api\" data-document=\"" + EscapeHtml(document) + "\"></main>\n";
  html += "<noscript>This page needs JavaScript; the description itself is at <a href=\"" +
          EscapeHtml(document) + "\">" + EscapeHtml(document) + "</a>.</noscript>\n";
  html += "</body>\n</html>\n";
  return html;
}

}  // namespace

ApiDocs::ApiDocs(const std::vector<api::Dialect>& dialects, Chooser chooser)
    : chooser_(std::move(chooser)) {
  AddFiles();
  for (const api::Dialect& dialect : dialects) {
    for (const api::Mount& mount : dialect.mounts) {
      if (!api::IsDescribed(mount)) continue;
      Described described;
      described.dialect = dialect.name;
      described.title = dialect.title.empty() ? dialect.name : dialect.title;
      described.document = page::CachedReply::Make(
          WriteJson(api::DescribeDialect(dialect, mount)),
          {"application/json", "no-cache", page::FileSecurityHeaders(), true});
      by_prefix_[std::string(mount.prefix)].push_back(std::move(described));
    }
  }
  for (auto& [prefix, described] : by_prefix_) AddPages(prefix, described);
}

void ApiDocs::AddFiles() {
  const auto add = [&](std::string_view name, std::string_view extension, std::string_view type) {
    const std::string_view bytes = FindEmbeddedAsset(name);
    std::string path = "/assets/api-docs-" + HexLower(Sha256(bytes).substr(0, 6));
    path += extension;
    files_.emplace(
        path, page::CachedReply::Make(std::string(bytes), {std::string(type), kForEver,
                                                           page::FileSecurityHeaders(), true}));
    return path;
  };
  links_.bundle = add("swagger-ui-bundle.js", ".js", "text/javascript; charset=utf-8");
  links_.sheet = add("swagger-ui.css", ".css", "text/css; charset=utf-8");
  links_.start = add("start.js", ".js", "text/javascript; charset=utf-8");
  links_.style = add("style.css", ".css", "text/css; charset=utf-8");
}

void ApiDocs::AddPages(const std::string& prefix, std::vector<Described>& described) const {
  std::string head;
  for (const std::string& sheet : {links_.sheet, links_.style}) {
    head += "<link rel=\"stylesheet\" href=\"" + sheet + "\">\n";
  }
  for (const std::string& script : {links_.bundle, links_.start}) {
    head += "<script src=\"" + script + "\" defer></script>\n";
  }
  const bool shared = described.size() > 1;
  for (Described& one : described) {
    std::string nav;
    for (const Described& other : described) {
      if (!shared) break;
      nav += "<a href=\"?dialect=" + other.dialect + "\"";
      if (&other == &one) nav += " aria-current=\"page\"";
      nav += ">" + EscapeHtml(other.title) + "</a>\n";
    }
    if (shared) nav = "<nav>\n" + nav + "</nav>\n";
    std::string document = prefix + std::string(kDocument);
    if (shared) document += "?dialect=" + one.dialect;
    one.page = page::CachedReply::Make(
        ViewerPage(one.title, document, nav, head),
        {"text/html; charset=utf-8", "no-cache", ViewerSecurityHeaders(), true});
  }
}

std::optional<http::Response> ApiDocs::Answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const std::string_view path = request.path;
  if (const auto file = files_.find(path); file != files_.end()) {
    return file->second.Answer(request);
  }
  for (const std::string_view end : {kDocument, kPage}) {
    if (!path.ends_with(end)) continue;
    const auto it = by_prefix_.find(path.substr(0, path.size() - end.size()));
    if (it == by_prefix_.end()) continue;
    const Described& described = Choose(it->second, request);
    return (end == kPage ? described.page : described.document)->Answer(request);
  }
  return std::nullopt;
}

const ApiDocs::Described& ApiDocs::Choose(const std::vector<Described>& described,
                                          const http::Request& request) const {
  if (described.size() == 1) return described.front();
  const auto parameters = http::ParseQuery(request.query);
  const std::string* wanted = http::FindParameter(parameters, "dialect");
  for (const std::string& name : {wanted != nullptr ? *wanted : "", chooser_(request)}) {
    for (const Described& one : described) {
      if (one.dialect == name) return one;
    }
  }
  return described.front();
}

}  // namespace pharos::apidocs
