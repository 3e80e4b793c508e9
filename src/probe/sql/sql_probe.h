#pragma once

#include <memory>

#include "probe/probe.h"

namespace pharos::probe {

// One query against PostgreSQL, MySQL or MariaDB (product.md 2.9). See docs/probes/sql.md.
std::unique_ptr<Probe> MakeSqlProbe();

}  // namespace pharos::probe
