#include "api/kodo/heartbeats.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/monitor_parts.h"
#include "api/kodo/shapes_core.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "model/check_result.h"
#include "service/heartbeats.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kWhat = "Monitor";
constexpr int64_t kUsualInterval = 300;
constexpr int64_t kUsualDeadline = 600;
constexpr double kUsualMultiplier = 2;
// Silence is looked at this often (kodo.md 11.3).
constexpr int64_t kLookEvery = 10;
constexpr std::string_view kWriteScope = "heartbeat:write";

// Monitors of other dialects may have no interval of their own.
int64_t IntervalOf(const model::Monitor& monitor) {
  const int64_t interval = monitor.spec.IntOr("interval_s", 0);
  if (interval > 0) return interval;
  const int64_t degraded = monitor.spec.IntOr("degraded_after_s", kUsualInterval);
  return degraded > 0 ? degraded : kUsualInterval;
}

int64_t DeadlineOf(const model::Monitor& monitor) {
  return monitor.spec.IntOr("down_after_s", kUsualDeadline);
}

double MultiplierOf(const model::Monitor& monitor) {
  const Value note = NoteOf(monitor, "grace_multiplier");
  if (note.IsNumber()) return note.AsDouble();
  return static_cast<double>(DeadlineOf(monitor)) / static_cast<double>(IntervalOf(monitor));
}

std::optional<int64_t> GraceSecondsOf(const model::Monitor& monitor) {
  const Value note = NoteOf(monitor, "grace_seconds");
  return note.IsInt() ? std::optional(note.AsInt()) : std::nullopt;
}

void SetLimits(model::Monitor& monitor) {
  const int64_t interval = IntervalOf(monitor);
  const auto grace = GraceSecondsOf(monitor);
  const double product = static_cast<double>(interval) * MultiplierOf(monitor);
  const int64_t deadline = grace ? interval + *grace : static_cast<int64_t>(std::llround(product));
  monitor.spec.Set("interval_s", interval);
  monitor.spec.Set("degraded_after_s", 0);
  monitor.spec.Set("down_after_s", std::max(deadline, interval));
}

struct Contact {
  std::optional<Timestamp> last;
  std::optional<Timestamp> next;
  bool late = false;
};

Contact ContactOf(const Call& call, const model::Monitor& monitor) {
  Contact contact;
  const auto state = call.services.monitors.StateOf(monitor);
  if (!state || state->last_signal_at == Timestamp{}) return contact;
  contact.last = state->last_signal_at;
  contact.next = state->last_signal_at + Seconds(IntervalOf(monitor));
  contact.late = call.clock.Now() > *contact.next;
  return contact;
}

void PutContact(JsonWriter& json, const Contact& contact) {
  PutTimeOrNull(json, "next_expected_at", contact.next);
  json.Key("late").Bool(contact.late);
}

void PrintMonitor(JsonWriter& json, const Call& call, const model::Monitor& monitor) {
  const Contact contact = ContactOf(call, monitor);
  json.BeginObject();
  PutText(json, "id", monitor.uid);
  PutText(json, "name", monitor.name);
  PutText(json, "slug", monitor.tag);
  PutText(json, "status", MonitorWord(call.services.heartbeats.StatusNow(monitor)));
  PutTimeOrNull(json, "last_ping", contact.last);
  json.Key("interval_seconds").Int(IntervalOf(monitor));
  json.Key("grace_multiplier").Real(MultiplierOf(monitor));
  json.Key("grace_seconds");
  if (const auto grace = GraceSecondsOf(monitor)) {
    json.Int(*grace);
  } else {
    json.Null();
  }
  PutContact(json, contact);
  PutServiceId(json, call, monitor.service);
  json.Key("enabled").Bool(monitor.active);
  json.Key("public_ping").Bool(monitor.spec.BoolOr("public_ping", false));
  json.Key("accept_get_ping").Bool(monitor.spec.BoolOr("accept_get_ping", false));
  PutSafeguards(json, monitor);
  PutTime(json, "created_at", monitor.created_at);
  PutTime(json, "updated_at", monitor.updated_at);
  json.EndObject();
}

