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

struct DaySpan {
  CivilDate date;
  Timestamp from{};
  Timestamp to{};
};

// The last `days` local days up to and including today.
std::vector<DaySpan> DaySpans(std::string_view zone, Timestamp now, int days) {
  std::vector<DaySpan> spans;
  spans.reserve(static_cast<size_t>(days));
  CivilDate date = AddDays(LocalDate(zone, now), 1 - days);
  Timestamp from = StartOfLocalDay(zone, date);
  for (int i = 0; i < days; ++i) {
    const CivilDate next = AddDays(date, 1);
    const Timestamp to = StartOfLocalDay(zone, next);
    spans.push_back({date, from, to});
    date = next;
    from = to;
  }
  return spans;
}

// Roll-ups are ascending, and so are the days: one walk serves all.
std::vector<DayBar> ToDayBars(const std::vector<model::Rollup>& rollups,
                              const std::vector<DaySpan>& spans, model::Rollup& total) {
  std::vector<DayBar> bars;
  bars.reserve(spans.size());
  auto it = rollups.begin();
  for (const DaySpan& span : spans) {
    DayBar bar;
    bar.date = span.date;
    model::LatencyStats latency;
    while (it != rollups.end() && it->start < span.from) ++it;
    for (; it != rollups.end() && it->start < span.to; ++it) {
      bar.counts.Merge(it->counts);
      latency.Merge(it->latency);
    }
    bar.latency_avg_ms = latency.Average();
    bar.status = rules::StatusOfCounts(bar.counts);
    total.counts.Merge(bar.counts);
    total.latency.Merge(latency);
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

Result<model::Rollup> OverviewService::Window(const model::Monitor& monitor, Timestamp from,
                                              Timestamp to) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  const model::MonitorId id = monitor.id;
  PHAROS_ASSIGN_OR_RETURN(
      auto rollups, context_.store.history().ReadRollups(*session, {&id, 1},
                                                         FloorTo(from, model::kRollupStep), to));
  if (rollups.empty()) return model::Rollup{};
  return rules::SumRollups(rollups.front().rollups, FloorTo(from, model::kRollupStep), to);
}

Result<Overview> OverviewService::Build(model::OrgId org, int days, std::string_view zone) const {
  days = std::clamp(days, 1, kMaxDays);
  Overview overview;
  overview.at = context_.clock.Now();
  const std::vector<DaySpan> spans = DaySpans(zone, overview.at, days);

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
  PHAROS_ASSIGN_OR_RETURN(auto rollups, context_.store.history().ReadRollups(
                                            *session, ids, spans.front().from, spans.back().to));
  std::vector<model::Status> statuses;
  for (size_t i = 0; i < overview.monitors.size(); ++i) {
    MonitorOverview& entry = overview.monitors[i];
    model::Rollup total;
    entry.days = ToDayBars(rollups[i].rollups, spans, total);
    entry.uptime_text = UptimeText(*entry.monitor, total.counts);
    entry.latency_avg_ms = total.latency.Average();
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
