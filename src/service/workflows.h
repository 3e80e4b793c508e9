#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/principal.h"
#include "model/record.h"
#include "service/context.h"
#include "service/direct_send.h"
#include "service/event_listener.h"
#include "service/monitors.h"

namespace pharos::service {

// When something happens and conditions hold, do this and that (kodo.md 18).
struct Workflow {
  std::string uid;
  std::string name;
  std::string description;
  bool enabled = true;
  // "incident.created|updated|resolved|published", "alert.fired|resolved",
  // "service.status_changed", "uptime.down|recovered", "heartbeat.missed",
  // "error_threshold_exceeded", "scheduled", "manual".
  std::string trigger;
  int64_t interval_s = 0;  // of "scheduled": 60 to 2592000
  Value conditions;        // rules/conditions.h; statuses are names of model::Status
  Value actions;           // list; service/workflow_actions.h
  Value notes;             // what one dialect alone knows, by dialect name
  Timestamp created_at{};
  Timestamp updated_at{};
};

enum class RunState : uint8_t { kQueued, kSucceeded, kFailed };

// One time that a workflow ran.
struct WorkflowRun {
  struct Done {
    std::string type;
    bool ok = true;
    std::string error;
    Timestamp at{};
  };
  std::string uid;
  std::string workflow;
  std::string trigger;
  RunState state = RunState::kQueued;
  Value facts;
  std::vector<Done> done;  // in order
  Timestamp created_at{};
  std::optional<Timestamp> finished_at;
};

// Use cases and engine of workflows. A run is queued in the transaction of its cause, its actions
// are carried out one after the other and noted; what was under way when the process died is done
// again after a minute. Runs of one workflow are at most kMaxRunsPerMinute, and the last kMaxRuns
// are kept. Thread-safe; blocks on the store. Errors: kNotFound ("Workflow not found", "Run not
// found"), kConflict ("Workflow is disabled"), kInvalid with fields "name", "trigger",
// "conditions", "actions", "interval_seconds".
class WorkflowService : public EventListener {
 public:
  static constexpr int kMaxWorkflows = 200;
  static constexpr int kMaxQueued = 1'000;  // runs of an organisation that wait or are under way
  static constexpr int kMaxRuns = 200;
  static constexpr int kMaxRunsPerMinute = 30;

  WorkflowService(const Context& context, MonitorService& monitors, DirectSend send)
      : context_(context), monitors_(monitors), send_(std::move(send)) {}

  Result<std::vector<Workflow>> List(const model::Principal& who) const;
  Result<Workflow> Get(const model::Principal& who, std::string_view uid) const;
  Result<Workflow> Create(const model::Principal& who, Workflow draft);
  using Change = std::function<Status(Workflow&)>;
  Result<Workflow> Update(const model::Principal& who, std::string_view uid, const Change& change);
  Status Delete(const model::Principal& who, std::string_view uid);

  // Queues a run, whatever the trigger and the conditions say, and begins with it. Returns its uid.
  Result<std::string> Trigger(const model::Principal& who, std::string_view uid, const Value& data);
  // Newest first; those that wait or are under way come first.
  Result<std::vector<WorkflowRun>> Runs(const model::Principal& who, std::string_view uid,
                                        int limit) const;

  Status OnEvent(store::Transaction& tx, const model::Event& event) override;
  void OnCommitted() override;

  // Starts what is scheduled and carries on with what is due; called by the housekeeper every few
  // seconds.
  Status Step();
  // Removes runs older than 30 days; called by the housekeeper.
  Status Trim();

 private:
  Status QueueRun(store::Transaction& tx, model::OrgId org, const Workflow& workflow,
                  std::string_view trigger, Value facts, std::string* uid);
  Status StartScheduled(model::OrgId org);
  Status Advance(model::OrgId org, const std::string& run);
  Result<bool> AdvanceOnce(model::OrgId org, const std::string& run);
  Status Report(model::OrgId org, const Value& action, const Value& facts);
  void SendOutside(model::OrgId org, const std::string& run, size_t index, const Value& action,
                   const Value& facts);

  Context context_;
  MonitorService& monitors_;
  DirectSend send_;
};

std::string_view RunStateName(RunState state);
// True for the triggers listed at Workflow::trigger.
bool IsTrigger(std::string_view trigger);

}  // namespace pharos::service
