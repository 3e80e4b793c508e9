#include "api/kodo/workflows.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/workflows.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Workflow";
constexpr int kMaxDepth = 8;

// The page on publishing spells its trigger with an underscore (kodo.md 18).
std::string TriggerOf(const std::string& given) {
  return given == "incident_published" ? "incident.published" : given;
}

// The inner name of a service status; other texts stay as they are.
Value InnerWord(const Value& value) {
  if (!value.IsString()) return value;
  const auto status = ParseServiceWord(value.AsString());
  return status ? Value(model::StatusName(*status)) : value;
}

bool NamesStatus(std::string_view field) { return field.ends_with("status"); }

// Conditions with Kodo's status words replaced where a field is a status.
Value InnerConditions(const Value& given, int depth = 0) {
  if (depth > kMaxDepth || !given.IsObject()) return given;
  Value out = given;
  if (Value* members = out.Find("conditions"); members != nullptr && members->IsList()) {
    for (Value& member : members->AsList()) member = InnerConditions(member, depth + 1);
    return out;
  }
  Value* value = out.Find("value");
  if (value == nullptr || !NamesStatus(out.StringOr("field", ""))) return out;
  if (value->IsList()) {
    for (Value& element : value->AsList()) element = InnerWord(element);
  } else {
    *value = InnerWord(*value);
  }
  return out;
}

Value InnerActions(const Value& given) {
  Value out = given;
  if (!out.IsList()) return out;
  for (Value& action : out.AsList()) {
    Value* status = action.Find("status");
    if (status != nullptr && action.StringOr("type", "") == "update_service_status") {
      *status = InnerWord(*status);
    }
  }
  return out;
}

// What was given is kept as it was spelled, so that it reads back.
void Keep(service::Workflow& workflow, std::string_view name, const Value& given) {
  Value own = workflow.notes.Find("kodo") != nullptr ? *workflow.notes.Find("kodo") : Value();
  own.Set(name, given);
  workflow.notes.Set("kodo", std::move(own));
}

Value AsGiven(const service::Workflow& workflow, std::string_view name, const Value& inner) {
  const Value* own = workflow.notes.Find("kodo");
  const Value* given = own != nullptr ? own->Find(name) : nullptr;
  return given != nullptr ? *given : inner;
}

void ApplyBody(const Value& body, service::Workflow& workflow) {
  if (const auto name = TextOf(body, "name")) workflow.name = std::string(Trim(*name));
  Assign(workflow.description, TextOf(body, "description"));
  Assign(workflow.enabled, BoolOf(body, "enabled"));
  if (const auto trigger = TextOf(body, "trigger")) workflow.trigger = TriggerOf(*trigger);
  Assign(workflow.interval_s, IntOf(body, "interval_seconds"));
  if (const Value* conditions = body.Find("conditions")) {
    workflow.conditions = InnerConditions(*conditions);
    Keep(workflow, "conditions", *conditions);
  }
  if (const Value* actions = body.Find("actions")) {
    workflow.actions = InnerActions(*actions);
    Keep(workflow, "actions", *actions);
  }
}

void PrintWorkflow(JsonWriter& json, const service::Workflow& workflow) {
  json.BeginObject();
  PutText(json, "id", workflow.uid);
  PutText(json, "name", workflow.name);
  PutTextOrNull(json, "description", workflow.description);
  json.Key("enabled").Bool(workflow.enabled);
  PutText(json, "trigger", workflow.trigger);
  json.Key("interval_seconds");
  if (workflow.trigger == "scheduled") {
    json.Int(workflow.interval_s);
  } else {
    json.Null();
  }
  json.Key("conditions").Tree(AsGiven(workflow, "conditions", workflow.conditions));
  json.Key("actions").Tree(AsGiven(workflow, "actions", workflow.actions));
  PutTime(json, "created_at", workflow.created_at);
  PutTime(json, "updated_at", workflow.updated_at);
  json.EndObject();
}

std::string OneWorkflow(const service::Workflow& workflow) {
  std::string out;
  JsonWriter json(out);
  PrintWorkflow(json, workflow);
  return out;
}

void PrintRun(JsonWriter& json, const service::WorkflowRun& run) {
  json.BeginObject();
  PutText(json, "id", run.uid);
  PutText(json, "workflow_id", run.workflow);
  PutText(json, "trigger", run.trigger);
  PutText(json, "status", service::RunStateName(run.state));
  json.Key("data").Tree(run.facts);
  json.Key("actions").BeginList();
  for (const service::WorkflowRun::Done& done : run.done) {
    json.BeginObject();
    PutText(json, "type", done.type);
    json.Key("success").Bool(done.ok);
    PutTextOrNull(json, "error", done.error);
    PutTime(json, "finished_at", done.at);
    json.EndObject();
  }
  json.EndList();
  PutTime(json, "created_at", run.created_at);
  PutTimeOrNull(json, "finished_at", run.finished_at);
  json.EndObject();
}

}  // namespace

Result<std::string> ListWorkflows(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto workflows, call.services.workflows.List(*call.who));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("workflows").BeginList();
  for (const service::Workflow& workflow : workflows) PrintWorkflow(json, workflow);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateWorkflow(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(WorkflowBody(), call.body));
  service::Workflow draft;
  ApplyBody(call.body, draft);
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.workflows.Create(*call.who, std::move(draft)));
  return OneWorkflow(made);
}

Result<std::string> GetWorkflow(Call& call) {
  auto found = call.services.workflows.Get(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  return OneWorkflow(*found);
}

Result<std::string> UpdateWorkflow(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(WorkflowBody(), call.body));
  const auto change = [&](service::Workflow& stored) -> Status {
    ApplyBody(call.body, stored);
    return Ok();
  };
  auto changed = call.services.workflows.Update(*call.who, PathId(call), change);
  if (!changed) return NotFoundAs(std::move(changed).error(), kWhat);
  return OneWorkflow(*changed);
}

Result<std::string> DeleteWorkflow(Call& call) {
  if (Status gone = call.services.workflows.Delete(*call.who, PathId(call)); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

Result<std::string> TriggerWorkflow(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Value body, ParseOptionalBody(call.request));
  if (!body.IsObject()) return BadField("", "Expected object");
  const Value* data = body.Find("data");
  if (data != nullptr && !data->IsObject() && !data->IsNull()) {
    return BadField("data", "Expected object");
  }
  auto run =
      call.services.workflows.Trigger(*call.who, PathId(call), data != nullptr ? *data : Value());
  if (!run) {
    if (run.error().kind == ErrorKind::kConflict) return BadRequest("Workflow is disabled");
    return NotFoundAs(std::move(run).error(), kWhat);
  }
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("success").Bool(true);
  PutText(json, "run_id", *run);
  json.EndObject();
  return out;
}

Result<std::string> ListWorkflowRuns(Call& call) {
  const Paging paging = ReadPaging(call.request, 20, 100);
  auto runs = call.services.workflows.Runs(*call.who, PathId(call), paging.limit);
  if (!runs) return NotFoundAs(std::move(runs).error(), kWhat);
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("runs").BeginList();
  for (const service::WorkflowRun& run : *runs) PrintRun(json, run);
  json.EndList().EndObject();
  return out;
}

}  // namespace pharos::api::kodo
