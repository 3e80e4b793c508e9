#pragma once

#include "automation/reaction.h"
#include "base/result.h"
#include "model/event.h"

namespace pharos::automation {

// Writes one delivery row for each channel that wants to hear of the event, with the facts of the
// message (docs/architecture/messages.md). A second run for the same event adds nothing: the
// de-duplication key is made of what happened.
Status QueueDeliveries(Batch& batch, const model::Event& event);

}  // namespace pharos::automation
