#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "model/monitor.h"

namespace pharos::api::is0k {

// A monitor as this dialect writes it (is0k.md 3.2): an object of the settable members, which a
// creation fills, a change edits and a reply prints. So a change is "print, replace what was sent,
// read again", with one set of rules.

// The settable members as they stand; members that do not belong to the type are null. Header
// values are in clear: see MaskHeaders.
Value PrintForm(const model::Monitor& monitor, Timestamp now);

// Values of sensitive names become "***".
void MaskHeaders(Value& form);
// "***" in `form` means what stands in `stored`.
void UnmaskHeaders(Value& form, const Value& stored);

// The members with their defaults for a creation of this kind.
Value DefaultForm(std::string_view kind);

// Writes a form into a monitor: kind, spec, schedule. The form has passed its shape. `stored`: the
// form as it was, for a change; what did not change stays as it is inside, where other dialects may
// say more than this one can. Error: kInvalid naming the member.
Status ReadForm(const Value& form, const Value* stored, std::string_view kind,
                model::Monitor& monitor);

// How often it is checked; crons are measured at `now`.
int64_t IntervalSeconds(const model::Schedule& schedule, Timestamp now);

}  // namespace pharos::api::is0k
