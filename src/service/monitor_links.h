#pragma once

#include "base/result.h"
#include "model/monitor.h"
#include "service/context.h"
#include "store/session.h"

namespace pharos::service {

// What a monitor may say of other monitors of its organisation.

// Members of a group: 2 to 100 that exist and are no groups themselves (product.md 2.11). Paused
// ones are taken, as Kener's API takes them, and left out of the verdict. A group that names none
// is legal and has no data. Error: kInvalid, field "spec.members".
Status CheckGroup(const Context& context, const model::Monitor& group);

// Parents: at most kMaxParents that exist, none the monitor itself or behind it, at most
// kMaxParentDepth deep. Reads them as they are stored, so that two changes at once cannot make a
// cycle. Error: kInvalid, field "parents".
Status CheckParents(const Context& context, store::Transaction& tx, const model::Monitor& monitor);

// The limits of flapping. Error: kInvalid, field "flapping".
Status CheckFlapping(const model::Monitor& monitor);

}  // namespace pharos::service
