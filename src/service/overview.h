#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "model/page.h"
#include "model/rollup.h"
#include "service/context.h"
#include "service/day_bars.h"
#include "service/monitors.h"

namespace pharos::service {

struct MonitorOverview {
  MonitorPtr monitor;
  model::MonitorState state;
  DayBars days;               // oldest first
  std::string uptime_text;    // of all the days: "99.98", "-" without data
  double latency_avg_ms = 0;  // over the window
};

struct IncidentOverview {
  model::Incident incident;
  std::vector<model::IncidentUpdate> updates;  // newest first
  std::vector<std::string> monitor_names;
};

// One occurrence of planned work.
struct MaintenanceOverview {
  model::Maintenance maintenance;
  model::Occurrence occurrence;
  std::vector<std::string> monitor_names;  // of those that are not hidden
};

// Everything that a public page of an organisation shows, at one moment. Active, visible monitors;
// incidents that are neither drafts nor put away.
struct Overview {
  Timestamp at{};
  std::string banner_text;
  model::Status banner_status = model::Status::kNoData;
  std::vector<MonitorOverview> monitors;  // in page order: by id
  std::vector<IncidentOverview> ongoing;
  std::vector<IncidentOverview> past;         // ended within kPastDays, newest first
  std::vector<MaintenanceOverview> running;   // occurrences that go on now, oldest first
  std::vector<MaintenanceOverview> upcoming;  // within kFutureDays, soonest first
  std::vector<MaintenanceOverview> finished;  // within kPastDays, newest first
  // How far back `past` and `finished` reach on this page; nullopt when they are not shown at all.
  std::optional<int> past_days;

  static constexpr int kPastDays = 90;
  static constexpr int kFutureDays = 90;
};

// What one page shows of everything: its monitors in its order, what concerns them and what
// concerns all, cut to the page's settings (kener-v4.md 12.2). Pure.
Overview ForPage(const Overview& all, const model::Page& page);

// All incidents and maintenances of `all` that concern a page, however few its lists show; without
// its monitors and banner. Pure.
Overview EventsOfPage(const Overview& all, const model::Page& page);

// Builds views for pages, badges and feeds. Blocks on the store; called by the page worker only.
class OverviewService {
 public:
  explicit OverviewService(const Context& context) : context_(context) {}
  // `days` up to 400, in the time zone `zone` (IANA name), true local days (architecture D10).
  Result<Overview> Build(model::OrgId org, int days, std::string_view zone) const;
  // All pages of an organisation, home first; `days` where a page does not say how many. What each
  // shows says ForPage: not done here, since all at once would take the memory of all at once.
  struct Site {
    Overview all;
    std::vector<model::Page> pages;
  };
  Result<Site> BuildSite(model::OrgId org, int days, std::string_view zone) const;
  // "99.9306" by the monitor's formula; "-" without data.
  static std::string UptimeText(const model::Monitor& monitor, const model::StatusCounts& counts);
  // Human form of a latency: "123ms", "1.23s".
  static std::string LatencyText(double ms);

 private:
  Status AddIncidents(store::Session& session, model::OrgId org, Overview& overview) const;
  Status AddMaintenances(store::Session& session, model::OrgId org, Overview& overview) const;
  std::vector<std::string> NamesOf(const std::vector<model::IncidentImpact>& impacts) const;

  Context context_;
};

}  // namespace pharos::service
