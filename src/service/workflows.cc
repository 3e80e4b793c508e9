#include "service/workflows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "rules/conditions.h"
#include "service/incidents.h"
#include "service/records.h"
#include "service/workflow_actions.h"
#include "service/workflow_facts.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

constexpr std::string_view kWorkflows = "workflows";
constexpr std::string_view kQueue = "workflow_queue";
constexpr std::string_view kRuns = "workflow_runs";
constexpr std::string_view kMissing = "Workflow not found";
constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxTextBytes = 2'000;
constexpr Duration kLease = Seconds(60);  // what is not answered by then is done again

constexpr std::array<std::string_view, 13> kTriggers = {"incident.created",
                                                        "incident.updated",
                                                        "incident.resolved",
                                                        "incident.published",
                                                        "alert.fired",
                                                        "alert.resolved",
                                                        "service.status_changed",
                                                        "uptime.down",
                                                        "uptime.recovered",
                                                        "heartbeat.missed",
                                                        "error_threshold_exceeded",
                                                        "scheduled",
                                                        "manual"};

Value MemberOr(const Value& object, std::string_view name) {
  const Value* member = object.Find(name);
  return member == nullptr ? Value() : *member;
}

Workflow FromRecord(const model::Record& record) {
  const Value& data = record.data;
  Workflow w;
  w.uid = record.uid;
  w.name = data.StringOr("name", "");
  w.description = data.StringOr("description", "");
  w.enabled = data.BoolOr("enabled", true);
  w.trigger = data.StringOr("trigger", "manual");
  w.interval_s = data.IntOr("interval_s", 0);
  w.conditions = MemberOr(data, "conditions");
  w.actions = MemberOr(data, "actions");
  w.notes = MemberOr(data, "notes");
  w.created_at = record.created_at;
  w.updated_at = record.updated_at;
  return w;
}

// Keeps what the engine itself notes beside the definition.
void Store(const Workflow& w, Value& data) {
  data.Set("name", w.name);
  data.Set("description", w.description);
  data.Set("enabled", w.enabled);
  data.Set("trigger", w.trigger);
  data.Set("interval_s", w.interval_s);
  data.Set("conditions", w.conditions);
  data.Set("actions", w.actions);
  data.Set("notes", w.notes);
}

Status Check(const Workflow& w) {
  std::vector<FieldError> problems;
  if (pharos::Trim(w.name).empty()) problems.push_back({"name", "Required"});
  if (w.name.size() > kMaxNameBytes) {
    problems.push_back({"name", "String must contain at most 100 character(s)"});
  }
  if (w.description.size() > kMaxTextBytes) {
    problems.push_back({"description", "String must contain at most 2000 character(s)"});
  }
  if (!IsTrigger(w.trigger)) problems.push_back({"trigger", "Invalid value"});
  if (w.trigger == "scheduled" && (w.interval_s < 60 || w.interval_s > 2'592'000)) {
    problems.push_back({"interval_seconds", "Expected 60 to 2592000"});
  }
  for (FieldError& problem : rules::CheckConditions(w.conditions, "conditions")) {
    problems.push_back(std::move(problem));
  }
  for (FieldError& problem : CheckActions(w.actions, w.trigger)) {
    problems.push_back(std::move(problem));
  }
  if (problems.empty()) return Ok();
  Error error(ErrorKind::kInvalid, problems.front().message);
  error.fields = std::move(problems);
  return error;
}

WorkflowRun RunOf(const model::Record& record) {
  const Value& data = record.data;
  WorkflowRun run;
  run.uid = record.uid;
  run.workflow = record.parent;
  run.trigger = data.StringOr("trigger", "");
  const std::string state = data.StringOr("state", "queued");
  run.state = state == "succeeded" ? RunState::kSucceeded
              : state == "failed"  ? RunState::kFailed
                                   : RunState::kQueued;
  run.facts = MemberOr(data, "facts");
  run.created_at = record.created_at;
  run.finished_at = TimeMember(data, "finished_at");
  const Value done = MemberOr(data, "done");
  if (!done.IsList()) return run;
  for (const Value& one : done.AsList()) {
    run.done.push_back({one.StringOr("type", ""), one.BoolOr("ok", true), one.StringOr("error", ""),
                        FromUnixMicros(one.IntOr("at", 0))});
  }
  return run;
}

// The actions of a run that is under way; empty when the record is damaged.
const Value::List& ActionsOf(const model::Record& run) {
  static const Value::List kNone;
  const Value* actions = run.data.Find("actions");
  return actions != nullptr && actions->IsList() ? actions->AsList() : kNone;
}

