#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/value.h"

namespace pharos::api::kener_v4 {

// Settings of a status page as the original stores them (kener-v4.md 12.2).

// Error: kInvalid with the documented text of the first thing that is wrong.
Status CheckPageSettings(const Value& settings);
// Puts what was sent into what is stored: objects member by member, everything else whole. The meta
// keys are stored under their inner names (metaPageTitle).
Value MergePageSettings(const Value& stored, const Value& sent);
// Always the complete tree; what is stored with a wrong type shows its default, and the meta keys
// only when they are stored.
Value ShownPageSettings(const Value& stored);

}  // namespace pharos::api::kener_v4
