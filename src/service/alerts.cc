#include "service/alerts.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "model/event.h"
#include "service/records.h"

namespace pharos::service {
namespace {

constexpr std::string_view kAlerts = "alerts";
constexpr std::string_view kSources = "alert_sources";
constexpr std::string_view kNoAlert = "Alert not found";
constexpr size_t kMaxTitleBytes = 500;
constexpr size_t kMaxTextBytes = 8'192;
constexpr size_t kMaxNameBytes = 100;
constexpr size_t kShownKey = 11;

// What makes an open alert of a source findable; resolved ones have no key, so that the next report
// is a new alert.
std::string OpenKey(std::string_view source, std::string_view dedup_key) {
  return dedup_key.empty() ? std::string() : std::string(source) + "/" + std::string(dedup_key);
}

Alert FromRecord(const model::Record& record) {
  const Value& data = record.data;
  Alert alert;
  alert.uid = record.uid;
  alert.source = record.parent;
  alert.source_name = data.StringOr("source_name", "");
  alert.title = data.StringOr("title", "");
  alert.description = data.StringOr("description", "");
  alert.service = data.StringOr("service", "");
  alert.dedup_key = data.StringOr("dedup_key", "");
  alert.severity =
      ParseAlertSeverity(data.StringOr("severity", "")).value_or(AlertSeverity::kWarning);
  alert.state = ParseAlertState(data.StringOr("state", "")).value_or(AlertState::kFired);
  if (const Value* labels = data.Find("labels")) alert.labels = *labels;
  alert.count = data.IntOr("count", 1);
  alert.acknowledged_by = data.StringOr("acknowledged_by", "");
  alert.fired_at = record.created_at;
  alert.updated_at = record.updated_at;
  alert.acknowledged_at = TimeMember(data, "acknowledged_at");
  alert.resolved_at = TimeMember(data, "resolved_at");
  return alert;
}

Value DataOf(const Alert& alert) {
  Value data;
  data.Set("source_name", alert.source_name);
  data.Set("title", alert.title);
  data.Set("description", alert.description);
  data.Set("service", alert.service);
  data.Set("dedup_key", alert.dedup_key);
  data.Set("severity", AlertSeverityName(alert.severity));
  data.Set("state", AlertStateName(alert.state));
  data.Set("labels", alert.labels);
  data.Set("count", alert.count);
  data.Set("acknowledged_by", alert.acknowledged_by);
  data.Set("acknowledged_at", TimeValue(alert.acknowledged_at));
  data.Set("resolved_at", TimeValue(alert.resolved_at));
  return data;
}

Status CheckReport(const AlertReport& report) {
  if (pharos::Trim(report.title).empty()) return Error::Field("title", "Required");
  if (report.title.size() > kMaxTitleBytes) {
    return Error::Field("title", "String must contain at most 500 character(s)");
  }
  if (report.description.size() > kMaxTextBytes) {
    return Error::Field("description", "String must contain at most 8192 character(s)");
  }
  if (report.dedup_key.size() > kMaxTitleBytes) {
    return Error::Field("dedup_key", "String must contain at most 500 character(s)");
  }
  return Ok();
}

Status TellOf(store::Store& store, store::Transaction& tx, model::OrgId org, const char* kind,
              const Alert& alert, Timestamp now) {
  Value data;
  data.Set("alert", alert.uid);
  data.Set("title", alert.title);
  data.Set("severity", AlertSeverityName(alert.severity));
  data.Set("service", alert.service);
  data.Set("source", alert.source_name);
  return AppendEvent(store, tx, org, kind, std::move(data), now);
}

// Writes a changed alert; a resolved one gives its key free.
Status Save(store::Store& store, store::Transaction& tx, model::Record& record, const Alert& alert,
            Timestamp now) {
  record.data = DataOf(alert);
  record.updated_at = now;
  if (alert.state == AlertState::kResolved) record.key.clear();
  return store.records().Update(tx, record);
}

AlertSource SourceOf(const model::Record& record) {
  return {record.uid, record.data.StringOr("name", ""), record.data.StringOr("prefix", ""),
          record.created_at};
}

}  // namespace

std::string_view AlertStateName(AlertState state) {
  switch (state) {
    case AlertState::kFired:
      return "fired";
    case AlertState::kAcknowledged:
      return "acknowledged";
    case AlertState::kResolved:
      return "resolved";
  }
  return "fired";
}

std::string_view AlertSeverityName(AlertSeverity value) {
  switch (value) {
    case AlertSeverity::kInfo:
      return "info";
    case AlertSeverity::kWarning:
      return "warning";
    case AlertSeverity::kHigh:
      return "high";
    case AlertSeverity::kCritical:
      return "critical";
  }
  return "info";
}

std::optional<AlertState> ParseAlertState(std::string_view name) {
  for (const auto s : {AlertState::kFired, AlertState::kAcknowledged, AlertState::kResolved}) {
    if (AlertStateName(s) == name) return s;
  }
  return std::nullopt;
}

std::optional<AlertSeverity> ParseAlertSeverity(std::string_view name) {
  for (const auto s : {AlertSeverity::kInfo, AlertSeverity::kWarning, AlertSeverity::kHigh,
                       AlertSeverity::kCritical}) {
    if (AlertSeverityName(s) == name) return s;
  }
  return std::nullopt;
}

Result<AlertService::Outcome> RaiseAlert(store::Store& store, store::Transaction& tx,
                                         model::OrgId org, const AlertSource& source,
                                         const AlertReport& report, Timestamp now) {
  const std::string key = OpenKey(source.uid, report.dedup_key);
  if (!key.empty()) {
    PHAROS_ASSIGN_OR_RETURN(auto open, store.records().FindByKey(tx, org, kAlerts, key));
    if (open) {
      Alert alert = FromRecord(*open);
      ++alert.count;
      alert.title = report.title;
      alert.severity = report.severity;
      if (!report.description.empty()) alert.description = report.description;
      alert.updated_at = now;
      PHAROS_RETURN_IF_ERROR(Save(store, tx, *open, alert, now));
      return AlertService::Outcome{std::move(alert), false};
    }
  }
  Alert alert;
  alert.source = source.uid;
  alert.source_name = source.name;
  alert.title = report.title;
  alert.description = report.description;
  alert.service = report.service;
  alert.dedup_key = report.dedup_key;
  alert.severity = report.severity;
  alert.labels = report.labels;
  model::Record record = NewRecord(org, kAlerts, DataOf(alert), now);
  record.key = key;
  record.parent = source.uid;
  PHAROS_ASSIGN_OR_RETURN(record, store.records().Insert(tx, std::move(record)));
  alert = FromRecord(record);
  PHAROS_RETURN_IF_ERROR(TellOf(store, tx, org, model::kAlertFired, alert, now));
  return AlertService::Outcome{std::move(alert), true};
}

Result<std::optional<Alert>> ResolveAlert(store::Store& store, store::Transaction& tx,
                                          model::OrgId org, std::string_view source,
                                          std::string_view dedup_key, Timestamp now) {
  const std::string key = OpenKey(source, dedup_key);
  if (key.empty()) return std::optional<Alert>();
  PHAROS_ASSIGN_OR_RETURN(auto open, store.records().FindByKey(tx, org, kAlerts, key));
  if (!open) return std::optional<Alert>();
  Alert alert = FromRecord(*open);
  alert.state = AlertState::kResolved;
  alert.resolved_at = now;
  alert.updated_at = now;
  PHAROS_RETURN_IF_ERROR(Save(store, tx, *open, alert, now));
  PHAROS_RETURN_IF_ERROR(TellOf(store, tx, org, model::kAlertResolved, alert, now));
  return std::optional<Alert>(std::move(alert));
}

Result<AlertService::CreatedSource> AlertService::CreateSource(const model::Principal& who,
                                                               std::string_view name) {
  if (pharos::Trim(name).empty()) return Error::Field("name", "Required");
  if (name.size() > kMaxNameBytes) {
    return Error::Field("name", "String must contain at most 100 character(s)");
  }
  const Timestamp now = context_.clock.Now();
  CreatedSource made{{}, Secret(RandomKeyText("kas_"))};
  const std::string& text = made.key.Reveal();
  Value data;
  data.Set("name", pharos::Trim(name));
  data.Set("prefix", text.substr(0, kShownKey) + "..");
  model::Record record = NewRecord(who.org, kSources, std::move(data), now);
  record.key = HashKeyText(text);
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(const int64_t count,
                                context_.store.records().Count(tx, who.org, kSources));
        if (count >= kMaxSources) return Error::Field("name", "Too many alert sources");
        PHAROS_RETURN_IF_ERROR(context_.store.records().Insert(tx, record));
        return MakeAudit(who, "alert_source.created", {"alert_source", record.uid}, now);
      }));
  made.source = SourceOf(record);
  return made;
}

