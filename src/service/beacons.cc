#include "service/beacons.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "model/event.h"
#include "service/alerts.h"
#include "service/automatic.h"
#include "service/records.h"
#include "store/monitor_directory.h"

namespace pharos::service {
namespace {

constexpr std::string_view kKeys = "beacon_keys";
constexpr std::string_view kGroups = "beacon_groups";
constexpr std::string_view kAlarms = "beacon_alarms";
constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxMessageBytes = 1'000;
constexpr size_t kMaxServices = 1'000;
constexpr size_t kShownKey = 10;
constexpr Duration kKeepFor = Days(7);

std::string_view CollectionOf(BeaconKind kind) {
  switch (kind) {
    case BeaconKind::kLog:
      return "beacon_logs";
    case BeaconKind::kTrace:
      return "beacon_traces";
    case BeaconKind::kVital:
      return "beacon_vitals";
    case BeaconKind::kPageLoad:
      return "beacon_page_loads";
    case BeaconKind::kSlowRequest:
      return "beacon_slow_requests";
  }
  return "beacon_logs";
}

constexpr std::array<std::pair<std::string_view, BeaconKind>, 5> kKinds = {{
    {"log", BeaconKind::kLog},
    {"trace", BeaconKind::kTrace},
    {"vital", BeaconKind::kVital},
    {"page_load", BeaconKind::kPageLoad},
    {"slow_request", BeaconKind::kSlowRequest},
}};

std::optional<BeaconKind> KindOf(std::string_view type) {
  for (const auto& [name, kind] : kKinds) {
    if (name == type) return kind;
  }
  return std::nullopt;
}

// A text by whose size nobody can fill the disk.
std::string Short(const Value& object, std::string_view name, size_t max) {
  return Ellipsize(object.StringOr(name, ""), max);
}

// The first line of a stack that names a place.
std::string TopFrame(std::string_view stack) {
  for (const std::string_view raw : Split(stack, '\n')) {
    const std::string_view line = pharos::Trim(raw);
    if (line.starts_with("at ") || line.find('@') != std::string_view::npos) {
      return Ellipsize(line, 300);
    }
  }
  return {};
}

struct Parsed {
  bool is_error = false;
  BeaconKind kind = BeaconKind::kLog;
  Timestamp at{};
  std::string service;
  std::string environment;
  double weight = 1;
  const Value* event = nullptr;
};

std::optional<Parsed> Parse(const Value& event) {
  const Value* at = event.Find("timestamp");
  const std::string type = event.StringOr("type", "");
  if (at == nullptr || !at->IsNumber() || at->AsDouble() < 0 || at->AsDouble() > 1e14) return {};
  if (event.StringOr("session_id", "").empty()) return {};
  const Value* data = event.Find("data");
  if (data != nullptr && !data->IsObject() && !data->IsNull()) return {};
  const std::string environment = event.StringOr("environment", "");
  if (!environment.empty() && environment != "production" && environment != "staging" &&
      environment != "development") {
    return {};
  }
  Parsed parsed;
  parsed.is_error = type == "error";
  if (!parsed.is_error) {
    const auto kind = KindOf(type);
    if (!kind) return {};
    parsed.kind = *kind;
  }
  parsed.at = FromUnixMillis(static_cast<int64_t>(at->AsDouble()));
  parsed.service = Short(event, "service", kMaxNameBytes);
  parsed.environment = environment;
  const double rate = event.DoubleOr("sample_rate", 1);
  if (rate > 0 && rate <= 1) parsed.weight = std::min(1 / rate, 10'000.0);
  parsed.event = &event;
  return parsed;
}

// One group's share of a post.
struct Share {
  ErrorGroup group;
  double weight = 0;
};

Share ShareOf(const Parsed& parsed, std::string& signature) {
  static const Value kEmpty{Value::Object()};
  const Value* given = parsed.event->Find("data");
  const Value& data = given != nullptr && given->IsObject() ? *given : kEmpty;
  Share share;
  share.group.service = parsed.service;
  share.group.environment = parsed.environment;
  share.group.type = Short(data, "type", kMaxNameBytes);
  share.group.message = Short(data, "message", kMaxMessageBytes);
  share.group.top_frame = TopFrame(data.StringOr("stack", ""));
  share.group.first_seen = parsed.at;
  share.group.last_seen = parsed.at;
  share.weight = parsed.weight;
  signature = HexLower(Sha256(share.group.service + '\n' + share.group.type + '\n' +
                              BlankNumbers(share.group.message) + '\n' +
                              BlankNumbers(share.group.top_frame)));
  return share;
}

ErrorGroup GroupOf(const model::Record& record) {
  const Value& data = record.data;
  ErrorGroup group;
  group.uid = record.uid;
  group.service = record.parent;
  group.environment = data.StringOr("environment", "");
  group.type = data.StringOr("type", "");
  group.message = data.StringOr("message", "");
  group.top_frame = data.StringOr("top_frame", "");
  group.count = data.DoubleOr("count", 0);
  group.first_seen = TimeMember(data, "first_seen").value_or(record.created_at);
  group.last_seen = TimeMember(data, "last_seen").value_or(record.updated_at);
  return group;
}

Value DataOf(const ErrorGroup& group) {
  Value data;
  data.Set("environment", group.environment);
  data.Set("type", group.type);
  data.Set("message", group.message);
  data.Set("top_frame", group.top_frame);
  data.Set("count", group.count);
  data.Set("first_seen", ToUnixMicros(group.first_seen));
  data.Set("last_seen", ToUnixMicros(group.last_seen));
  return data;
}

Status AddToGroup(store::Store& store, store::Transaction& tx, model::OrgId org,
                  const std::string& signature, const Share& share, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(auto record, store.records().FindByKey(tx, org, kGroups, signature));
  ErrorGroup group = record ? GroupOf(*record) : share.group;
  group.message = share.group.message;
  group.count += share.weight;
  group.first_seen = std::min(group.first_seen, share.group.first_seen);
  group.last_seen = std::max(group.last_seen, share.group.last_seen);
  if (record) {
    record->data = DataOf(group);
    record->updated_at = now;
    return store.records().Update(tx, *record);
  }
  model::Record fresh = NewRecord(org, kGroups, DataOf(group), now);
  fresh.key = signature;
  fresh.parent = share.group.service;
  PHAROS_RETURN_IF_ERROR(store.records().Insert(tx, std::move(fresh)));
  return Ok();
}

int64_t SpansOf(const Value& event) {
  const Value* data = event.Find("data");
  const Value* spans = data == nullptr ? nullptr : data->Find("spans");
  return spans != nullptr && spans->IsList() ? static_cast<int64_t>(spans->AsList().size()) : 0;
}

BeaconKey KeyOf(const model::Record& record) {
  return {record.uid, record.data.StringOr("name", ""), record.data.StringOr("prefix", ""),
          record.created_at, TimeMember(record.data, "revoked_at")};
}

// What one post becomes, sorted before the transaction.
struct Sorted {
  BeaconCounts counts;
  std::map<std::string, Share> groups;         // by signature
  std::map<std::string, double> error_counts;  // by service
  std::vector<std::pair<BeaconKind, model::Record>> items;
};

Sorted Sort(model::OrgId org, const Value::List& events, const Value& user, Timestamp now) {
  Sorted sorted;
  for (const Value& event : events) {
    const auto parsed = Parse(event);
    if (!parsed) continue;
    ++sorted.counts.received;
    if (parsed->is_error) {
      std::string signature;
      Share share = ShareOf(*parsed, signature);
      sorted.error_counts[parsed->service] += parsed->weight;
      const auto [it, fresh] = sorted.groups.try_emplace(signature, share);
      if (!fresh) {
        it->second.weight += share.weight;
        it->second.group.message = share.group.message;
        it->second.group.first_seen = std::min(it->second.group.first_seen, parsed->at);
        it->second.group.last_seen = std::max(it->second.group.last_seen, parsed->at);
      }
      continue;
    }
    Value data;
    data.Set("at", ToUnixMicros(parsed->at));
    data.Set("event", event);
    if (user.IsObject()) data.Set("user", user);
    model::Record record = NewRecord(org, CollectionOf(parsed->kind), std::move(data), now);
    record.parent = parsed->service;
    sorted.items.emplace_back(parsed->kind, std::move(record));
    if (parsed->kind == BeaconKind::kLog) ++sorted.counts.logs_stored;
    if (parsed->kind == BeaconKind::kTrace) {
      ++sorted.counts.traces_stored;
      sorted.counts.spans_stored += SpansOf(event);
    }
  }
  sorted.counts.signatures_updated = static_cast<int64_t>(sorted.groups.size());
  return sorted;
}

}  // namespace

struct BeaconService::Alarm {
  std::string service;
  int level = 1;  // 1 major, 2 critical
  double count = 0;
  int64_t window_s = 0;
  int64_t threshold = 0;
};

std::string BlankNumbers(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    bool digit = false;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                                 (text[end] == '-' && end > i))) {
      digit |= std::isdigit(static_cast<unsigned char>(text[end])) != 0;
      ++end;
    }
    if (end == i) {
      out += text[i++];
      continue;
    }
    if (digit) {
      out += '#';
    } else {
      out += text.substr(i, end - i);
    }
    i = end;
  }
  return out;
}

