#include "service/metrics.h"

#include <cmath>
#include <utility>

#include "service/alerts.h"
#include "service/automatic.h"
#include "service/records.h"

namespace pharos::service {
namespace {

constexpr std::string_view kMetrics = "service_metrics";
// Limits beyond which a figure is nonsense rather than a measurement.
constexpr double kMaxFigure = 1e15;

const AlertSource& Source() {
  static const AlertSource source{"metrics", "metrics", "", {}};
  return source;
}

// What is stored of a service: one record, its key the service's uid.
struct Kept {
  MetricsSettings settings;
  model::Status last = model::Status::kUp;  // of the newest report that was applied
  std::string incident;                     // uid of the one that reports opened last
  std::vector<MetricsPoint> points;         // newest first
};

Kept FromData(const Value& data) {
  Kept kept;
  if (const Value* thresholds = data.Find("thresholds")) kept.settings.thresholds = *thresholds;
  kept.settings.opens_incidents = data.BoolOr("opens_incidents", false);
  kept.last = model::ParseStatus(data.StringOr("last", "up")).value_or(model::Status::kUp);
  kept.incident = data.StringOr("incident", "");
  const Value* points = data.Find("points");
  if (points == nullptr || !points->IsList()) return kept;
  for (const Value& stored : points->AsList()) {
    MetricsPoint point;
    point.at = FromUnixMicros(stored.IntOr("at", 0));
    if (const Value* metrics = stored.Find("metrics")) point.metrics = *metrics;
    point.status = model::ParseStatus(stored.StringOr("status", "up")).value_or(model::Status::kUp);
    kept.points.push_back(std::move(point));
  }
  return kept;
}

Value DataOf(const Kept& kept) {
  Value data;
  data.Set("thresholds", kept.settings.thresholds);
  data.Set("opens_incidents", kept.settings.opens_incidents);
  data.Set("last", model::StatusName(kept.last));
  data.Set("incident", kept.incident);
  Value::List points;
  for (const MetricsPoint& point : kept.points) {
    Value stored;
    stored.Set("at", ToUnixMicros(point.at));
    stored.Set("metrics", point.metrics);
    stored.Set("status", model::StatusName(point.status));
    points.push_back(std::move(stored));
  }
  data.Set("points", std::move(points));
  return data;
}

Result<Kept> Load(store::Store& store, store::Session& session, const model::Monitor& service) {
  PHAROS_ASSIGN_OR_RETURN(const auto record,
                          store.records().FindByKey(session, service.org, kMetrics, service.uid));
  return record ? FromData(record->data) : Kept();
}

Status Save(store::Store& store, store::Transaction& tx, const model::Monitor& service,
            const Kept& kept, Timestamp now) {
  PHAROS_ASSIGN_OR_RETURN(auto record,
                          store.records().FindByKey(tx, service.org, kMetrics, service.uid));
  if (record) {
    record->data = DataOf(kept);
    record->updated_at = now;
    return store.records().Update(tx, *record);
  }
  model::Record fresh = NewRecord(service.org, kMetrics, DataOf(kept), now);
  fresh.key = service.uid;
  fresh.parent = service.uid;
  PHAROS_RETURN_IF_ERROR(store.records().Insert(tx, std::move(fresh)));
  return Ok();
}

// Numbers of the table; a rate that is missing follows from the counts.
Value Accept(const Value& metrics) {
  Value accepted;
  for (const rules::MetricRow& row : rules::MetricRows()) {
    const Value* value = metrics.Find(row.name);
    if (value != nullptr && value->IsNumber() && std::isfinite(value->AsDouble()) &&
        std::abs(value->AsDouble()) <= kMaxFigure) {
      accepted.Set(row.name, *value);
    }
  }
  const double requests = accepted.DoubleOr("request_count", 0);
  if (accepted.Find("error_rate") == nullptr && requests > 0 &&
      accepted.Find("error_count") != nullptr) {
    accepted.Set("error_rate", accepted.DoubleOr("error_count", 0) * 100 / requests);
  }
  return accepted;
}

AlertSeverity SeverityOf(model::Status status) {
  return status == model::Status::kDown ? AlertSeverity::kCritical : AlertSeverity::kWarning;
}

bool OpensIncident(model::Status status) {
  return status == model::Status::kPartialOutage || status == model::Status::kDown;
}

}  // namespace

Result<MetricsOutcome> MetricsService::Ingest(const model::Principal& who,
                                              const model::Monitor& service, const Value& metrics,
                                              std::optional<Timestamp> at) {
  MetricsOutcome outcome;
  outcome.received_at = context_.clock.Now();
  outcome.accepted = Accept(metrics);
  if (outcome.accepted.IsNull()) return Error::Field("metrics", "No usable metrics");
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const Kept kept, Load(context_.store, *session, service));
  session.reset();
  outcome.verdict = rules::JudgeMetrics(outcome.accepted, kept.settings.thresholds);
  const bool applied =
      !context_.overlays.At(service.id, outcome.received_at).maintenance.has_value();
  if (applied && outcome.verdict.status != kept.last) {
    const auto state = monitors_.StateOf(service);
    const model::Status before =
        state && state->shown != model::Status::kNoData ? state->shown : model::Status::kUp;
    std::string reason = rules::VerdictReason(outcome.verdict);
    if (reason.empty()) reason = "Metrics are within their thresholds";
    PHAROS_RETURN_IF_ERROR(monitors_.ReportStatus(who, service, outcome.verdict.status, reason,
                                                  model::ResultSource::kMetrics));
    if (before != outcome.verdict.status) {
      outcome.change = MetricsOutcome::Change{before, outcome.verdict.status, std::move(reason)};
    }
  }
  PHAROS_RETURN_IF_ERROR(Keep(who, service, at.value_or(outcome.received_at), applied, outcome));
  return outcome;
}

