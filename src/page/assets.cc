#include "page/assets.h"

#include "base/crypto.h"
#include "base/text.h"
#include "page_assets.h"

namespace pharos::page {
namespace {

constexpr char kForEver[] = "public, max-age=31536000, immutable";
constexpr char kForADay[] = "public, max-age=86400";

CachedReply::Kind KindOf(std::string content_type, std::string cache_control) {
  CachedReply::Kind kind;
  kind.content_type = std::move(content_type);
  kind.cache_control = std::move(cache_control);
  kind.headers = FileSecurityHeaders();
  return kind;
}

std::string HashedPath(std::string_view stem, std::string_view bytes, std::string_view extension) {
  std::string path = "/assets/" + std::string(stem) + "-" + HexLower(Sha256(bytes).substr(0, 6));
  return path + std::string(extension);
}

}  // namespace

Assets::Assets() {
  const std::string_view css = FindEmbeddedAsset("page.css");
  const std::string_view js = FindEmbeddedAsset("page.js");
  links_.css = HashedPath("page", css, ".css");
  links_.js = HashedPath("page", js, ".js");
  by_path_.emplace(
      links_.css, CachedReply::Make(std::string(css), KindOf("text/css; charset=utf-8", kForEver)));
  by_path_.emplace(
      links_.js,
      CachedReply::Make(std::string(js), KindOf("text/javascript; charset=utf-8", kForEver)));
  by_path_.emplace("/favicon.svg", CachedReply::Make(std::string(FindEmbeddedAsset("favicon.svg")),
                                                     KindOf("image/svg+xml", kForADay)));
  by_path_.emplace("/robots.txt",
                   CachedReply::Make("User-agent: *\nDisallow: /api/\nDisallow: /live\n",
                                     KindOf("text/plain; charset=utf-8", kForADay)));
}

const CachedReply* Assets::Find(const std::string& path) const {
  const auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : &it->second;
}

}  // namespace pharos::page