Result<BeaconService::CreatedKey> BeaconService::CreateKey(const model::Principal& who,
                                                           std::string_view name) {
  if (pharos::Trim(name).empty()) return Error::Field("name", "Required");
  if (name.size() > kMaxNameBytes) {
    return Error::Field("name", "String must contain at most 100 character(s)");
  }
  const Timestamp now = context_.clock.Now();
  CreatedKey made{{}, Secret(RandomKeyText("bpk_"))};
  const std::string& text = made.text.Reveal();
  Value data;
  data.Set("name", pharos::Trim(name));
  data.Set("prefix", text.substr(0, kShownKey) + "..");
  model::Record record = NewRecord(who.org, kKeys, std::move(data), now);
  record.key = HashKeyText(text);
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(const int64_t count,
                                context_.store.records().Count(tx, who.org, kKeys));
        if (count >= kMaxKeys) return Error::Field("name", "Too many beacon keys");
        PHAROS_RETURN_IF_ERROR(context_.store.records().Insert(tx, record));
        return MakeAudit(who, "beacon_key.created", {"beacon_key", record.uid}, now);
      }));
  made.key = KeyOf(record);
  return made;
}

Result<std::vector<BeaconKey>> BeaconService::Keys(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(*session, who.org, kKeys));
  std::vector<BeaconKey> keys;
  for (const model::Record& record : records) keys.push_back(KeyOf(record));
  return keys;
}

