#include "automation/facts.h"

#include <vector>

#include "model/incident_words.h"
#include "service/site.h"
#include "store/history_store.h"
#include "store/monitor_directory.h"
#include "store/site_store.h"

namespace pharos::automation {
namespace {

constexpr Duration kSampleMayBeOlder = Minutes(2);

Result<std::string> SiteText(const service::Context& context, store::Session& session,
                             model::OrgId org, std::string_view key) {
  PHAROS_ASSIGN_OR_RETURN(const auto entry, context.store.site().Find(session, org, key));
  if (!entry || !entry->value.IsString()) return std::string();
  return entry->value.AsString();
}

Value NamedMonitor(const model::Monitor& monitor) {
  Value named;
  named.Set("id", monitor.id.value());
  named.Set("uid", monitor.uid);
  named.Set("tag", monitor.tag);
  named.Set("name", monitor.name);
  named.Set("kind", monitor.kind);
  return named;
}

Value NamedMonitors(const service::Context& context,
                    const std::vector<model::IncidentImpact>& impacts) {
  Value::List list;
  for (const model::IncidentImpact& impact : impacts) {
    const store::MonitorPtr monitor = context.directory.Find(impact.monitor);
    if (monitor == nullptr) continue;
    Value named = NamedMonitor(*monitor);
    named.Set("impact", model::StatusName(impact.impact));
    list.push_back(std::move(named));
  }
  return list;
}

Value TimeOrNull(const std::optional<Timestamp>& time) {
  return time ? Value(FormatIsoMillis(*time)) : Value();
}

Value TextOrNull(std::string_view text) { return text.empty() ? Value() : Value(text); }

}  // namespace

Status AddSite(const service::Context& context, store::Session& session, model::OrgId org,
               Value& message) {
  PHAROS_ASSIGN_OR_RETURN(std::string name, SiteText(context, session, org, "siteName"));
  PHAROS_ASSIGN_OR_RETURN(const std::string stored, SiteText(context, session, org, "siteURL"));
  std::string url = service::PublicUrlFrom(stored);
  message.Set("site_name", std::move(name));
  message.Set("site_url", url);
  message.Set("url", std::move(url));
  return Ok();
}

std::string TargetOf(const model::Monitor& monitor) {
  for (const char* member : {"url", "domain"}) {
    if (std::string text = monitor.spec.StringOr(member, ""); !text.empty()) return text;
  }
  std::string host = monitor.spec.StringOr("host", "");
  const int64_t port = monitor.spec.IntOr("port", 0);
  if (host.empty() || port == 0) return host;
  return host + ":" + std::to_string(port);
}

Value MonitorFacts(const model::Monitor& monitor, const Change& change) {
  Value facts = NamedMonitor(monitor);
  facts.Set("url", TextOrNull(TargetOf(monitor)));
  facts.Set("status", model::StatusName(change.to));
  facts.Set("previous_status", model::StatusName(change.from));
  return facts;
}

Result<Value> CheckFacts(const service::Context& context, store::Session& session,
                         const model::Monitor& monitor, const Change& change) {
  PHAROS_ASSIGN_OR_RETURN(
      const auto samples,
      context.store.history().Read(session, monitor.id, change.at - kSampleMayBeOlder,
                                   change.at + Milliseconds(1), 1, true));
  const bool ended_well = change.to == model::Status::kUp;
  Value facts;
  facts.Set("at", FormatIsoMillis(change.at));
  facts.Set("error", ended_well ? Value() : TextOrNull(change.cause));
  Value status_code;
  Value latency;
  if (!samples.empty()) {
    const model::Sample& sample = samples.front();
    facts.Set("at", FormatIsoMillis(sample.at));
    if (monitor.kind == "http" && sample.code > 0) status_code = sample.code;
    if (sample.latency_ms > 0) latency = sample.latency_ms;
  }
  facts.Set("status_code", std::move(status_code));
  facts.Set("latency_ms", std::move(latency));
  return facts;
}

Value IncidentFacts(const service::Context& context, const model::Incident& incident,
                    std::string_view text) {
  Value facts;
  facts.Set("id", incident.id.value());
  facts.Set("uid", incident.uid);
  facts.Set("title", incident.title);
  facts.Set("status", model::StateName(incident.state));
  facts.Set("severity", model::SeverityName(incident.severity));
  facts.Set("automatic", model::IsAutomatic(incident.source));
  facts.Set("message", TextOrNull(text));
  facts.Set("started_at", FormatIsoMillis(incident.started_at));
  facts.Set("resolved_at", TimeOrNull(incident.ended_at));
  facts.Set("duration_s",
            incident.ended_at
                ? Value((*incident.ended_at - incident.started_at).count() / 1'000'000)
                : Value());
  facts.Set("monitors", NamedMonitors(context, incident.impacts));
  return facts;
}

Value MaintenanceFacts(const service::Context& context, const model::Maintenance& maintenance,
                       const model::Occurrence& occurrence) {
  Value facts;
  facts.Set("id", maintenance.id.value());
  facts.Set("uid", maintenance.uid);
  facts.Set("occurrence_id", occurrence.id.value());
  facts.Set("title", maintenance.title);
  facts.Set("description", TextOrNull(maintenance.description.value_or("")));
  facts.Set("status", model::StateName(occurrence.state));
  facts.Set("starts_at", FormatIsoMillis(occurrence.starts_at));
  facts.Set("ends_at", FormatIsoMillis(occurrence.ends_at));
  facts.Set("monitors", NamedMonitors(context, maintenance.impacts));
  return facts;
}

}  // namespace pharos::automation
