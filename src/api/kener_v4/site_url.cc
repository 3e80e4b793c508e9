#include "api/kener_v4/site_url.h"

#include "base/text.h"
#include "service/site.h"

namespace pharos::api::kener_v4 {

Result<std::string> SiteUrl(const Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto entry, call.services.site.Find(call.who->org, "siteURL"));
  if (!entry || !entry->value.IsString()) return std::string();
  std::string url = entry->value.AsString();
  const std::string lower = AsciiLower(url.substr(0, 8));
  if (!lower.starts_with("http://") && !lower.starts_with("https://")) return std::string();
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace pharos::api::kener_v4