Result<BeaconKey> BeaconService::RevokeKey(const model::Principal& who, std::string_view uid) {
  const Timestamp now = context_.clock.Now();
  BeaconKey key;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(
            model::Record record,
            RequireRecord(context_.store, tx, who.org, kKeys, uid, "Beacon key not found"));
        if (!TimeMember(record.data, "revoked_at")) {
          record.data.Set("revoked_at", ToUnixMicros(now));
          record.updated_at = now;
          PHAROS_RETURN_IF_ERROR(context_.store.records().Update(tx, record));
        }
        key = KeyOf(record);
        return MakeAudit(who, "beacon_key.revoked", {"beacon_key", record.uid}, now);
      }));
  return key;
}

Result<std::optional<model::OrgId>> BeaconService::FindKey(std::string_view text) const {
  if (!text.starts_with("bpk_") || text.size() > 256) return std::optional<model::OrgId>();
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record, context_.store.records().FindByKeyAnywhere(
                                                 *session, kKeys, HashKeyText(text)));
  if (!record || TimeMember(record->data, "revoked_at")) return std::optional<model::OrgId>();
  return std::optional(record->org);
}

Result<BeaconCounts> BeaconService::Ingest(model::OrgId org, const Value& events,
                                           const Value& user) {
  if (!events.IsList()) return Error::Field("events", "Required");
  if (events.AsList().size() > kMaxEvents) {
    return Error::Field("events", "Array must contain at most 100 element(s)");
  }
  const Timestamp now = context_.clock.Now();
  Sorted sorted = Sort(org, events.AsList(), user, now);
  if (sorted.counts.received == 0) return Error::Field("events", "No valid events");
  std::vector<Alarm> alarms;
  Value settings;
  if (!sorted.error_counts.empty()) {
    PHAROS_ASSIGN_OR_RETURN(settings, organisations_.Settings(org));
  }
  for (const auto& [service, weight] : sorted.error_counts) {
    if (auto alarm = Count(org, service, weight, settings)) alarms.push_back(std::move(*alarm));
  }
  bool incidents_changed = false;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    for (const auto& [signature, share] : sorted.groups) {
      PHAROS_RETURN_IF_ERROR(AddToGroup(context_.store, tx, org, signature, share, now));
    }
    for (const auto& item : sorted.items) {
      PHAROS_RETURN_IF_ERROR(context_.store.records().Insert(tx, item.second));
    }
    for (const Alarm& alarm : alarms) {
      PHAROS_RETURN_IF_ERROR(Fire(tx, org, alarm, settings, incidents_changed));
    }
    return Ok();
  }));
  if (incidents_changed) PHAROS_RETURN_IF_ERROR(AnnounceIncidents(context_, org));
  if (!alarms.empty()) AnnounceEvent(context_, org);
  return sorted.counts;
}

