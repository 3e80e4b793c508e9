#include "service/monitor_actions.h"

#include <array>
#include <utility>

#include "api/console/envelope.h"
#include "api/console/monitor_form.h"
#include "api/console/tables.h"
#include "base/text.h"
#include "model/check_evidence.h"
#include "service/checks.h"

namespace pharos::api::console {
namespace {

using T = FieldType;
using service::ActionOutcome;
using service::MonitorAction;
using service::MonitorPtr;

struct Word {
  std::string_view word;
  MonitorAction::Kind kind;
};
constexpr std::array<Word, 8> kActions = {{
    {"pause", MonitorAction::Kind::kPause},
    {"resume", MonitorAction::Kind::kResume},
    {"show", MonitorAction::Kind::kShow},
    {"hide", MonitorAction::Kind::kHide},
    {"set_schedule", MonitorAction::Kind::kSetSchedule},
    {"set_category", MonitorAction::Kind::kSetCategory},
    {"check", MonitorAction::Kind::kCheck},
    {"delete", MonitorAction::Kind::kDelete},
}};

// ---- shapes ------------------------------------------------------------------------------------

const Shape& TestBody() {
  static const Shape shape{
      "Test",
      {{.name = "kind", .min = 1, .max = 64, .help = "Not needed with monitor."},
       {.name = "spec", .type = T::kObject, .help = "Not needed with monitor."},
       {.name = "monitor",
        .min = 1,
        .max = 255,
        .help = "Tag of a monitor whose kind and spec stand in for what is not sent."}},
      false};
  return shape;
}

const Shape& Detail() {
  static const Shape shape{
      "Detail", {{.name = "name", .required = true}, {.name = "value", .required = true}}, false};
  return shape;
}

std::vector<Field> ResultRows() {
  return {{.name = "status", .required = true},
          {.name = "outcome",
           .required = true,
           .choices = {"answered", "timeout", "error", "blocked", "blind", "none"}},
          {.name = "latency_ms", .type = T::kNumber, .required = true, .nullable = true},
          {.name = "message", .required = true},
          {.name = "code", .type = T::kInt, .required = true},
          {.name = "attempts", .type = T::kInt, .required = true},
          {.name = "facts", .type = T::kAny, .required = true, .nullable = true}};
}

const Shape& TestReply() {
  static const Shape shape = [] {
    std::vector<Field> rows = ResultRows();
    rows.push_back({.name = "details", .type = T::kList, .required = true, .shape = &Detail()});
    rows.push_back({.name = "evidence", .type = T::kAny, .required = true, .nullable = true});
    return Shape{"TestResult", std::move(rows), false};
  }();
  return shape;
}

const Shape& CheckReply() {
  static const Shape shape = [] {
    std::vector<Field> rows = ResultRows();
    rows.push_back({.name = "at", .type = T::kTime, .required = true});
    rows.push_back({.name = "finished_at", .type = T::kTime, .required = true});
    return Shape{"CheckResult", std::move(rows), false};
  }();
  return shape;
}

const Shape& CloneBody() {
  static const Shape shape{"Clone",
                           {{.name = "tag", .min = 1, .max = 255, .help = "Default: a free one."},
                            {.name = "name", .min = 1, .max = 255}},
                           false};
  return shape;
}

const Shape& BulkBody() {
  static const Shape shape = [] {
    Field action{.name = "action", .required = true};
    for (const Word& word : kActions) action.choices.push_back(word.word);
    const auto most = static_cast<double>(service::kMaxSelected);
    return Shape{"Bulk",
                 {action,
                  {.name = "tags", .type = T::kList, .max = most},
                  {.name = "ids", .type = T::kList, .max = most, .element = T::kInt},
                  {.name = "category", .min = 1, .max = 255, .help = "All of this category."},
                  {.name = "schedule",
                   .type = T::kObject,
                   .shape = &ScheduleShape(),
                   .help = "For set_schedule."},
                  {.name = "new_category", .max = 255, .help = "For set_category."}},
                 false};
  }();
  return shape;
}

const Shape& BulkReply() {
  static const Shape item{"BulkOutcome",
                          {{.name = "monitor", .required = true},
                           {.name = "outcome",
                            .required = true,
                            .choices = {"done", "unchanged", "not_found", "refused"}},
                           {.name = "message", .required = true}},
                          false};
  static const Shape shape{"BulkReply",
                           {{.name = "items",
                             .type = T::kList,
                             .required = true,
                             .max = static_cast<double>(service::kMaxSelected),
                             .shape = &item},
                            {.name = "done", .type = T::kInt, .required = true},
                            {.name = "unchanged", .type = T::kInt, .required = true},
                            {.name = "not_found", .type = T::kInt, .required = true},
                            {.name = "refused", .type = T::kInt, .required = true}},
                           false};
  return shape;
}

// ---- replies -----------------------------------------------------------------------------------

std::string_view OutcomeWord(model::CheckOutcome outcome) {
  switch (outcome) {
    case model::CheckOutcome::kAnswered:
      return "answered";
    case model::CheckOutcome::kTimeout:
      return "timeout";
    case model::CheckOutcome::kError:
      return "error";
    case model::CheckOutcome::kBlocked:
      return "blocked";
    case model::CheckOutcome::kBlind:
      return "blind";
    case model::CheckOutcome::kNone:
      return "none";
  }
  return "none";
}

void PrintLatency(JsonWriter& json, const std::optional<double>& latency_ms) {
  json.Key("latency_ms");
  if (latency_ms) {
    json.Real(*latency_ms);
  } else {
    json.Null();
  }
}

std::string PrintTrial(const probe::Observation& seen) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", model::StatusName(seen.status));
  PutText(json, "outcome", OutcomeWord(seen.outcome));
  PrintLatency(json, seen.latency_ms);
  PutText(json, "message", seen.message);
  json.Key("code").Int(seen.code).Key("attempts").Int(seen.attempts);
  json.Key("facts").Tree(seen.facts).Key("details").BeginList();
  for (const auto& [name, value] : seen.evidence) {
    json.BeginObject().Key("name").String(name).Key("value").String(value).EndObject();
  }
  json.EndList().Key("evidence");
  json.Tree(seen.seen == nullptr ? Value() : model::ToValue(*seen.seen)).EndObject();
  return out;
}

std::string PrintResult(const model::CheckResult& result) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", model::StatusName(result.observed));
  PutText(json, "outcome", OutcomeWord(result.outcome));
  PrintLatency(json, result.latency_ms);
  PutText(json, "message", result.message);
  json.Key("code").Int(result.code).Key("attempts").Int(result.attempts);
  json.Key("facts").Tree(result.facts);
  PutMillisecond(json, "at", result.at);
  PutMillisecond(json, "finished_at", result.finished_at);
  json.EndObject();
  return out;
}

