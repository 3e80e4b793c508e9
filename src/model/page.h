#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "model/ids.h"

namespace pharos::model {

// Persisted: never renumber.
enum class PageVisibility : uint8_t {
  kPublic = 0,
  kPassword = 1,  // whoever knows the page's password
  kInternal = 2,  // signed-in people of the organisation
};

// What the home page of a fresh organisation is called until somebody names it.
inline constexpr const char* kDefaultPageTitle = "Status";

// A status page: which monitors, in what order, how it looks and who may see it.
struct Page {
  PageId id;
  OrgId org;
  std::string uid;
  std::string path;  // one segment of a-z0-9_-, unique; empty = the home page of the organisation
  std::string title;
  std::string header;
  std::optional<std::string> subheader;
  std::optional<std::string> logo;  // URL or path of a picture
  bool is_default = false;          // exactly one per organisation: cannot be deleted
  // True: every visible monitor, in the order of `position` and id, and `monitors` is ignored.
  bool all_monitors = false;
  std::vector<MonitorId> monitors;
  PageVisibility visibility = PageVisibility::kPublic;
  std::string password_hash;  // libsodium's text form; empty = none
  std::string password_hint;
  std::string custom_domain;  // host name, unique over all organisations; empty = none
  // Which incidents and maintenances to show, layout and days of history (kener-v4.md 12.2), as a
  // tree of settings; absent members have the documented defaults.
  Value settings;
  // Colours, theme, font, texts and switches (kodo.md 14.1), by the names listed there.
  Value look;
  Value notes;  // what one dialect alone knows, by dialect name
  Timestamp created_at{};
  Timestamp updated_at{};
};

}  // namespace pharos::model