// Out of the queue, into the history.
Status Finish(const Context& context, store::Transaction& tx, model::Record run, RunState state,
              Timestamp now) {
  auto& records = context.store.records();
  PHAROS_RETURN_IF_ERROR(records.Delete(tx, run.org, kQueue, run.uid));
  run.collection = kRuns;
  run.data.Set("state", RunStateName(state));
  run.data.Set("finished_at", ToUnixMicros(now));
  run.data.Remove("actions");
  run.updated_at = now;
  PHAROS_RETURN_IF_ERROR(records.Insert(tx, std::move(run)));
  return Ok();
}

// Notes how action `index` ended and moves on; nothing when somebody noted it before.
Status NoteOutcome(const Context& context, store::Transaction& tx, model::OrgId org,
                   const std::string& uid, size_t index, const std::string& error,
                   Timestamp due_at) {
  const Timestamp now = context.clock.Now();
  auto& records = context.store.records();
  PHAROS_ASSIGN_OR_RETURN(auto run, records.Find(tx, org, kQueue, uid));
  if (!run || run->data.IntOr("next", 0) != static_cast<int64_t>(index)) return Ok();
  const Value::List& actions = ActionsOf(*run);
  if (index >= actions.size()) return Finish(context, tx, *run, RunState::kFailed, now);
  const Value action = actions[index];
  const bool is_last = index + 1 == actions.size();
  Value note;
  note.Set("type", action.StringOr("type", ""));
  note.Set("ok", error.empty());
  note.Set("error", Ellipsize(error, 500));
  note.Set("at", ToUnixMicros(now));
  Value done = MemberOr(run->data, "done");
  if (!done.IsList()) done = Value(Value::List());
  done.AsList().push_back(std::move(note));
  run->data.Set("done", std::move(done));
  run->data.Set("next", static_cast<int64_t>(index + 1));
  run->data.Set("due_at", ToUnixMicros(due_at));
  run->updated_at = now;
  const bool stops = !error.empty() && !action.BoolOr("continue_on_error", false);
  if (stops) return Finish(context, tx, *run, RunState::kFailed, now);
  if (is_last) return Finish(context, tx, *run, RunState::kSucceeded, now);
  return records.Update(tx, *run);
}

bool ChangesIncidents(const Workflow& workflow) {
  if (!workflow.actions.IsList()) return false;
  const Value::List& actions = workflow.actions.AsList();
  return std::any_of(actions.begin(), actions.end(), [](const Value& action) {
    const ActionRow* row = FindAction(action.StringOr("type", ""));
    return row != nullptr && row->changes_incident;
  });
}

bool IsOurTrouble(ErrorKind kind) {
  return kind == ErrorKind::kUnavailable || kind == ErrorKind::kTimeout ||
         kind == ErrorKind::kInternal;
}

// What the next step of a run is, as found in its transaction.
struct NextStep {
  bool found = false;    // it is due and has something to do
  bool goes_on = false;  // done already, look again
  ActionWay way = ActionWay::kStore;
  size_t index = 0;
  Value action;
  Value facts;
};

}  // namespace

std::string_view RunStateName(RunState state) {
  switch (state) {
    case RunState::kQueued:
      return "queued";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kFailed:
      return "failed";
  }
  return "queued";
}

bool IsTrigger(std::string_view trigger) {
  return std::find(kTriggers.begin(), kTriggers.end(), trigger) != kTriggers.end();
}

Result<std::vector<Workflow>> WorkflowService::List(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(*session, who.org, kWorkflows));
  std::vector<Workflow> workflows;
  for (const model::Record& record : records) workflows.push_back(FromRecord(record));
  return workflows;
}

Result<Workflow> WorkflowService::Get(const model::Principal& who, std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record, RequireRecord(context_.store, *session, who.org,
                                                           kWorkflows, uid, kMissing));
  return FromRecord(record);
}

Result<Workflow> WorkflowService::Create(const model::Principal& who, Workflow draft) {
  PHAROS_RETURN_IF_ERROR(Check(draft));
  const Timestamp now = context_.clock.Now();
  model::Record record = NewRecord(who.org, kWorkflows, Value(Value::Object()), now);
  Store(draft, record.data);
  record.data.Set("last_run_at", ToUnixMicros(now));
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        auto& records = context_.store.records();
        PHAROS_ASSIGN_OR_RETURN(const int64_t count, records.Count(tx, who.org, kWorkflows));
        if (count >= kMaxWorkflows) return Error::Field("name", "Too many workflows");
        PHAROS_RETURN_IF_ERROR(records.Insert(tx, record));
        return MakeAudit(who, "workflow.created", {"workflow", record.uid}, now);
      }));
  return FromRecord(record);
}