// ---- requests ----------------------------------------------------------------------------------

struct Trial {
  std::string kind;
  Value spec;
};

Result<Trial> ReadTrial(const Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(TestBody(), call.body, false));
  Trial trial{TextOf(call.body, "kind").value_or(""), Value(Value::Object{})};
  Value stored;
  if (const auto tag = TextOf(call.body, "monitor")) {
    const MonitorPtr monitor = call.services.monitors.FindByTag(*call.who, *tag);
    if (monitor == nullptr) return Error::Field("monitor", "monitor is the tag of no monitor");
    // What is masked stands in the spec of that kind alone.
    if (trial.kind.empty()) trial.kind = monitor->kind;
    if (trial.kind == monitor->kind) stored = trial.spec = monitor->spec;
  }
  if (trial.kind.empty()) return Error::Field("kind", "kind is required without monitor");
  if (const Value* spec = call.body.Find("spec")) trial.spec = UnmaskSpec(*spec, stored);
  return trial;
}

void TestSettings(Call& call, Answer answer) {
  const Result<Trial> trial = ReadTrial(call);
  if (!trial) return answer.Send(trial.error());
  call.services.checks.Try(*call.who, trial->kind, trial->spec,
                           [answer](Result<probe::Observation> seen) {
                             if (!seen) return answer.Send(std::move(seen).error());
                             answer.Send(PrintTrial(*seen));
                           });
}

void CheckNow(Call& call, Answer answer) {
  const auto monitor = FindMonitor(call);
  if (!monitor) return answer.Send(monitor.error());
  call.services.checks.RunNow(**monitor, [answer](Result<model::CheckResult> result) {
    if (!result) return answer.Send(std::move(result).error());
    answer.Send(PrintResult(*result));
  });
}

Result<std::string> CloneMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(CloneBody(), call.body, false));
  PHAROS_ASSIGN_OR_RETURN(const MonitorPtr made,
                          call.services.actions.Clone(*call.who, call.params.Find("tag"),
                                                      TextOf(call.body, "tag").value_or(""),
                                                      TextOf(call.body, "name").value_or("")));
  return OneMonitor(call, *made);
}

template <MonitorAction::Kind kind>
Result<std::string> ApplyToOne(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(
      const MonitorPtr monitor,
      call.services.actions.Apply(*call.who, call.params.Find("tag"), {.kind = kind}));
  return OneMonitor(call, *monitor);
}