std::optional<BeaconService::Alarm> BeaconService::Count(model::OrgId org,
                                                         const std::string& service, double weight,
                                                         const Value& settings) {
  Alarm alarm;
  alarm.service = service;
  alarm.window_s = std::max<int64_t>(settings.IntOr("beacon_window_s", 300), 1);
  const int64_t major = settings.IntOr("beacon_error_threshold", 10);
  const int64_t critical = settings.IntOr("beacon_critical_threshold", 50);
  const int64_t second = ToUnixSeconds(context_.clock.Now());
  using Windows = std::map<std::pair<model::OrgId, std::string>, Window>;
  return windows_.Write([&](Windows& windows) -> std::optional<Alarm> {
    const std::pair key(org, service);
    if (windows.size() >= kMaxServices && !windows.contains(key)) windows.erase(windows.begin());
    Window& window = windows[key];
    auto& counts = window.by_second;
    counts.erase(counts.begin(), counts.upper_bound(second - alarm.window_s));
    counts[second] += weight;
    for (const auto& [at, count] : counts) alarm.count += count;
    const auto reached = [&](int64_t threshold) {
      return threshold > 0 && alarm.count >= static_cast<double>(threshold);
    };
    const int level = reached(critical) ? 2 : reached(major) ? 1 : 0;
    const bool rises = level > window.fired;
    window.fired = level;
    if (!rises) return std::nullopt;
    alarm.level = level;
    alarm.threshold = level == 2 ? critical : major;
    return alarm;
  });
}

std::string BeaconService::TitleOf(const Alarm& alarm) {
  const std::string subject = alarm.service.empty() ? std::string("Application") : alarm.service;
  return subject + ": error threshold exceeded";
}

Status BeaconService::Fire(store::Transaction& tx, model::OrgId org, const Alarm& alarm,
                           const Value& settings, bool& incidents_changed) {
  const Timestamp now = context_.clock.Now();
  const bool critical = alarm.level == 2;
  Value data;
  data.Set("service", alarm.service);
  data.Set("count", alarm.count);
  data.Set("window_s", alarm.window_s);
  data.Set("threshold", alarm.threshold);
  data.Set("severity", critical ? "critical" : "major");
  PHAROS_RETURN_IF_ERROR(
      AppendEvent(context_.store, tx, org, model::kErrorThresholdExceeded, std::move(data), now));
  AlertReport report;
  report.title = TitleOf(alarm);
  report.service = alarm.service;
  report.dedup_key = alarm.service;
  report.severity = critical ? AlertSeverity::kCritical : AlertSeverity::kHigh;
  PHAROS_RETURN_IF_ERROR(
      RaiseAlert(context_.store, tx, org, {"beacon", "beacon", "", {}}, report, now));
  return OpenIncident(tx, org, alarm, settings, incidents_changed);
}

