#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "rules/rollup.h"
#include "rules/uptime.h"
#include "service/overview.h"
#include "service/page_settings.h"

namespace pharos::service {
namespace {

// The monitors of a page, with their names.
using Members = std::unordered_map<model::MonitorId, std::string_view>;

// The last `days` of a monitor's bars, and the figures of these.
MonitorOverview LastDaysOf(const MonitorOverview& entry, int days) {
  const auto wanted = static_cast<size_t>(days);
  if (entry.days.size() <= wanted) return entry;
  MonitorOverview cut;
  cut.monitor = entry.monitor;
  cut.state = entry.state;
  cut.days = entry.days.Last(wanted);
  cut.latency_avg_ms = entry.latency_avg_ms;
  model::StatusCounts total;
  cut.days.VisitSampled([&](size_t, const DayBar& day) { total.Merge(day.counts); });
  cut.uptime_text = OverviewService::UptimeText(*cut.monitor, total);
  return cut;
}

std::vector<MonitorOverview> MonitorsOf(const Overview& all, const model::Page& page) {
  const int days = HistoryDaysOf(page);
  std::vector<MonitorOverview> chosen;
  if (page.all_monitors) {
    for (const MonitorOverview& entry : all.monitors) chosen.push_back(LastDaysOf(entry, days));
    return chosen;
  }
  std::unordered_map<model::MonitorId, const MonitorOverview*> by_id;
  for (const MonitorOverview& entry : all.monitors) by_id.emplace(entry.monitor->id, &entry);
  for (const model::MonitorId id : page.monitors) {
    const auto it = by_id.find(id);
    if (it != by_id.end()) chosen.push_back(LastDaysOf(*it->second, days));
  }
  return chosen;
}

Members MembersOf(const std::vector<MonitorOverview>& monitors) {
  Members members;
  for (const MonitorOverview& entry : monitors) {
    members.emplace(entry.monitor->id, entry.monitor->name);
  }
  return members;
}

bool NamesOneOf(const std::vector<model::IncidentImpact>& impacts, const Members& members) {
  return std::any_of(impacts.begin(), impacts.end(), [&](const model::IncidentImpact& impact) {
    return members.contains(impact.monitor);
  });
}

// Names of a page's own monitors only: that of another may be a secret of another page.
std::vector<std::string> NamesAmong(const std::vector<model::IncidentImpact>& impacts,
                                    const Members& members) {
  std::vector<std::string> names;
  for (const model::IncidentImpact& impact : impacts) {
    const auto it = members.find(impact.monitor);
    if (it != members.end()) names.emplace_back(it->second);
  }
  return names;
}

// What names no monitor concerns everybody.
bool Concerns(const model::Incident& incident, const model::Page& page, const Members& members) {
  if (!incident.pages.empty() &&
      std::find(incident.pages.begin(), incident.pages.end(), page.id) == incident.pages.end()) {
    return false;
  }
  return incident.impacts.empty() || NamesOneOf(incident.impacts, members);
}

void AddIncident(const IncidentOverview& entry, const Members& members,
                 std::vector<IncidentOverview>& to) {
  to.push_back(entry);
  to.back().monitor_names = NamesAmong(entry.incident.impacts, members);
}

void AddIncidents(const Overview& all, const model::Page& page, const Members& members,
                  Overview& shown) {
  if (ShowsOngoingIncidents(page)) {
    for (const IncidentOverview& entry : all.ongoing) {
      // Announced for later, and so not ongoing yet.
      if (entry.incident.started_at > all.at) continue;
      if (Concerns(entry.incident, page, members)) AddIncident(entry, members, shown.ongoing);
    }
  }
  const ListRule rule = ResolvedIncidentsOf(page);
  if (!rule.show || rule.max_count == 0 || rule.days == 0) return;
  shown.past_days = rule.days;
  const Timestamp since = all.at - Days(rule.days);
  for (const IncidentOverview& entry : all.past) {
    if (static_cast<int>(shown.past.size()) >= rule.max_count) break;
    const Timestamp ended = entry.incident.ended_at.value_or(entry.incident.updated_at);
    if (ended < since || !Concerns(entry.incident, page, members)) continue;
    AddIncident(entry, members, shown.past);
  }
}

void AddSome(const std::vector<MaintenanceOverview>& from, const Members& members, int max_count,
             Timestamp since, Timestamp until, std::vector<MaintenanceOverview>& to) {
  for (const MaintenanceOverview& entry : from) {
    if (static_cast<int>(to.size()) >= max_count) return;
    const auto& impacts = entry.maintenance.impacts;
    const bool concerns = impacts.empty() || NamesOneOf(impacts, members);
    if (!concerns || entry.occurrence.ends_at < since || entry.occurrence.starts_at > until) {
      continue;
    }
    to.push_back(entry);
    to.back().monitor_names = NamesAmong(impacts, members);
  }
}

void AddMaintenances(const Overview& all, const model::Page& page, const Members& members,
                     Overview& shown) {
  constexpr int kMaxRunning = 1000;
  if (ShowsOngoingMaintenances(page)) {
    AddSome(all.running, members, kMaxRunning, Timestamp{}, Timestamp::max(), shown.running);
  }
  if (const ListRule rule = UpcomingMaintenancesOf(page); rule.show) {
    AddSome(all.upcoming, members, rule.max_count, Timestamp{}, all.at + Days(rule.days),
            shown.upcoming);
  }
  if (const ListRule rule = PastMaintenancesOf(page); rule.show) {
    AddSome(all.finished, members, rule.max_count, all.at - Days(rule.days), Timestamp::max(),
            shown.finished);
  }
}

}  // namespace

Overview ForPage(const Overview& all, const model::Page& page) {
  Overview shown;
  shown.at = all.at;
  shown.monitors = MonitorsOf(all, page);
  const Members members = MembersOf(shown.monitors);
  std::vector<model::Status> statuses;
  for (const MonitorOverview& entry : shown.monitors) statuses.push_back(entry.state.shown);
  const rules::Banner banner = rules::ComputeBanner(statuses);
  shown.banner_status = banner.status;
  shown.banner_text = std::string(rules::BannerText(banner));
  AddIncidents(all, page, members, shown);
  AddMaintenances(all, page, members, shown);
  return shown;
}

Overview EventsOfPage(const Overview& all, const model::Page& page) {
  Members members;
  const Members known = MembersOf(all.monitors);
  if (page.all_monitors) {
    members = known;
  } else {
    for (const model::MonitorId id : page.monitors) {
      if (const auto it = known.find(id); it != known.end()) members.insert(*it);
    }
  }
  Overview events;
  events.at = all.at;
  for (const auto& [from, to] :
       {std::pair(&all.ongoing, &events.ongoing), std::pair(&all.past, &events.past)}) {
    for (const IncidentOverview& entry : *from) {
      if (Concerns(entry.incident, page, members)) AddIncident(entry, members, *to);
    }
  }
  constexpr int kNoLimit = std::numeric_limits<int>::max();
  for (const auto& [from, to] :
       {std::pair(&all.running, &events.running), std::pair(&all.upcoming, &events.upcoming),
        std::pair(&all.finished, &events.finished)}) {
    AddSome(*from, members, kNoLimit, Timestamp{}, Timestamp::max(), *to);
  }
  return events;
}

}  // namespace pharos::service
