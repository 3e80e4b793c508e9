#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"
#include "model/incident.h"
#include "model/rollup.h"
#include "service/context.h"
#include "service/monitors.h"

namespace pharos::service {

// One day of one monitor.
struct DayBar {
  CivilDate date;
  model::StatusCounts counts;
  double latency_avg_ms = 0;
  model::Status status = model::Status::kNoData;  // worst of the day
};

struct MonitorOverview {
  MonitorPtr monitor;
  model::MonitorState state;
  std::vector<DayBar> days;   // oldest first
  std::string uptime_text;    // "99.98", "-" without data
  double latency_avg_ms = 0;  // over the window
};

struct IncidentOverview {
  model::Incident incident;
  std::vector<model::IncidentUpdate> updates;  // newest first
  std::vector<std::string> monitor_names;
};

// Everything that a public page of an organisation shows, at one moment. Active, visible monitors.
struct Overview {
  Timestamp at{};
  std::string banner_text;
  model::Status banner_status = model::Status::kNoData;
  std::vector<MonitorOverview> monitors;  // in page order: by id
  std::vector<IncidentOverview> ongoing;
  std::vector<IncidentOverview> past;  // ended within the last 14 days, newest first
};

// Builds views for pages, badges and feeds. Blocks on the store; called by the page worker only.
class OverviewService {
 public:
  explicit OverviewService(const Context& context) : context_(context) {}
  // `days` up to 400, in the time zone `zone` (IANA name), true local days (architecture D10).
  Result<Overview> Build(model::OrgId org, int days, std::string_view zone) const;
  // "99.9306" by the monitor's formula; "-" without data.
  static std::string UptimeText(const model::Monitor& monitor, const model::StatusCounts& counts);
  // Human form of a latency: "123ms", "1.23s".
  static std::string LatencyText(double ms);

 private:
  Context context_;
};

}  // namespace pharos::service
