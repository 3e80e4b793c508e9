#pragma once

#include <vector>

#include "api/dialect.h"

namespace pharos::api {

// All dialects that this program speaks: one line per dialect in catalog.cc.
std::vector<Dialect> AllDialects();

// The paths that several of them claim on purpose; anything else that two claim stops the start.
std::vector<Tie> AllTies();

// What the site of a fresh organisation starts with, from all dialects.
std::vector<service::SiteEntry> SeededSiteEntries();

}  // namespace pharos::api