Result<std::vector<AlertSource>> AlertService::Sources(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(*session, who.org, kSources));
  std::vector<AlertSource> sources;
  for (const model::Record& record : records) sources.push_back(SourceOf(record));
  return sources;
}

Status AlertService::DeleteSource(const model::Principal& who, std::string_view uid) {
  const Timestamp now = context_.clock.Now();
  return WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
    PHAROS_RETURN_IF_ERROR(
        RequireRecord(context_.store, tx, who.org, kSources, uid, "Alert source not found"));
    PHAROS_RETURN_IF_ERROR(context_.store.records().Delete(tx, who.org, kSources, uid));
    return MakeAudit(who, "alert_source.deleted", {"alert_source", std::string(uid)}, now);
  });
}

Result<AlertService::KnownSource> AlertService::FindSource(std::string_view key) const {
  const Error unknown(ErrorKind::kUnauthenticated, "Invalid alert source key");
  if (key.empty() || key.size() > 256) return unknown;
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record, context_.store.records().FindByKeyAnywhere(
                                                 *session, kSources, HashKeyText(key)));
  if (!record) return unknown;
  return KnownSource{record->org, SourceOf(*record)};
}

Result<std::optional<AlertService::Outcome>> AlertService::Report(const KnownSource& source,
                                                                  const AlertReport& report) {
  PHAROS_RETURN_IF_ERROR(CheckReport(report));
  const Timestamp now = context_.clock.Now();
  std::optional<Outcome> outcome;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    outcome.reset();
    if (report.resolved) {
      PHAROS_ASSIGN_OR_RETURN(auto closed, ResolveAlert(context_.store, tx, source.org,
                                                        source.source.uid, report.dedup_key, now));
      if (closed) outcome = Outcome{std::move(*closed), false};
      return Ok();
    }
    PHAROS_ASSIGN_OR_RETURN(outcome,
                            RaiseAlert(context_.store, tx, source.org, source.source, report, now));
    return Ok();
  }));
  AnnounceEvent(context_, source.org);
  return outcome;
}

