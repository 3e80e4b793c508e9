#include "api/console/monitor_form.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/console/envelope.h"
#include "base/references.h"
#include "base/text.h"
#include "model/incident_words.h"
#include "probe/catalog.h"

namespace pharos::api::console {
namespace {

using T = FieldType;

constexpr std::string_view kMask = "***";
constexpr double kMaxSeconds = 30.0 * 86400;
constexpr std::array<model::IncidentSeverity, 4> kSeverities = {
    model::IncidentSeverity::kNone, model::IncidentSeverity::kMinor,
    model::IncidentSeverity::kMajor, model::IncidentSeverity::kCritical};

const Shape& UptimeShape() {
  static const Shape shape{"UptimeFormula",
                           {{.name = "numerator", .max = 255}, {.name = "denominator", .max = 255}},
                           false};
  return shape;
}

const Shape& AutoIncidentShape() {
  static const Shape shape{
      "AutoIncident",
      {{.name = "enabled", .type = T::kBool},
       {.name = "failure_threshold", .type = T::kInt, .min = 1, .max = 20},
       {.name = "cooldown_s", .type = T::kInt, .min = 0, .max = kMaxSeconds},
       {.name = "severity", .nullable = true, .choices = {"none", "minor", "major", "critical"}}},
      false};
  return shape;
}

const Shape& FlappingShape() {
  static const Shape shape{"Flapping",
                           {{.name = "enabled", .type = T::kBool},
                            {.name = "low_percent", .type = T::kInt, .min = 0, .max = 99},
                            {.name = "high_percent", .type = T::kInt, .min = 1, .max = 100}},
                           false};
  return shape;
}

// Members that are written and read, but tag and kind.
std::vector<Field> Settable() {
  return {
      {.name = "name", .min = 1, .max = 255},
      {.name = "description"},
      {.name = "image"},
      {.name = "external_url", .max = 2048},
      {.name = "category", .max = 255},
      {.name = "spec", .type = T::kObject, .help = "By the fields of the kind; see /kinds."},
      {.name = "schedule", .type = T::kObject, .shape = &ScheduleShape()},
      {.name = "active", .type = T::kBool, .help = "false: paused"},
      {.name = "hidden", .type = T::kBool, .help = "Watched, but on no page."},
      {.name = "confirmation_threshold", .type = T::kInt, .min = 1, .max = 60},
      {.name = "default_status",
       .nullable = true,
       .choices = {"up", "degraded", "partial_outage", "down", "maintenance", "no_data"}},
      {.name = "uptime", .type = T::kObject, .shape = &UptimeShape()},
      {.name = "service",
       .nullable = true,
       .min = 1,
       .max = 255,
       .help = "Tag of the service whose status follows."},
      {.name = "auto_incident", .type = T::kObject, .shape = &AutoIncidentShape()},
      {.name = "flapping", .type = T::kObject, .shape = &FlappingShape()},
      {.name = "parents",
       .type = T::kList,
       .max = model::kMaxParents,
       .help = "Tags of the ways to it: it is unreachable while all of them are down."},
      {.name = "position", .type = T::kInt, .min = -1'000'000, .max = 1'000'000},
  };
}

const Shape& StateShape() {
  static const Shape shape{
      "MonitorState",
      {{.name = "status", .required = true},
       {.name = "observed", .required = true},
       {.name = "since", .type = T::kTime, .required = true, .nullable = true},
       {.name = "last_result_at", .type = T::kTime, .required = true, .nullable = true},
       {.name = "latency_ms", .type = T::kNumber, .required = true, .nullable = true},
       {.name = "message", .required = true},
       {.name = "failures", .type = T::kInt, .required = true}},
      false};
  return shape;
}

std::string_view ScheduleWord(model::Schedule::Kind kind) {
  switch (kind) {
    case model::Schedule::Kind::kNever:
      return "never";
    case model::Schedule::Kind::kInterval:
      return "interval";
    case model::Schedule::Kind::kCron:
      return "cron";
  }
  return "never";
}

void PrintSchedule(JsonWriter& json, const model::Schedule& schedule) {
  json.BeginObject().Key("kind").String(ScheduleWord(schedule.kind));
  json.Key("interval_s");
  if (schedule.kind == model::Schedule::Kind::kInterval) {
    json.Int(ToMillis(schedule.interval) / 1000);
  } else {
    json.Null();
  }
  PutTextOrNull(json, "cron", schedule.cron);
  PutTextOrNull(json, "time_zone", schedule.time_zone);
  json.EndObject();
}

void PrintAutoIncident(JsonWriter& json, const model::AutoIncident& automatic) {
  json.BeginObject().Key("enabled").Bool(automatic.enabled);
  json.Key("failure_threshold").Int(automatic.failure_threshold);
  json.Key("cooldown_s").Int(ToMillis(automatic.cooldown) / 1000);
  json.Key("severity");
  if (automatic.severity) {
    json.String(model::SeverityName(*automatic.severity));
  } else {
    json.Null();
  }
  json.EndObject();
}

void PrintState(JsonWriter& json, const model::MonitorState& state) {
  json.BeginObject();
  PutText(json, "status", model::StatusName(state.shown));
  PutText(json, "observed", model::StatusName(state.observed));
  PutMillisecondOrNull(json, "since", UnlessNever(state.shown_since));
  PutMillisecondOrNull(json, "last_result_at", UnlessNever(state.last_result_at));
  json.Key("latency_ms");
  if (state.latency_ms > 0) {
    json.Real(state.latency_ms);
  } else {
    json.Null();
  }
  PutText(json, "message", state.message);
  json.Key("failures").Int(state.failures).EndObject();
}

bool IsSensitive(std::string_view header) {
  const std::string name = AsciiLower(header);
  static constexpr std::array<std::string_view, 7> kWords = {
      "auth", "cookie", "token", "secret", "api-key", "apikey", "password"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

// "$TOKEN" and "Bearer ${TOKEN}" say nothing and stay readable; "pa$$word" and "word $TOKEN" do.
// Nor is "$ecret" shown: it may be a password, which nothing replaces.
bool IsReference(std::string_view value) {
  for (const std::string_view scheme : {"Bearer ", "Basic ", "Token "}) {
    if (!EqualsIgnoreCase(value.substr(0, scheme.size()), scheme)) continue;
    value.remove_prefix(scheme.size());
    break;
  }
  if (value.empty()) return false;
  const auto nothing = [](std::string_view name) {
    const bool is_shouted =
        std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return is_shouted ? std::optional<std::string>(std::string()) : std::nullopt;
  };
  return ReplaceReferences(value, nothing).empty();
}

void MaskPairs(Value& pairs) {
  if (!pairs.IsList()) return;
  for (Value& pair : pairs.AsList()) {
    const std::string value = pair.StringOr("value", "");
    if (value.empty() || !IsSensitive(pair.StringOr("name", ""))) continue;
    if (!IsReference(value)) pair.Set("value", kMask);
  }
}

// The one at the same place if it has the name, else the first that has it.
const Value* PairNamed(const Value& pairs, size_t place, std::string_view name) {
  if (!pairs.IsList()) return nullptr;
  const Value::List& list = pairs.AsList();
  if (place < list.size() && EqualsIgnoreCase(list[place].StringOr("name", ""), name)) {
    return list[place].Find("value");
  }
  for (const Value& pair : list) {
    if (EqualsIgnoreCase(pair.StringOr("name", ""), name)) return pair.Find("value");
  }
  return nullptr;
}

Status ReadService(const Call& call, const Value& body, model::Monitor& monitor) {
  if (!IsSent(body, "service")) return Ok();
  if (IsSentNull(body, "service")) {
    monitor.service = model::MonitorId();
    return Ok();
  }
  const auto service = call.services.monitors.FindByTag(*call.who, *TextOf(body, "service"));
  if (service == nullptr) return Error::Field("service", "service is the tag of no monitor");
  monitor.service = service->id;
  return Ok();
}

Status ReadParents(const Call& call, const Value& body, model::Monitor& monitor) {
  const auto tags = TextsOf(body, "parents");
  if (!tags) return Ok();
  std::vector<model::MonitorId> parents;
  for (const std::string& tag : *tags) {
    const auto parent = call.services.monitors.FindByTag(*call.who, tag);
    if (parent == nullptr) {
      return Error::Field("parents", "parents: '" + Ellipsize(tag, 100) + "' is no monitor");
    }
    parents.push_back(parent->id);
  }
  monitor.parents = std::move(parents);
  return Ok();
}

void ReadFlapping(const Value& sent, model::FlapRule& rule) {
  if (const auto enabled = BoolOf(sent, "enabled")) rule.enabled = *enabled;
  if (const auto low = IntOf(sent, "low_percent")) rule.low_percent = static_cast<int>(*low);
  if (const auto high = IntOf(sent, "high_percent")) rule.high_percent = static_cast<int>(*high);
}

void ReadAutoIncident(const Value& sent, model::AutoIncident& automatic) {
  if (const auto enabled = BoolOf(sent, "enabled")) automatic.enabled = *enabled;
  if (const auto n = IntOf(sent, "failure_threshold")) {
    automatic.failure_threshold = static_cast<int>(*n);
  }
  if (const auto s = IntOf(sent, "cooldown_s")) automatic.cooldown = Seconds(*s);
  if (!IsSent(sent, "severity")) return;
  automatic.severity.reset();
  const std::string word = TextOf(sent, "severity").value_or("");
  for (const model::IncidentSeverity severity : kSeverities) {
    if (model::SeverityName(severity) == word) automatic.severity = severity;
  }
}

}  // namespace

const Shape& ScheduleShape() {
  static const Shape shape{
      "Schedule",
      {{.name = "kind", .required = true, .choices = {"never", "interval", "cron"}},
       {.name = "interval_s", .type = T::kInt, .nullable = true, .min = 1, .max = kMaxSeconds},
       {.name = "cron", .nullable = true, .max = 255, .help = "5 or 6 fields."},
       {.name = "time_zone", .nullable = true, .max = 64, .help = "Of cron; default UTC."}},
      false};
  return shape;
}

const Shape& MonitorCreate() {
  static const Shape shape = [] {
    std::vector<Field> rows = Settable();
    rows.front().required = true;
    rows.insert(rows.begin(), Field{.name = "kind", .required = true, .min = 1, .max = 64});
    rows.insert(rows.begin(), Field{.name = "tag",
                                    .min = 1,
                                    .max = 255,
                                    .help = "Unique, cannot change; default made of the name."});
    return Shape{"MonitorCreate", std::move(rows), false};
  }();
  return shape;
}

const Shape& MonitorChange() {
  static const Shape shape{"MonitorChange", Settable(), false};
  return shape;
}

const Shape& MonitorReply() {
  static const Shape shape = [] {
    std::vector<Field> rows = Settable();
    for (Field& row : rows) {
      row.min = row.max = std::nullopt;
      row.required = true;
    }
    rows.insert(rows.begin(), Field{.name = "kind", .required = true});
    rows.insert(rows.begin(), Field{.name = "tag", .required = true});
    rows.insert(rows.begin(), Field{.name = "uid", .required = true});
    rows.insert(rows.begin(), Field{.name = "id", .type = T::kInt, .required = true});
    rows.push_back({.name = "created_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "updated_at", .type = T::kTime, .required = true});
    rows.push_back({.name = "revision", .type = T::kInt, .required = true});
    rows.push_back({.name = "state", .type = T::kObject, .required = true, .shape = &StateShape()});
    return Shape{"Monitor", std::move(rows), false};
  }();
  return shape;
}

Value MaskSpec(const probe::Catalog& probes, std::string_view kind, const Value& spec) {
  Value shown = spec;
  const probe::Probe* probe = probes.Find(kind);
  if (probe == nullptr || !shown.IsObject()) return shown;
  for (const model::FieldSpec& field : probe->descriptor().fields) {
    Value* member = shown.Find(field.name);
    if (member == nullptr) continue;
    if (field.secret && member->IsString() && !member->AsString().empty() &&
        !IsReference(member->AsString())) {
      *member = Value(kMask);
    }
    if (field.type == model::FieldType::kPairList) MaskPairs(*member);
  }
  return shown;
}

Value UnmaskSpec(const Value& sent, const Value& stored) {
  Value spec = sent;
  if (!spec.IsObject() || !stored.IsObject()) return spec;
  for (auto& [name, member] : spec.AsObject()) {
    const Value* before = stored.Find(name);
    if (before == nullptr) continue;
    if (member.IsString() && member.AsString() == kMask) member = *before;
    if (!member.IsList()) continue;
    for (size_t i = 0; i < member.AsList().size(); ++i) {
      Value& pair = member.AsList()[i];
      if (!pair.IsObject() || pair.StringOr("value", "") != kMask) continue;
      const Value* kept = PairNamed(*before, i, pair.StringOr("name", ""));
      if (kept != nullptr) pair.Set("value", *kept);
    }
  }
  return spec;
}

void PrintMonitor(JsonWriter& json, const Call& call, const model::Monitor& m) {
  const auto& monitors = call.services.monitors;
  json.BeginObject().Key("id").Int(m.id.value());
  PutText(json, "uid", m.uid);
  PutText(json, "tag", m.tag);
  PutText(json, "kind", m.kind);
  PutText(json, "name", m.name);
  PutText(json, "description", m.description);
  PutText(json, "image", m.image);
  PutText(json, "external_url", m.external_url);
  PutText(json, "category", m.category);
  json.Key("spec").Tree(MaskSpec(monitors.probes(), m.kind, m.spec));
  json.Key("schedule");
  PrintSchedule(json, m.schedule);
  json.Key("active").Bool(m.active).Key("hidden").Bool(m.hidden);
  json.Key("confirmation_threshold").Int(m.confirmation_threshold);
  PutTextOrNull(json, "default_status",
                m.default_status ? model::StatusName(*m.default_status) : std::string_view());
  json.Key("uptime").BeginObject();
  PutText(json, "numerator", m.uptime.numerator);
  PutText(json, "denominator", m.uptime.denominator);
  json.EndObject();
  const auto service =
      m.service.IsSet() ? monitors.FindById(*call.who, m.service) : service::MonitorPtr();
  PutTextOrNull(json, "service", service != nullptr ? service->tag : std::string());
  json.Key("auto_incident");
  PrintAutoIncident(json, m.auto_incident);
  json.Key("flapping").BeginObject().Key("enabled").Bool(m.flapping.enabled);
  json.Key("low_percent").Int(m.flapping.low_percent);
  json.Key("high_percent").Int(m.flapping.high_percent).EndObject();
  json.Key("parents").BeginList();
  for (const model::MonitorId id : m.parents) {
    const auto parent = monitors.FindById(*call.who, id);
    if (parent != nullptr) json.String(parent->tag);
  }
  json.EndList().Key("position").Int(m.position);
  PutMillisecond(json, "created_at", m.created_at);
  PutMillisecond(json, "updated_at", m.updated_at);
  json.Key("revision").Int(m.revision).Key("state");
  PrintState(json, monitors.StateOf(m).value_or(model::MonitorState{}));
  json.EndObject();
}

std::string OneMonitor(const Call& call, const model::Monitor& monitor) {
  std::string out;
  JsonWriter json(out);
  PrintMonitor(json, call, monitor);
  return out;
}

Status ReadSchedule(const Value& sent, model::Schedule& schedule) {
  const std::string kind = TextOf(sent, "kind").value_or("");
  model::Schedule read;
  if (kind == "interval") {
    const auto seconds = IntOf(sent, "interval_s");
    if (!seconds) {
      return Error::Field("schedule.interval_s", "schedule.interval_s is required");
    }
    read.kind = model::Schedule::Kind::kInterval;
    read.interval = Seconds(*seconds);
  } else if (kind == "cron") {
    read.kind = model::Schedule::Kind::kCron;
    read.cron = TextOf(sent, "cron").value_or("");
    read.time_zone = TextOf(sent, "time_zone").value_or("");
  }
  schedule = std::move(read);
  return Ok();
}

Status ReadMonitor(const Call& call, const Value& body, model::Monitor& monitor) {
  const auto text = [&](std::string_view name, std::string& member) {
    if (auto sent = TextOf(body, name)) member = *std::move(sent);
  };
  text("name", monitor.name);
  text("description", monitor.description);
  text("image", monitor.image);
  text("external_url", monitor.external_url);
  text("category", monitor.category);
  if (const Value* spec = body.Find("spec")) monitor.spec = UnmaskSpec(*spec, monitor.spec);
  if (const Value* schedule = body.Find("schedule")) {
    PHAROS_RETURN_IF_ERROR(ReadSchedule(*schedule, monitor.schedule));
  }
  if (const auto active = BoolOf(body, "active")) monitor.active = *active;
  if (const auto hidden = BoolOf(body, "hidden")) monitor.hidden = *hidden;
  if (const auto n = IntOf(body, "confirmation_threshold")) {
    monitor.confirmation_threshold = static_cast<int>(*n);
  }
  if (IsSent(body, "default_status")) {
    monitor.default_status = model::ParseStatus(TextOf(body, "default_status").value_or(""));
  }
  if (const Value* uptime = body.Find("uptime")) {
    if (auto part = TextOf(*uptime, "numerator")) monitor.uptime.numerator = *part;
    if (auto part = TextOf(*uptime, "denominator")) monitor.uptime.denominator = *part;
  }
  PHAROS_RETURN_IF_ERROR(ReadService(call, body, monitor));
  PHAROS_RETURN_IF_ERROR(ReadParents(call, body, monitor));
  if (const Value* sent = body.Find("flapping")) ReadFlapping(*sent, monitor.flapping);
  if (const Value* sent = body.Find("auto_incident")) {
    ReadAutoIncident(*sent, monitor.auto_incident);
  }
  if (const auto position = IntOf(body, "position")) monitor.position = static_cast<int>(*position);
  return Ok();
}

}  // namespace pharos::api::console