Status BeaconService::OpenIncident(store::Transaction& tx, model::OrgId org, const Alarm& alarm,
                                   const Value& settings, bool& incidents_changed) {
  const Timestamp now = context_.clock.Now();
  const bool critical = alarm.level == 2;
  std::vector<model::IncidentImpact> impacts;
  for (const store::MonitorPtr& monitor : context_.directory.List(org)) {
    if (monitor->kind != "manual" || monitor->name != alarm.service) continue;
    // Planned work explains errors (kodo.md 7.1, step 1).
    if (context_.overlays.At(monitor->id, now).maintenance) return Ok();
    impacts.push_back({monitor->id, critical ? model::Status::kDown : model::Status::kDegraded});
    break;
  }
  auto& records = context_.store.records();
  const std::string key = "service:" + alarm.service;
  PHAROS_ASSIGN_OR_RETURN(auto record, records.FindByKey(tx, org, kAlarms, key));
  PHAROS_ASSIGN_OR_RETURN(const auto open,
                          FindOpenIncident(context_.store, tx, org,
                                           record ? record->data.StringOr("incident", "") : ""));
  model::Principal actor;
  actor.org = org;
  actor.name = "beacon";
  incidents_changed = true;
  if (open) {
    const auto worsen = [&](IncidentService::Edit& edit) -> Status {
      edit.incident.severity = model::IncidentSeverity::kCritical;
      return Ok();
    };
    if (!critical || open->severity == model::IncidentSeverity::kCritical) return Ok();
    PHAROS_RETURN_IF_ERROR(ChangeIncident(context_.store, tx, actor, open->id, worsen, now));
    return Ok();
  }
  AutomaticIncident wanted;
  wanted.title = TitleOf(alarm);
  wanted.message = std::to_string(static_cast<int64_t>(alarm.count)) + " errors within " +
                   std::to_string(alarm.window_s) + " seconds.";
  wanted.severity = critical ? model::IncidentSeverity::kCritical : model::IncidentSeverity::kMajor;
  wanted.source = model::IncidentSource::kBeacon;
  wanted.impacts = std::move(impacts);
  PHAROS_ASSIGN_OR_RETURN(
      const model::Incident incident,
      InsertIncident(context_.store, tx, actor,
                     DraftAutomaticIncident(settings, std::move(wanted), now), now));
  Value kept;
  kept.Set("incident", incident.uid);
  if (record) {
    record->data = std::move(kept);
    record->updated_at = now;
    return records.Update(tx, *record);
  }
  model::Record fresh = NewRecord(org, kAlarms, std::move(kept), now);
  fresh.key = key;
  PHAROS_RETURN_IF_ERROR(records.Insert(tx, std::move(fresh)));
  return Ok();
}

Result<std::vector<ErrorGroup>> BeaconService::Groups(const model::Principal& who,
                                                      int limit) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records, context_.store.records().List(
                                                  *session, who.org, kGroups,
                                                  {.newest_first = true, .limit = kMaxGroups}));
  std::vector<ErrorGroup> groups;
  for (const model::Record& record : records) groups.push_back(GroupOf(record));
  std::stable_sort(groups.begin(), groups.end(), [](const ErrorGroup& a, const ErrorGroup& b) {
    return a.last_seen > b.last_seen;
  });
  if (groups.size() > static_cast<size_t>(limit)) groups.resize(static_cast<size_t>(limit));
  return groups;
}

Result<std::vector<BeaconItem>> BeaconService::Items(const model::Principal& who, BeaconKind kind,
                                                     int limit) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(*session, who.org, CollectionOf(kind),
                                                        {.newest_first = true, .limit = limit}));
  std::vector<BeaconItem> items;
  for (const model::Record& record : records) {
    const Value* event = record.data.Find("event");
    items.push_back({record.uid, record.parent,
                     TimeMember(record.data, "at").value_or(record.created_at),
                     event == nullptr ? Value() : *event});
  }
  return items;
}

Status BeaconService::Trim() {
  const Timestamp before = context_.clock.Now() - kKeepFor;
  return context_.store.Write([&](store::Transaction& tx) -> Status {
    auto& records = context_.store.records();
    for (const auto& [name, kind] : kKinds) {
      PHAROS_RETURN_IF_ERROR(records.Trim(tx, CollectionOf(kind), before, kMaxItems));
    }
    PHAROS_RETURN_IF_ERROR(records.Trim(tx, kGroups, Timestamp(), kMaxGroups));
    return records.Trim(tx, kAlarms, Timestamp(), kMaxGroups);
  });
}

}  // namespace pharos::service
