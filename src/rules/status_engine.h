#pragma once

#include "base/time.h"
#include "model/check_result.h"
#include "model/monitor.h"
#include "model/monitor_state.h"
#include "model/overlay.h"
#include "rules/dependency.h"
#include "rules/effect.h"

namespace pharos::rules {

// Judges one result: what is stored for its time, where the monitor stands afterwards, whether that
// is a transition (product.md 1.5 to 1.9). Order: confirmation, then default < observed < incident
// < maintenance. Always ends with SetState; samples that confirmation rewrote come first. Pure.
// - A result older than the newest sample, or of a paused monitor, is stored (without confirmation)
//   but changes no state.
// - kBlocked and kBlind are stored as no_data with origin kBlind; no default fills them, only an
//   overlay stands above (architecture D17).
// - kNone stores nothing unless a default, an overlay or a repeated manual status fills the time.
// - Signals (source kHeartbeat) store a kSignal sample and show their status at once, whatever the
//   threshold (kodo.md 11.3), unless an overlay is active. One that is older than the last signal
//   is only stored.
// - A transition is delivered unless it leads to no_data; one out of no_data only if the status is
//   other than the last confirmed one, or unhealthy when there is none. The same holds for one out
//   of a maintenance; none is delivered while it masks (product.md 5.6).
// - A check that found the monitor down while all its parents are down says nothing about it: it is
//   stored as no_data with origin kUnreachable, told to nobody and counted as no failure. One that
//   fails before its parents were looked at shows at once, but is told only when they turn out to
//   be up (ReviewDoubt, or the next result once the grace is over; effect QueueNotice); if they are
//   down, its samples are rewritten.
// - A change of the published side by a check counts for flapping (flapping.h): while it lasts no
//   change is delivered; QueueNotice says when it begins and when it is over.
// - Facts of the result replace those of the state. Checks in a row that found the monitor down are
//   counted, whatever is shown: up, degraded or partly out starts anew; blocked, blind and nothing
//   do not count. ReportFailing comes when they reach the threshold of automatic incidents.
Effects JudgeResult(const model::Monitor& monitor, const model::MonitorState& state,
                    const model::CheckResult& result, const model::ActiveOverlay& overlay,
                    Timestamp now, const Upstream& upstream = {});

// The parents of a monitor whose failure waits for a look at them (state.doubted_at, the time that
// `upstream` is about) were looked at: the failure is told, or the monitor is unreachable. Empty
// when that is still open or nothing waits. Pure.
Effects ReviewDoubt(const model::Monitor& monitor, const model::MonitorState& state,
                    const Upstream& upstream, Timestamp now);

// A sample written by hand or by an API at any time (origin kManual): replaces what stands there;
// moves the shown state when it is the newest and not of the future. Pure.
Effects JudgeManualSample(const model::Monitor& monitor, const model::MonitorState& state,
                          const model::Sample& sample, Timestamp now);

// Rebuilds a state after a start: applies a stored sample that is newer than the state's row. What
// is shown never changes by it, since every transition wrote the row.
void ObserveStoredSample(model::MonitorState& state, const model::Sample& sample);

// Whether replaying the samples that `effects` store over `before` leads to the state that they
// set, but for the time of the last result and the facts, which the next result tells. If not, the
// state's row has to be written with them: late results, entries by hand, and whatever else samples
// do not tell. True for effects that set no state.
bool ReplaySays(const model::MonitorState& before, const Effects& effects);

// The time under which a result is stored: whole minutes for cron and for intervals of a minute or
// more, whole seconds for faster ones, milliseconds for heartbeats (product.md 1.3, 3.2). A
// heartbeat exactly at a time where a check may stand is moved by a millisecond (product.md 2.10).
Timestamp SampleTime(const model::Monitor& monitor, const model::CheckResult& result);

}  // namespace pharos::rules