Result<MonitorAction> ReadAction(const Value& body) {
  MonitorAction action;
  const std::string word = TextOf(body, "action").value_or("");
  for (const Word& row : kActions) {
    if (row.word == word) action.kind = row.kind;
  }
  if (action.kind == MonitorAction::Kind::kSetSchedule) {
    const Value* schedule = body.Find("schedule");
    if (schedule == nullptr) return Error::Field("schedule", "schedule is required");
    PHAROS_RETURN_IF_ERROR(ReadSchedule(*schedule, action.schedule));
  }
  if (action.kind == MonitorAction::Kind::kSetCategory) {
    const auto category = TextOf(body, "new_category");
    if (!category) return Error::Field("new_category", "new_category is required");
    action.category = *category;
  }
  return action;
}

std::string_view OutcomeWord(ActionOutcome::Kind kind) {
  switch (kind) {
    case ActionOutcome::Kind::kDone:
      return "done";
    case ActionOutcome::Kind::kUnchanged:
      return "unchanged";
    case ActionOutcome::Kind::kNotFound:
      return "not_found";
    case ActionOutcome::Kind::kRefused:
      return "refused";
  }
  return "refused";
}

Result<std::string> ApplyToMany(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckBody(BulkBody(), call.body, false));
  PHAROS_ASSIGN_OR_RETURN(const MonitorAction action, ReadAction(call.body));
  service::MonitorSelection selection;
  selection.tags = TextsOf(call.body, "tags").value_or(std::vector<std::string>());
  selection.category = TextOf(call.body, "category").value_or("");
  if (const Value* ids = call.body.Find("ids")) {
    for (const Value& id : ids->AsList()) {
      selection.ids.emplace_back(static_cast<int64_t>(id.AsDouble()));
    }
  }
  PHAROS_ASSIGN_OR_RETURN(const auto outcomes,
                          call.services.actions.ApplyToAll(*call.who, selection, action));
  std::array<int64_t, 4> counts{};
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("items").BeginList();
  for (const ActionOutcome& outcome : outcomes) {
    ++counts[static_cast<size_t>(outcome.kind)];
    json.BeginObject();
    PutText(json, "monitor", Ellipsize(SanitizeUtf8(outcome.tag), 255));
    PutText(json, "outcome", OutcomeWord(outcome.kind));
    PutText(json, "message", outcome.message);
    json.EndObject();
  }
  json.EndList();
  for (const auto kind : {ActionOutcome::Kind::kDone, ActionOutcome::Kind::kUnchanged,
                          ActionOutcome::Kind::kNotFound, ActionOutcome::Kind::kRefused}) {
    json.Key(OutcomeWord(kind)).Int(counts[static_cast<size_t>(kind)]);
  }
  json.EndObject();
  return out;
}

Endpoint OneRow(std::string_view pattern, std::string_view operation, std::string_view summary,
                Result<std::string> (*act)(Call&)) {
  return {.method = "POST",
          .pattern = pattern,
          .operation = operation,
          .scope = "monitors:write",
          .summary = summary,
          .response = &MonitorReply(),
          .act = act};
}

}  // namespace

std::vector<Endpoint> ActionEndpoints() {
  using Kind = MonitorAction::Kind;
  return {
      {.method = "POST",
       .pattern = "/tests",
       .operation = "monitor.test",
       .scope = "monitors:write",
       .execution = Execution::kAsync,
       .reads_body = true,
       .rate_class = "probe",
       .summary = "Try settings once, or changed settings of a monitor; nothing is stored",
       .request = &TestBody(),
       .response = &TestReply(),
       .act_async = TestSettings},
      {.method = "POST",
       .pattern = "/monitors/{tag}/check",
       .operation = "monitor.check",
       .scope = "monitors:write",
       .execution = Execution::kAsync,
       .rate_class = "probe",
       .summary = "Check a monitor now, as its schedule would",
       .response = &CheckReply(),
       .act_async = CheckNow},
      {.method = "POST",
       .pattern = "/monitors/{tag}/clone",
       .operation = "monitor.clone",
       .scope = "monitors:write",
       .success_status = 201,
       .reads_body = true,
       .summary = "Copy a monitor, on the same pages and with the same channels",
       .request = &CloneBody(),
       .response = &MonitorReply(),
       .act = CloneMonitor},
      OneRow("/monitors/{tag}/pause", "monitor.pause", "Stop checking", ApplyToOne<Kind::kPause>),
      OneRow("/monitors/{tag}/resume", "monitor.resume", "Check again", ApplyToOne<Kind::kResume>),
      OneRow("/monitors/{tag}/show", "monitor.show", "Show on pages", ApplyToOne<Kind::kShow>),
      OneRow("/monitors/{tag}/hide", "monitor.hide", "Show on no page", ApplyToOne<Kind::kHide>),
      {.method = "POST",
       .pattern = "/bulk/monitors",
       .operation = "monitor.bulk",
       .scope = "monitors:write",
       .reads_body = true,
       .summary = "One action for many monitors",
       .request = &BulkBody(),
       .response = &BulkReply(),
       .act = ApplyToMany},
  };
}

}  // namespace pharos::api::console
