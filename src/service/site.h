#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/site_store.h"

namespace pharos::service {

using store::SiteEntry;

// Named settings of an organisation's site. Meaning and allowed values belong to the dialect that
// owns the keys; the page reads those it knows. Thread-safe; blocks on the store.
class SiteService {
 public:
  explicit SiteService(const Context& context) : context_(context) {}
  Result<std::vector<SiteEntry>> List(model::OrgId org) const;
  Result<std::optional<SiteEntry>> Find(model::OrgId org, std::string_view key) const;
  Status Put(const model::Principal& who, SiteEntry entry);
  // How visitors reach the site ("https://status.example.org"); empty when nobody has said.
  std::string PublicUrl(model::OrgId org) const;
  // Inserts entries that are absent; used to seed a fresh organisation.
  Status Seed(model::OrgId org, const std::vector<SiteEntry>& entries);

 private:
  Context context_;
};

// The same out of entries that were read already. The value that a fresh site is seeded with
// (kener-v4.md 13.2) is nobody's address.
std::string PublicUrlOf(const std::vector<SiteEntry>& entries);
// The same out of the value of the entry "siteURL".
std::string PublicUrlFrom(std::string_view stored);

}  // namespace pharos::service