Result<Workflow> WorkflowService::Update(const model::Principal& who, std::string_view uid,
                                         const Change& change) {
  const Timestamp now = context_.clock.Now();
  Workflow changed;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(
            auto record, RequireRecord(context_.store, tx, who.org, kWorkflows, uid, kMissing));
        const Workflow before = FromRecord(record);
        changed = before;
        PHAROS_RETURN_IF_ERROR(change(changed));
        PHAROS_RETURN_IF_ERROR(Check(changed));
        Value changes;
        AddChange(changes, "name", before.name, changed.name);
        AddChange(changes, "enabled", before.enabled, changed.enabled);
        AddChange(changes, "trigger", before.trigger, changed.trigger);
        changed.updated_at = now;
        Store(changed, record.data);
        record.updated_at = now;
        PHAROS_RETURN_IF_ERROR(context_.store.records().Update(tx, record));
        return MakeAudit(who, "workflow.updated", {"workflow", record.uid}, now,
                         std::move(changes));
      }));
  return changed;
}

Status WorkflowService::Delete(const model::Principal& who, std::string_view uid) {
  return WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
    auto& records = context_.store.records();
    PHAROS_RETURN_IF_ERROR(RequireRecord(context_.store, tx, who.org, kWorkflows, uid, kMissing));
    PHAROS_RETURN_IF_ERROR(records.Delete(tx, who.org, kWorkflows, uid));
    PHAROS_RETURN_IF_ERROR(records.DeleteChildren(tx, who.org, kQueue, uid));
    PHAROS_RETURN_IF_ERROR(records.DeleteChildren(tx, who.org, kRuns, uid));
    return MakeAudit(who, "workflow.deleted", {"workflow", std::string(uid)}, context_.clock.Now());
  });
}

// Error: kRateLimited beyond the limits, which are there so that workflows that start each other do
// not fill the disk.
Status WorkflowService::QueueRun(store::Transaction& tx, model::OrgId org, const Workflow& workflow,
                                 std::string_view trigger, Value facts, std::string* uid) {
  const Timestamp now = context_.clock.Now();
  auto& records = context_.store.records();
  PHAROS_ASSIGN_OR_RETURN(const int64_t waiting, records.Count(tx, org, kQueue));
  PHAROS_ASSIGN_OR_RETURN(
      const int64_t queued,
      records.Count(tx, org, kQueue, {.parent = workflow.uid, .created_from = now - Minutes(1)}));
  PHAROS_ASSIGN_OR_RETURN(
      const int64_t finished,
      records.Count(tx, org, kRuns, {.parent = workflow.uid, .created_from = now - Minutes(1)}));
  if (waiting >= kMaxQueued || queued + finished >= kMaxRunsPerMinute) {
    return Error(ErrorKind::kRateLimited, "Too many runs of workflows");
  }
  Value data;
  data.Set("trigger", trigger);
  data.Set("facts", std::move(facts));
  // What is changed or deleted later does not change what is under way.
  data.Set("actions", workflow.actions);
  data.Set("next", 0);
  data.Set("due_at", ToUnixMicros(now));
  model::Record run = NewRecord(org, kQueue, std::move(data), now);
  run.parent = workflow.uid;
  if (uid != nullptr) *uid = run.uid;
  PHAROS_RETURN_IF_ERROR(records.Insert(tx, std::move(run)));
  return Ok();
}

Result<std::string> WorkflowService::Trigger(const model::Principal& who, std::string_view uid,
                                             const Value& data) {
  std::string run;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(const auto record, RequireRecord(context_.store, tx, who.org,
                                                                 kWorkflows, uid, kMissing));
        const Workflow workflow = FromRecord(record);
        if (!workflow.enabled) return Error(ErrorKind::kConflict, "Workflow is disabled");
        Value facts = data.IsObject() ? data : Value(Value::Object());
        PHAROS_RETURN_IF_ERROR(QueueRun(tx, who.org, workflow, "manual", std::move(facts), &run));
        return MakeAudit(who, "workflow.triggered", {"workflow", record.uid}, context_.clock.Now());
      }));
  PHAROS_RETURN_IF_ERROR(Advance(who.org, run));
  return run;
}

