#pragma once

#include <optional>

#include "base/time.h"
#include "model/monitor.h"

namespace pharos::rules {

// The next time after `after` at which the monitor is due, or nullopt (paused, no schedule, an
// expression that never matches). Interval phases are a hash of the monitor's uid, so they are
// spread evenly, survive restarts and nobody is started one after the other (architecture D20).
std::optional<Timestamp> NextDueAt(const model::Monitor& monitor, Timestamp after);

// Where in its interval a monitor stands: 0 <= phase < interval, the same for ever.
Duration PhaseOf(std::string_view uid, Duration interval);

// How long after its time a check is begun, so that thousands with the same cron expression do not
// all begin at once; what it stands for stays the time itself. Zero for intervals, whose phases
// are spread anyway.
Duration StartSpread(const model::Monitor& monitor);

// The distance of the times under which this monitor's checks are stored: a minute, or a second for
// those that are checked more often.
Duration SampleStep(const model::Monitor& monitor);

// About how often it is checked, for sums over all monitors.
double ChecksPerSecond(const model::Monitor& monitor);

// Length of one period, for lateness and group judgement; for cron the distance of the next two
// matches after `at`.
Duration PeriodAt(const model::Monitor& monitor, Timestamp at);

}  // namespace pharos::rules