Status MetricsService::Keep(const model::Principal& who, const model::Monitor& service,
                            Timestamp at, bool applied, MetricsOutcome& outcome) {
  const Timestamp now = outcome.received_at;
  const model::Status level = outcome.verdict.status;
  PHAROS_ASSIGN_OR_RETURN(const Value settings, organisations_.Settings(who.org));
  model::Principal actor;
  actor.org = who.org;
  actor.name = "metrics";
  bool incidents_changed = false;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(Kept kept, Load(context_.store, tx, service));
    outcome.incident.reset();
    kept.points.insert(kept.points.begin(), {at, outcome.accepted, level});
    if (kept.points.size() > kMaxPoints) kept.points.resize(kMaxPoints);
    if (applied) {
      const std::string reason = service.name + ": " + rules::VerdictReason(outcome.verdict);
      if (level == model::Status::kUp) {
        PHAROS_RETURN_IF_ERROR(
            ResolveAlert(context_.store, tx, who.org, Source().uid, service.uid, now));
        if (!kept.incident.empty()) {
          PHAROS_RETURN_IF_ERROR(
              ResolveAutomaticIncident(context_, tx, actor, kept.incident,
                                       "Metrics are within their thresholds again.", now));
          kept.incident.clear();
          incidents_changed = true;
        }
      } else if (level != kept.last) {
        AlertReport report;
        report.title = reason;
        report.service = service.name;
        report.dedup_key = service.uid;
        report.severity = SeverityOf(level);
        PHAROS_RETURN_IF_ERROR(RaiseAlert(context_.store, tx, who.org, Source(), report, now));
      }
      if (kept.settings.opens_incidents && OpensIncident(level)) {
        PHAROS_ASSIGN_OR_RETURN(const auto open,
                                FindOpenIncident(context_.store, tx, who.org, kept.incident));
        if (!open) {
          AutomaticIncident wanted;
          wanted.title = reason;
          wanted.message = reason + ".";
          wanted.severity = level == model::Status::kDown ? model::IncidentSeverity::kCritical
                                                          : model::IncidentSeverity::kMajor;
          wanted.source = model::IncidentSource::kMetrics;
          wanted.impacts = {{service.id, level}};
          PHAROS_ASSIGN_OR_RETURN(
              outcome.incident,
              InsertIncident(context_.store, tx, actor,
                             DraftAutomaticIncident(settings, std::move(wanted), now), now));
          kept.incident = outcome.incident->uid;
          incidents_changed = true;
        }
      }
      kept.last = level;
    }
    return Save(context_.store, tx, service, kept, now);
  }));
  if (incidents_changed) PHAROS_RETURN_IF_ERROR(AnnounceIncidents(context_, who.org));
  AnnounceEvent(context_, who.org);
  return Ok();
}

Result<MetricsService::View> MetricsService::Get(const model::Principal& who,
                                                 const model::Monitor& service) const {
  (void)who;  // the service was found in the asker's organisation
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(Kept kept, Load(context_.store, *session, service));
  return View{std::move(kept.settings), std::move(kept.points)};
}

Result<MetricsSettings> MetricsService::PutSettings(const model::Principal& who,
                                                    const model::Monitor& service,
                                                    const MetricsSettings& settings) {
  const auto problems = rules::CheckMetricOverrides(settings.thresholds, "thresholds");
  if (!problems.empty()) {
    Error error(ErrorKind::kInvalid, problems.front().message);
    error.fields = problems;
    return error;
  }
  const Timestamp now = context_.clock.Now();
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(Kept kept, Load(context_.store, tx, service));
        Value changes;
        AddChange(changes, "thresholds", kept.settings.thresholds, settings.thresholds);
        AddChange(changes, "opens_incidents", kept.settings.opens_incidents,
                  settings.opens_incidents);
        kept.settings = settings;
        PHAROS_RETURN_IF_ERROR(Save(context_.store, tx, service, kept, now));
        return MakeAudit(who, "service.thresholds_updated", {"service", service.uid}, now,
                         std::move(changes));
      }));
  return settings;
}

}  // namespace pharos::service