Result<std::vector<WorkflowRun>> WorkflowService::Runs(const model::Principal& who,
                                                       std::string_view uid, int limit) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_RETURN_IF_ERROR(
      RequireRecord(context_.store, *session, who.org, kWorkflows, uid, kMissing));
  std::vector<WorkflowRun> runs;
  for (const std::string_view collection : {kQueue, kRuns}) {
    PHAROS_ASSIGN_OR_RETURN(
        const auto records,
        context_.store.records().List(*session, who.org, collection,
                                      {.parent = uid, .newest_first = true, .limit = limit}));
    for (const model::Record& record : records) {
      if (static_cast<int>(runs.size()) < limit) runs.push_back(RunOf(record));
    }
  }
  return runs;
}

Status WorkflowService::OnEvent(store::Transaction& tx, const model::Event& event) {
  PHAROS_ASSIGN_OR_RETURN(const auto cause, CauseOf(context_, tx, event));
  if (!cause) return Ok();
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(tx, event.org, kWorkflows));
  for (const model::Record& record : records) {
    const Workflow workflow = FromRecord(record);
    if (!workflow.enabled || workflow.trigger != cause->trigger) continue;
    if (cause->by_workflow && ChangesIncidents(workflow)) continue;
    if (!rules::ConditionsHold(workflow.conditions, cause->facts)) continue;
    Status queued = QueueRun(tx, event.org, workflow, cause->trigger, cause->facts, nullptr);
    if (!queued && queued.error().kind == ErrorKind::kRateLimited) {
      LogError("workflow.run_refused", queued.error());
      continue;
    }
    PHAROS_RETURN_IF_ERROR(std::move(queued));
  }
  return Ok();
}

void WorkflowService::OnCommitted() {
  if (Status done = Step(); !done) LogError("workflow.step_failed", done.error());
}

Status WorkflowService::Step() {
  std::vector<model::Organisation> organisations;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(organisations, context_.store.organisations().List(*session));
  }
  const int64_t now = ToUnixMicros(context_.clock.Now());
  for (const model::Organisation& organisation : organisations) {
    PHAROS_RETURN_IF_ERROR(StartScheduled(organisation.id));
    std::vector<std::string> due;
    {
      PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
      PHAROS_ASSIGN_OR_RETURN(
          const auto queue,
          context_.store.records().List(*session, organisation.id, kQueue, {.limit = kMaxQueued}));
      for (const model::Record& run : queue) {
        if (run.data.IntOr("due_at", 0) <= now) due.push_back(run.uid);
      }
    }
    for (const std::string& run : due) PHAROS_RETURN_IF_ERROR(Advance(organisation.id, run));
  }
  return Ok();
}

Status WorkflowService::StartScheduled(model::OrgId org) {
  const Timestamp now = context_.clock.Now();
  auto& records = context_.store.records();
  const auto is_due = [&](const model::Record& record) {
    if (record.data.StringOr("trigger", "") != "scheduled") return false;
    const Timestamp last = TimeMember(record.data, "last_run_at").value_or(record.created_at);
    return record.data.BoolOr("enabled", true) &&
           now >= last + Seconds(record.data.IntOr("interval_s", 60));
  };
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto all, records.List(*session, org, kWorkflows));
    if (std::none_of(all.begin(), all.end(), is_due)) return Ok();
  }
  return context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(auto all, records.List(tx, org, kWorkflows));
    for (model::Record& record : all) {
      if (!is_due(record)) continue;
      const Workflow workflow = FromRecord(record);
      record.data.Set("last_run_at", ToUnixMicros(now));
      PHAROS_RETURN_IF_ERROR(records.Update(tx, record));
      Value facts;
      facts.Set("title", workflow.name);
      if (!rules::ConditionsHold(workflow.conditions, facts)) continue;
      Status queued = QueueRun(tx, org, workflow, "scheduled", std::move(facts), nullptr);
      if (!queued && queued.error().kind != ErrorKind::kRateLimited) return queued;
    }
    return Ok();
  });
}

Status WorkflowService::Advance(model::OrgId org, const std::string& run) {
  // A workflow has at most twenty actions, so this ends.
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool goes_on, AdvanceOnce(org, run));
    if (!goes_on) return Ok();
  }
}

