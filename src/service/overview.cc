#include "service/overview.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "rules/rollup.h"
#include "rules/uptime.h"
#include "store/history_store.h"
#include "store/incident_store.h"

namespace pharos::service {
namespace {

constexpr int kMaxDays = 400;
constexpr int kPastIncidentDays = 14;
constexpr int kMaxIncidents = 100;

// The dates of the last `days` local days up to and including today, and where they begin and end:
// one bound more than dates.
struct DaySpans {
  std::vector<CivilDate> dates;
  std::vector<Timestamp> bounds;
};

DaySpans LastDays(std::string_view zone, Timestamp now, int days) {
  DaySpans spans;
  CivilDate date = AddDays(LocalDate(zone, now), 1 - days);
  for (int i = 0; i < days; ++i) {
    spans.dates.push_back(date);
    spans.bounds.push_back(StartOfLocalDay(zone, date));
    date = AddDays(date, 1);
  }
  spans.bounds.push_back(StartOfLocalDay(zone, date));
  return spans;
}

std::vector<DayBar> ToDayBars(const store::MonitorCounts& counted,
                              const std::vector<CivilDate>& dates, model::StatusCounts& total) {
  std::vector<DayBar> bars;
  bars.reserve(dates.size());
  for (size_t i = 0; i < dates.size(); ++i) {
    DayBar bar;
    bar.date = dates[i];
    bar.counts = counted.counts[i];
    bar.latency_avg_ms = counted.latencies[i].Average();
    bar.status = rules::StatusOfCounts(bar.counts);
    total.Merge(bar.counts);
    bars.push_back(std::move(bar));
  }
  return bars;
}

}  // namespace

std::string OverviewService::UptimeText(const model::Monitor& monitor,
                                        const model::StatusCounts& counts) {
  return rules::FormatUptime(rules::UptimePercent(monitor.uptime, counts));
}

std::string OverviewService::LatencyText(double ms) { return rules::FormatLatency(ms); }

Result<Overview> OverviewService::Build(model::OrgId org, int days, std::string_view zone) const {
  days = std::clamp(days, 1, kMaxDays);
  Overview overview;
  overview.at = context_.clock.Now();
  const DaySpans spans = LastDays(zone, overview.at, days);

  std::vector<model::MonitorId> ids;
  for (MonitorPtr& monitor : context_.directory.List(org)) {
    if (!monitor->active || monitor->hidden) continue;
    ids.push_back(monitor->id);
    MonitorOverview entry;
    entry.state = context_.intake.states().Find(monitor->id).value_or(model::MonitorState{});
    entry.monitor = std::move(monitor);
    overview.monitors.push_back(std::move(entry));
  }

  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto counted,
                          context_.store.history().ReadCounts(*session, ids, spans.bounds));
  std::vector<model::Status> statuses;
  for (size_t i = 0; i < overview.monitors.size(); ++i) {
    MonitorOverview& entry = overview.monitors[i];
    model::StatusCounts total;
    entry.days = ToDayBars(counted[i], spans.dates, total);
    entry.uptime_text = UptimeText(*entry.monitor, total);
    entry.latency_avg_ms = counted[i].latency.Average();
    statuses.push_back(entry.state.shown);
  }
  const rules::Banner banner = rules::ComputeBanner(statuses);
  overview.banner_status = banner.status;
  overview.banner_text = std::string(rules::BannerText(banner));

  PHAROS_ASSIGN_OR_RETURN(auto incidents,
                          context_.store.incidents().ListSince(
                              *session, org, overview.at - Days(kPastIncidentDays), kMaxIncidents));
  for (model::Incident& incident : incidents) {
    IncidentOverview entry;
    PHAROS_ASSIGN_OR_RETURN(entry.updates,
                            context_.store.incidents().ListUpdates(*session, org, incident.id));
    for (const model::IncidentImpact& impact : incident.impacts) {
      const MonitorPtr monitor = context_.directory.Find(impact.monitor);
      // Hidden monitors are on no page, so their names are not either.
      if (monitor != nullptr && !monitor->hidden) entry.monitor_names.push_back(monitor->name);
    }
    const bool resolved = incident.state == model::IncidentState::kResolved;
    entry.incident = std::move(incident);
    (resolved ? overview.past : overview.ongoing).push_back(std::move(entry));
  }
  return overview;
}

}  // namespace pharos::service
