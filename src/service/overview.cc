#include "service/overview.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "rules/rollup.h"
#include "rules/uptime.h"
#include "service/page_settings.h"
#include "store/history_store.h"
#include "store/incident_store.h"
#include "store/maintenance_store.h"
#include "store/page_store.h"

namespace pharos::service {
namespace {

constexpr int kMaxDays = 400;
constexpr size_t kCountedAtOnce = 256;
constexpr int kMaxPastIncidents = 300;
constexpr int kMaxLiving = 500;  // occurrences that go on or are to come
constexpr int kMaxFinished = 500;
constexpr int kMaxMaintenances = 100'000;
// What should be over by now is ended within seconds; older leftovers never take place.
constexpr Duration kLivingGrace = Hours(1);

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

DayBars ToDayBars(const store::MonitorCounts& counted, const std::vector<CivilDate>& dates,
                  model::StatusCounts& total) {
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
  return DayBars(bars);
}

Timestamp EndOf(const model::Incident& incident) {
  return incident.ended_at.value_or(incident.updated_at);
}

// Living ones oldest first, then completed ones newest first: neither crowds the other out.
Result<std::vector<model::Occurrence>> OccurrencesAround(store::MaintenanceStore& maintenances,
                                                         store::Session& session, model::OrgId org,
                                                         Timestamp now) {
  using State = model::OccurrenceState;
  store::OccurrenceQuery query;
  query.states = {State::kScheduled, State::kReady, State::kOngoing};
  query.ends_from = now - kLivingGrace;
  query.starts_to = now + Days(Overview::kFutureDays);
  query.limit = kMaxLiving;
  PHAROS_ASSIGN_OR_RETURN(auto found, maintenances.ListOccurrences(session, org, query));
  query.states = {State::kCompleted};
  query.ends_from = now - Days(Overview::kPastDays);
  query.newest_first = true;
  query.limit = kMaxFinished;
  PHAROS_ASSIGN_OR_RETURN(const auto finished, maintenances.ListOccurrences(session, org, query));
  found.insert(found.end(), finished.begin(), finished.end());
  return found;
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
  std::vector<MonitorPtr> monitors = context_.directory.List(org);
  std::stable_sort(monitors.begin(), monitors.end(), [](const MonitorPtr& a, const MonitorPtr& b) {
    return a->position < b->position;
  });
  for (MonitorPtr& monitor : monitors) {
    if (!monitor->active || monitor->hidden) continue;
    ids.push_back(monitor->id);
    MonitorOverview entry;
    entry.state = context_.intake.states().Find(monitor->id).value_or(model::MonitorState{});
    entry.monitor = std::move(monitor);
    overview.monitors.push_back(std::move(entry));
  }

  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  // Some at a time: the counts of all monitors at once would take gigabytes where there are many.
  for (size_t begin = 0; begin < ids.size(); begin += kCountedAtOnce) {
    const std::span some =
        std::span(ids).subspan(begin, std::min(kCountedAtOnce, ids.size() - begin));
    PHAROS_ASSIGN_OR_RETURN(const auto counted,
                            context_.store.history().ReadCounts(*session, some, spans.bounds));
    for (size_t i = 0; i < some.size(); ++i) {
      MonitorOverview& entry = overview.monitors[begin + i];
      model::StatusCounts total;
      entry.days = ToDayBars(counted[i], spans.dates, total);
      entry.uptime_text = UptimeText(*entry.monitor, total);
      entry.latency_avg_ms = counted[i].latency.Average();
    }
  }
  std::vector<model::Status> statuses;
  statuses.reserve(overview.monitors.size());
  for (const MonitorOverview& entry : overview.monitors) statuses.push_back(entry.state.shown);
  const rules::Banner banner = rules::ComputeBanner(statuses);
  overview.banner_status = banner.status;
  overview.banner_text = std::string(rules::BannerText(banner));

  PHAROS_RETURN_IF_ERROR(AddIncidents(*session, org, overview));
  PHAROS_RETURN_IF_ERROR(AddMaintenances(*session, org, overview));
  return overview;
}

std::vector<std::string> OverviewService::NamesOf(
    const std::vector<model::IncidentImpact>& impacts) const {
  std::vector<std::string> names;
  for (const model::IncidentImpact& impact : impacts) {
    const MonitorPtr monitor = context_.directory.Find(impact.monitor);
    // Hidden monitors are on no page, so their names are not either.
    if (monitor != nullptr && !monitor->hidden) names.push_back(monitor->name);
  }
  return names;
}

Status OverviewService::AddIncidents(store::Session& session, model::OrgId org,
                                     Overview& overview) const {
  store::IncidentStore& store = context_.store.incidents();
  PHAROS_ASSIGN_OR_RETURN(
      auto incidents,
      store.ListSince(session, org, overview.at - Days(Overview::kPastDays), kMaxPastIncidents));
  std::vector<model::IncidentId> ids;
  ids.reserve(incidents.size());
  for (const model::Incident& incident : incidents) ids.push_back(incident.id);
  PHAROS_ASSIGN_OR_RETURN(auto updates, store.ListUpdatesOf(session, org, ids));
  for (size_t i = 0; i < incidents.size(); ++i) {
    IncidentOverview entry;
    entry.updates = std::move(updates[i]);
    std::erase_if(entry.updates, [](const model::IncidentUpdate& update) { return update.hidden; });
    entry.monitor_names = NamesOf(incidents[i].impacts);
    const bool resolved = incidents[i].state == model::IncidentState::kResolved;
    entry.incident = std::move(incidents[i]);
    (resolved ? overview.past : overview.ongoing).push_back(std::move(entry));
  }
  std::stable_sort(overview.past.begin(), overview.past.end(),
                   [](const IncidentOverview& a, const IncidentOverview& b) {
                     return EndOf(a.incident) > EndOf(b.incident);
                   });
  return Ok();
}

Status OverviewService::AddMaintenances(store::Session& session, model::OrgId org,
                                        Overview& overview) const {
  store::MaintenanceStore& store = context_.store.maintenances();
  PHAROS_ASSIGN_OR_RETURN(const auto occurrences,
                          OccurrencesAround(store, session, org, overview.at));
  if (occurrences.empty()) return Ok();
  store::MaintenanceQuery all;
  all.limit = kMaxMaintenances;
  PHAROS_ASSIGN_OR_RETURN(const auto maintenances, store.List(session, org, all));
  std::unordered_map<model::MaintenanceId, const model::Maintenance*> by_id;
  for (const model::Maintenance& maintenance : maintenances) {
    by_id.emplace(maintenance.id, &maintenance);
  }
  for (const model::Occurrence& occurrence : occurrences) {
    const auto it = by_id.find(occurrence.maintenance);
    if (it == by_id.end()) continue;
    MaintenanceOverview entry{*it->second, occurrence, NamesOf(it->second->impacts)};
    switch (occurrence.state) {
      case model::OccurrenceState::kOngoing:
        overview.running.push_back(std::move(entry));
        break;
      case model::OccurrenceState::kScheduled:
      case model::OccurrenceState::kReady:
        // Switched off, or passed without having begun: nothing is going to happen.
        if (entry.maintenance.active && occurrence.ends_at > overview.at) {
          overview.upcoming.push_back(std::move(entry));
        }
        break;
      case model::OccurrenceState::kCompleted:
        overview.finished.push_back(std::move(entry));
        break;
      case model::OccurrenceState::kCancelled:
        break;
    }
  }
  return Ok();
}

Result<OverviewService::Site> OverviewService::BuildSite(model::OrgId org, int days,
                                                         std::string_view zone) const {
  Site site;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(site.pages, context_.store.pages().List(*session, org));
  }
  int most = days;
  for (model::Page& page : site.pages) {
    // What a page does not say itself is the installation's to say.
    if (!HasHistoryDays(page)) SetHistoryDays(page, days);
    most = std::max(most, HistoryDaysOf(page));
  }
  PHAROS_ASSIGN_OR_RETURN(site.all, Build(org, most, zone));
  std::stable_partition(site.pages.begin(), site.pages.end(),
                        [](const model::Page& page) { return page.path.empty(); });
  return site;
}

}  // namespace pharos::service
