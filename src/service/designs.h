#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/page.h"
#include "model/principal.h"
#include "service/context.h"

namespace pharos::service {

enum class DesignState : uint8_t { kDraft, kPublished, kArchived };

// One version of how a page looks. `theme_tokens` {brand {primary, secondary}, font {family},
// logo_url, favicon_url} and `layout` {sections [{type, enabled, props}]} are objects or null.
struct DesignVersion {
  std::string uid;
  int64_t number = 0;  // 1, 2, 3 ... per page
  DesignState state = DesignState::kDraft;
  std::string base;  // uid of the version it was made from; empty = none
  Value theme_tokens;
  Value layout;
  Value page_template;  // text or null
  bool custom_template = false;
  std::string summary;  // empty = none
  std::string created_by;
  Timestamp created_at{};
  std::optional<Timestamp> published_at;
};

struct DesignProblem {
  std::string code;
  std::string path;
  std::string message;
};

struct DesignFindings {
  std::vector<DesignProblem> errors;
  std::vector<DesignProblem> warnings;
};

struct DesignOverview {
  std::optional<DesignVersion> current;  // the published one
  std::optional<DesignVersion> draft;
};

// Versions of the looks of a page: one draft at a time, published at once with the page's own
// fields (kodo.md 14.3). The page must come from PageService of the asking organisation; the newest
// kMaxVersions are kept. Thread-safe; blocks on the store.
class DesignService {
 public:
  static constexpr int kMaxVersions = 100;

  explicit DesignService(const Context& context) : context_(context) {}

  Result<DesignOverview> Overview(const model::Principal& who, const model::Page& page) const;
  // Newest first.
  Result<std::vector<DesignVersion>> List(const model::Principal& who, const model::Page& page,
                                          int limit) const;
  // Error: kNotFound ("Design version not found").
  Result<DesignVersion> Get(const model::Principal& who, const model::Page& page,
                            std::string_view uid) const;

  // Makes the draft from the published version, or changes it: each member of `changes`
  // (theme_tokens, layout, template, template_mode, summary) replaces the draft's. Error: kInvalid
  // with the fields.
  struct Saved {
    DesignVersion draft;
    std::vector<DesignProblem> warnings;
  };
  Result<Saved> PutDraft(const model::Principal& who, const model::Page& page,
                         const Value& changes);
  // What is wrong with the draft (or what it would start from) after `changes`; nothing is written.
  Result<DesignFindings> Check(const model::Principal& who, const model::Page& page,
                               const Value& changes) const;
  // The draft becomes the published version and the page's fields follow, or nothing happens.
  // Errors: kNotFound ("No draft to publish"), kConflict when `expected` is another draft, kInvalid
  // when the draft has errors.
  Result<DesignVersion> Publish(const model::Principal& who, const model::Page& page,
                                std::string_view expected);

  // What the page's own fields amount to, for pages without a published version.
  static DesignVersion Derived(const model::Page& page);

 private:
  Context context_;
};

// What is wrong with the members of a design; paths as in `design`.
DesignFindings CheckDesign(const Value& design);

// The fonts of kodo.md 14.1, and the two names of its dashboard guide turned into theirs; empty for
// an unknown one.
std::string_view FindFont(std::string_view name);
// "#RRGGBB".
bool IsColour(std::string_view text);

}  // namespace pharos::service