std::string Print(const Call& call, const model::Monitor& monitor) {
  std::string out;
  JsonWriter json(out);
  PrintMonitor(json, call, monitor);
  return out;
}

Error LacksScope(std::string_view scope) {
  return Error(ErrorKind::kForbidden, "Insufficient scope: " + std::string(scope) + " required");
}

// What the path of a ping names: a heartbeat, or a push monitor of the console, which takes the
// same reports.
service::MonitorPtr FindSignalled(const Call& call) {
  const std::string id = PathId(call);
  service::MonitorPtr found = FindOfKind(call, kHeartbeatKind, id);
  return found != nullptr ? found : FindOfKind(call, "push", id);
}

// A caller without a key was let in by the monitor itself.
bool IsNobody(const Call& call) { return call.who->uid.empty(); }

void RecordPing(Call& call, const model::Monitor& monitor, service::HeartbeatService::Signal signal,
                const Answer& answer) {
  const std::string word(MonitorWord(signal.status));
  call.services.heartbeats.Record(monitor, std::move(signal),
                                  [answer, word](Result<Timestamp> recorded) {
                                    if (!recorded) return answer.Send(std::move(recorded).error());
                                    std::string out;
                                    JsonWriter json(out);
                                    json.BeginObject().Key("success").Bool(true);
                                    PutTime(json, "recorded_at", *recorded);
                                    PutText(json, "monitor_status", word);
                                    json.EndObject();
                                    answer.Send(std::move(out));
                                  });
}

std::string PrintStatus(const Call& call, const model::Monitor& monitor) {
  const Contact contact = ContactOf(call, monitor);
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutText(json, "status", MonitorWord(call.services.heartbeats.StatusNow(monitor)));
  PutTimeOrNull(json, "last_ping", contact.last);
  json.Key("expected_interval_seconds").Int(IntervalOf(monitor));
  json.Key("grace_multiplier").Real(MultiplierOf(monitor));
  PutContact(json, contact);
  json.EndObject();
  return out;
}

// A slug of the client's own must be free; otherwise one is made from the name.
Result<std::string> SlugOfBody(const Call& call, const Value& body, const std::string& name) {
  const auto slug = TextOf(body, "slug");
  if (!slug || slug->empty()) return call.services.monitors.FreeTag(*call.who, name);
  if (!service::IsValidTag(*slug)) {
    return BadField("slug", "Slug must contain only lowercase letters, numbers, and hyphens");
  }
  if (call.services.monitors.FindByTag(*call.who, *slug) != nullptr) {
    return Error(ErrorKind::kConflict, "This slug is already taken");
  }
  return *slug;
}

}  // namespace

Status ApplyHeartbeatBody(const Call& call, const Value& body, model::Monitor& monitor) {
  PHAROS_RETURN_IF_ERROR(ApplyMonitorBasics(call, body, monitor));
  const auto interval = IntOf(body, "interval_seconds");
  if (interval) monitor.spec.Set("interval_s", *interval);
  if (const auto factor = NumberOf(body, "grace_multiplier")) {
    SetNote(monitor, "grace_multiplier", *factor);
  }
  if (Has(body, "grace_seconds")) {
    const auto grace = IntOf(body, "grace_seconds");
    SetNote(monitor, "grace_seconds", grace ? Value(*grace) : Value());
  }
  if (interval || Has(body, "grace_multiplier") || Has(body, "grace_seconds")) SetLimits(monitor);
  for (const std::string_view name : {"public_ping", "accept_get_ping"}) {
    if (const auto flag = BoolOf(body, name)) monitor.spec.Set(name, *flag);
  }
  ApplySafeguards(body, monitor);
  return Ok();
}

bool TakesKeylessPing(const Call& call) {
  const auto monitor = FindSignalled(call);
  return monitor != nullptr && monitor->spec.BoolOr("public_ping", false);
}

