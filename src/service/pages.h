#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "model/page.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/page_store.h"

namespace pharos::service {

// Use cases of status pages. Every call is limited to the principal's organisation; writes come
// with an audit entry and tell the page worker. Thread-safe; blocks on the store. Errors: kNotFound
// ("Page not found"), kConflict with field "path" or "custom_domain", kInvalid with fields.
class PageService {
 public:
  explicit PageService(const Context& context) : context_(context) {}

  Result<std::vector<model::Page>> List(const model::Principal& who) const;
  Result<model::Page> Get(const model::Principal& who, model::PageId id) const;
  Result<model::Page> GetByUid(const model::Principal& who, std::string_view uid) const;
  Result<model::Page> GetByPath(const model::Principal& who, std::string_view path) const;

  Result<model::Page> Create(const model::Principal& who, model::Page draft);
  // `change` may set `is_default`: then the page that had it loses it.
  using Change = std::function<Status(model::Page&)>;
  Result<model::Page> Update(const model::Principal& who, model::PageId id, const Change& change);
  // Error: kConflict ("Cannot delete the only status page" before "Cannot delete the default status
  // page").
  Status Delete(const model::Principal& who, model::PageId id);

  // Sets or clears (nullopt) the password of a draft or a stored page; slow by design (Argon2id).
  static Status SetPassword(model::Page& page, std::optional<std::string> text);
  static bool CheckPassword(const model::Page& page, std::string_view text);

 private:
  Context context_;
};

// True for 1-63 characters of a-z0-9 and '-', for dialects with slugs.
bool IsSlug(std::string_view text);

}  // namespace pharos::service