Result<std::vector<Alert>> AlertService::List(const model::Principal& who,
                                              const AlertQuery& query) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records, context_.store.records().List(
                                                  *session, who.org, kAlerts,
                                                  {.newest_first = true, .limit = kMaxAlerts}));
  std::vector<Alert> alerts;
  int skip = query.offset;
  for (const model::Record& record : records) {
    Alert alert = FromRecord(record);
    if (query.state && alert.state != *query.state) continue;
    if (skip-- > 0) continue;
    if (static_cast<int>(alerts.size()) >= query.limit) break;
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

Result<Alert> AlertService::Get(const model::Principal& who, std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record,
                          RequireRecord(context_.store, *session, who.org, kAlerts, uid, kNoAlert));
  return FromRecord(record);
}

Result<Alert> AlertService::Move(const model::Principal& who, std::string_view uid, AlertState to) {
  const Timestamp now = context_.clock.Now();
  Alert alert;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(model::Record record,
                                RequireRecord(context_.store, tx, who.org, kAlerts, uid, kNoAlert));
        alert = FromRecord(record);
        if (alert.state == AlertState::kResolved) {
          return Error(ErrorKind::kConflict, "Alert is already resolved");
        }
        Value changes;
        AddChange(changes, "state", AlertStateName(alert.state), AlertStateName(to));
        alert.state = to;
        alert.updated_at = now;
        if (to == AlertState::kAcknowledged) {
          if (!alert.acknowledged_at) alert.acknowledged_at = now;
          alert.acknowledged_by = who.name;
        } else {
          alert.resolved_at = now;
          PHAROS_RETURN_IF_ERROR(
              TellOf(context_.store, tx, who.org, model::kAlertResolved, alert, now));
        }
        PHAROS_RETURN_IF_ERROR(Save(context_.store, tx, record, alert, now));
        return MakeAudit(who, to == AlertState::kResolved ? "alert.resolved" : "alert.acknowledged",
                         {"alert", alert.uid}, now, std::move(changes));
      }));
  AnnounceEvent(context_, who.org);
  return alert;
}

Result<Alert> AlertService::Acknowledge(const model::Principal& who, std::string_view uid) {
  return Move(who, uid, AlertState::kAcknowledged);
}

Result<Alert> AlertService::Resolve(const model::Principal& who, std::string_view uid) {
  return Move(who, uid, AlertState::kResolved);
}

Status AlertService::Trim() {
  const Timestamp before = context_.clock.Now() - Days(90);
  return context_.store.Write([&](store::Transaction& tx) {
    return context_.store.records().Trim(tx, kAlerts, before, kMaxAlerts);
  });
}

}  // namespace pharos::service