bool TakesKeylessGet(const Call& call) {
  const auto monitor = FindSignalled(call);
  return monitor != nullptr && monitor->spec.BoolOr("public_ping", false) &&
         monitor->spec.BoolOr("accept_get_ping", false);
}

void SendHeartbeat(Call& call, Answer answer) {
  const auto body = ParseOptionalBody(call.request);
  if (!body) return answer.Send(body.error());
  if (Status fine = CheckOptional(PingBody(), *body); !fine) return answer.Send(fine.error());
  const auto monitor = FindSignalled(call);
  if (monitor == nullptr) return answer.Send(NotFound(kWhat));
  service::HeartbeatService::Signal signal;
  signal.status = ParseMonitorWord(body->StringOr("status", "up")).value_or(model::Status::kUp);
  signal.latency_ms = NumberOf(*body, "response_time_ms");
  signal.message = Ellipsize(body->StringOr("message", ""), model::kMaxMessageBytes);
  if (const Value* metrics = body->Find("metrics")) signal.metrics = *metrics;
  RecordPing(call, *monitor, std::move(signal), answer);
}

void ReadHeartbeat(Call& call, Answer answer) {
  const bool may_ping = IsNobody(call) || call.who->Has(kWriteScope);
  const auto monitor = FindSignalled(call);
  if (monitor == nullptr) return answer.Send(NotFound(kWhat));
  const bool is_get = call.request.method == "GET";
  const bool wants_ping = QueryText(call.request, "ping") == "1";
  if (is_get && (wants_ping || monitor->spec.BoolOr("accept_get_ping", false)) && may_ping) {
    return RecordPing(call, *monitor, {}, answer);
  }
  if (wants_ping && !may_ping) return answer.Send(LacksScope(kWriteScope));
  answer.Send(PrintStatus(call, *monitor));
}

Result<std::string> ListHeartbeatMonitors(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("heartbeat_monitors").BeginList();
  for (const service::MonitorPtr& monitor : ListOfKind(call, kHeartbeatKind)) {
    PrintMonitor(json, call, *monitor);
  }
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateHeartbeatMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(HeartbeatBody(), call.body));
  model::Monitor draft;
  draft.kind = std::string(kHeartbeatKind);
  draft.schedule.kind = model::Schedule::Kind::kInterval;
  draft.schedule.interval = Seconds(kLookEvery);
  draft.auto_incident.enabled = true;
  draft.auto_incident.failure_threshold = 1;
  draft.spec.Set("interval_s", kUsualInterval);
  SetNote(draft, "grace_multiplier", kUsualMultiplier);
  SetLimits(draft);
  PHAROS_RETURN_IF_ERROR(ApplyHeartbeatBody(call, call.body, draft));
  PHAROS_ASSIGN_OR_RETURN(draft.tag, SlugOfBody(call, call.body, draft.name));
  auto made = call.services.monitors.Create(*call.who, std::move(draft));
  if (!made) return InKodoWords(std::move(made).error(), kWhat);
  return Print(call, **made);
}

Result<std::string> GetHeartbeatMonitor(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kHeartbeatKind, kWhat));
  return Print(call, *monitor);
}

Result<std::string> UpdateHeartbeatMonitor(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(HeartbeatBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const auto monitor, OfPath(call, kHeartbeatKind, kWhat));
  if (const auto slug = TextOf(call.body, "slug"); slug && *slug != monitor->tag) {
    return BadField("slug", "The slug of a monitor cannot be changed");
  }
  const auto change = [&](model::Monitor& stored) {
    return ApplyHeartbeatBody(call, call.body, stored);
  };
  auto changed = call.services.monitors.Update(*call.who, monitor->tag, change);
  if (!changed) return InKodoWords(std::move(changed).error(), kWhat);
  return Print(call, **changed);
}

Result<std::string> DeleteHeartbeatMonitor(Call& call) {
  return DeleteOfKind(call, kHeartbeatKind, kWhat);
}

}  // namespace pharos::api::kodo
