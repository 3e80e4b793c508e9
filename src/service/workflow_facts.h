#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "model/event.h"
#include "service/context.h"

namespace pharos::service {

// What an event means to workflows.
struct WorkflowCause {
  std::string trigger;       // Workflow::trigger
  Value facts;               // what conditions and texts may name
  bool by_workflow = false;  // of an incident that a workflow opened
};

// nullopt for events that start no workflow.
Result<std::optional<WorkflowCause>> CauseOf(const Context& context, store::Session& session,
                                             const model::Event& event);

}  // namespace pharos::service