Result<bool> WorkflowService::AdvanceOnce(model::OrgId org, const std::string& run) {
  const Timestamp now = context_.clock.Now();
  auto& records = context_.store.records();
  NextStep step;
  ActionTraces traces;
  Status written = context_.store.Write([&](store::Transaction& tx) -> Status {
    step = NextStep();
    traces = ActionTraces();
    PHAROS_ASSIGN_OR_RETURN(auto record, records.Find(tx, org, kQueue, run));
    if (!record || record->data.IntOr("due_at", 0) > ToUnixMicros(now)) return Ok();
    step.index = static_cast<size_t>(record->data.IntOr("next", 0));
    const Value::List& actions = ActionsOf(*record);
    if (step.index >= actions.size()) {
      return Finish(context_, tx, *record, RunState::kSucceeded, now);
    }
    step.action = actions[step.index];
    step.facts = MemberOr(record->data, "facts");
    const ActionRow* row = FindAction(step.action.StringOr("type", ""));
    step.found = true;
    step.way = row == nullptr ? ActionWay::kStore : row->way;
    if (step.way == ActionWay::kWait) {
      step.goes_on = false;
      return NoteOutcome(context_, tx, org, run, step.index, "",
                         now + Seconds(step.action.IntOr("seconds", 1)));
    }
    if (step.way == ActionWay::kStore) {
      const ActionScene scene{context_, org, step.action, step.facts, run, step.index, now};
      PHAROS_RETURN_IF_ERROR(PerformInStore(scene, tx, traces));
      step.goes_on = true;
      return NoteOutcome(context_, tx, org, run, step.index, "", now);
    }
    record->data.Set("due_at", ToUnixMicros(now + kLease));
    record->updated_at = now;
    return records.Update(tx, *record);
  });
  if (!written) {
    if (!step.found || IsOurTrouble(written.error().kind)) return std::move(written).error();
    PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) {
      return NoteOutcome(context_, tx, org, run, step.index, written.error().message, now);
    }));
    return true;
  }
  if (traces.incidents) PHAROS_RETURN_IF_ERROR(AnnounceIncidents(context_, org));
  if (traces.events) AnnounceEvent(context_, org);
  if (traces.deliveries) {
    context_.notices.Publish({{notices::Notice::Kind::kDelivery, org, model::MonitorId()}});
  }
  if (!step.found || step.way == ActionWay::kStore || step.way == ActionWay::kWait) {
    return step.goes_on;
  }
  if (step.way == ActionWay::kSend) {
    SendOutside(org, run, step.index, step.action, step.facts);
    return false;
  }
  const Status reported = Report(org, step.action, step.facts);
  const std::string error = reported ? std::string() : reported.error().message;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) {
    return NoteOutcome(context_, tx, org, run, step.index, error, now);
  }));
  return true;
}

Status WorkflowService::Report(model::OrgId org, const Value& action, const Value& facts) {
  const ActionScene scene{context_, org, action, facts, "", 0, context_.clock.Now()};
  const store::MonitorPtr service = ServiceOfAction(scene);
  if (service == nullptr) return Error(ErrorKind::kNotFound, "Service not found");
  model::Principal actor;
  actor.org = org;
  actor.name = "workflow";
  const auto status = model::ParseStatus(action.StringOr("status", ""));
  return monitors_.ReportStatus(actor, *service, status.value_or(model::Status::kUp),
                                "Set by a workflow");
}

void WorkflowService::SendOutside(model::OrgId org, const std::string& run, size_t index,
                                  const Value& action, const Value& facts) {
  const Timestamp now = context_.clock.Now();
  const ActionScene scene{context_, org, action, facts, run, index, now};
  // Copies: the answer may come when this service is gone; the store is not.
  const auto note = [context = context_, org, run, index](const std::string& error) {
    const auto write = [context, org, run, index, error](store::Transaction& tx) {
      return NoteOutcome(context, tx, org, run, index, error, context.clock.Now());
    };
    // What cannot be written now is done again when the lease is over.
    context.store.WriteAsync(write, [](const Status&) {});
  };
  Result<OutsideMessage> message = PrepareSend(scene);
  if (!message) return note(message.error().message);
  send_(message->kind, message->config, std::move(message->outgoing),
        [note](const notify::SendOutcome& outcome) {
          const bool sent = outcome.kind == notify::SendOutcome::Kind::kSent;
          note(sent ? std::string() : outcome.error.empty() ? "not sent" : outcome.error);
        });
}

Status WorkflowService::Trim() {
  const Timestamp before = context_.clock.Now() - Days(30);
  return context_.store.Write([&](store::Transaction& tx) {
    return context_.store.records().Trim(tx, kRuns, before, kMaxRuns);
  });
}

}  // namespace pharos::service
