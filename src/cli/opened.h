#pragma once

#include <memory>

#include "app/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "cli/command_line.h"
#include "model/principal.h"
#include "store/store.h"

namespace pharos::cli {

// The store of the data directory, opened beside a server that may be running on it.
struct Opened {
  SystemClock clock;
  Metrics metrics;
  std::unique_ptr<store::Store> store;
  model::OrgId org;
};

// Makes the database if there is none. Error: kInvalid for an organisation that there is not.
Status Open(const app::Settings& settings, const CommandLine& line, Opened& opened);
// For commands that make no sense on a database that is only now created.
Status OpenExisting(const app::Settings& settings, const CommandLine& line, Opened& opened);

// Who the audit log names for what a command did.
model::Principal CommandLineUser(model::OrgId org);

}  // namespace pharos::cli
