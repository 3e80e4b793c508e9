#include "page/badge_request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "page/badge_svg.h"

namespace pharos::page {
namespace {

using model::Status;
using service::MonitorOverview;
using service::OverviewService;

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kDefaultWindowSeconds = 90 * kSecondsPerDay;
constexpr char kAllMonitors[] = "_";

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string_view StatusMessage(Status status) {
  switch (status) {
    case Status::kUp:
      return "Operational";
    case Status::kDegraded:
      return "Degraded";
    case Status::kPartialOutage:
      return "Partial Outage";
    case Status::kDown:
      return "Down";
    case Status::kMaintenance:
      return "Under Maintenance";
    case Status::kNoData:
      return "No Status Available";
  }
  return "No Status Available";
}

// What the badge is about: one monitor, or all of them.
struct Subject {
  std::string name;
  std::vector<const MonitorOverview*> monitors;
  bool all = false;
};

std::optional<Subject> FindSubject(const Snapshot& snapshot, const std::string& tag) {
  Subject subject;
  if (tag == kAllMonitors) {
    subject.all = true;
    subject.name = snapshot.look.name;
    for (const MonitorOverview& monitor : snapshot.overview.monitors) {
      subject.monitors.push_back(&monitor);
    }
    return subject;
  }
  const auto it = snapshot.by_tag.find(tag);
  if (it == snapshot.by_tag.end()) return std::nullopt;
  const MonitorOverview& monitor = snapshot.overview.monitors[it->second];
  subject.name = monitor.monitor->name;
  subject.monitors.push_back(&monitor);
  return subject;
}

Status StatusOf(const Subject& subject) {
  Status worst = Status::kNoData;
  for (const MonitorOverview* monitor : subject.monitors) {
    if (model::Severity(monitor->state.shown) > model::Severity(worst)) {
      worst = monitor->state.shown;
    }
  }
  return worst;
}

int64_t WindowSeconds(const Parameters& parameters) {
  const std::string* text = http::FindParameter(parameters, "sinceLast");
  if (text == nullptr) return kDefaultWindowSeconds;
  const auto seconds = ParseInt(*text);
  return seconds && *seconds >= 60 ? *seconds : kDefaultWindowSeconds;
}

std::string WindowText(int64_t seconds) {
  if (seconds >= kSecondsPerDay || seconds < 60) {
    return std::to_string(seconds / kSecondsPerDay) + "d";
  }
  if (seconds >= 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 60) + "m";
}

// Calls `visit` for each day of the window of each monitor.
template <class F>
void ForEachDay(const Subject& subject, int64_t window_seconds, F visit) {
  const int64_t wanted = (window_seconds - 1) / kSecondsPerDay + 1;
  for (const MonitorOverview* monitor : subject.monitors) {
    const auto have = static_cast<int64_t>(monitor->days.size());
    for (int64_t i = std::max<int64_t>(0, have - wanted); i < have; ++i) {
      visit(monitor->days[static_cast<size_t>(i)]);
    }
  }
}

std::string UptimeMessage(const Subject& subject, int64_t window_seconds) {
  model::StatusCounts counts;
  ForEachDay(subject, window_seconds,
             [&](const service::DayBar& day) { counts.Merge(day.counts); });
  // Figures over all monitors do not use the formula of any one of them (product.md 1.11).
  model::Monitor everything;
  everything.uptime.numerator = "up + maintenance + degraded";
  everything.uptime.denominator = "up + down + degraded + maintenance";
  const std::string text = OverviewService::UptimeText(
      subject.all ? everything : *subject.monitors.front()->monitor, counts);
  return text.empty() || text == "-" ? "-" : text + "%";
}

std::string LatencyMessage(const Subject& subject, int64_t window_seconds,
                           std::string_view metric) {
  double sum = 0;
  double low = 0;
  double high = 0;
  int64_t days = 0;
  ForEachDay(subject, window_seconds, [&](const service::DayBar& day) {
    if (day.latency_avg_ms <= 0) return;
    low = days == 0 ? day.latency_avg_ms : std::min(low, day.latency_avg_ms);
    high = std::max(high, day.latency_avg_ms);
    sum += day.latency_avg_ms;
    ++days;
  });
  const double average = days == 0 ? 0 : sum / static_cast<double>(days);
  const std::string text = OverviewService::LatencyText(metric == "maximum"   ? high
                                                        : metric == "minimum" ? low
                                                                              : average);
  return text.empty() ? "-" : text;
}

std::string ColorOr(const Parameters& parameters, const char* name, const std::string& fallback) {
  const std::string* text = http::FindParameter(parameters, name);
  return text == nullptr ? fallback : ParseColor(*text).value_or(fallback);
}

http::Response Picture(const http::Request& request, std::string svg) {
  CachedReply::Kind kind;
  kind.content_type = "image/svg+xml";
  kind.headers = FileSecurityHeaders();
  kind.compress = false;  // too small to be worth the work for each request
  return CachedReply::Make(std::move(svg), std::move(kind)).Answer(request);
}

// The label without `label`: the name, and for figures the window that they cover.
std::string LabelOf(const Parameters& parameters, const Subject& subject,
                    std::optional<int64_t> window_seconds) {
  if (const std::string* label = http::FindParameter(parameters, "label")) return *label;
  const std::string* hide = http::FindParameter(parameters, "hideDuration");
  const bool hidden = hide != nullptr && *hide == "true";
  if (!window_seconds || hidden) return subject.name;
  return subject.name + " " + WindowText(*window_seconds);
}

}  // namespace

std::optional<http::Response> AnswerBadge(const http::Request& request, const Snapshot& snapshot) {
  const std::vector<std::string_view> parts = Split(request.path, '/');
  if (parts.size() != 4 || parts[1] != "badge" || parts[2].empty()) return std::nullopt;
  const std::string_view kind = parts[3];
  if (kind != "status" && kind != "uptime" && kind != "latency" && kind != "dot") {
    return std::nullopt;
  }
  const Parameters parameters = http::ParseQuery(request.query);
  Badge badge;
  if (const std::string* style = http::FindParameter(parameters, "style")) {
    badge.style = ParseBadgeStyle(*style);
  }
  const auto subject = FindSubject(snapshot, PercentDecode(parts[2]).value_or(""));
  if (!subject) {
    badge.message = "Not Found";
    badge.color = "#9ca3af";
    return Picture(request, RenderBadge(badge));
  }
  const Status status = StatusOf(*subject);
  const std::string& status_color = snapshot.look.colors[static_cast<size_t>(status)];
  if (kind == "dot") {
    const std::string* animate = http::FindParameter(parameters, "animate");
    return Picture(request, RenderDot(ColorOr(parameters, "fillColor", status_color),
                                      animate != nullptr && *animate == "ping",
                                      subject->name + ": " + std::string(StatusMessage(status))));
  }
  badge.label_color = ColorOr(parameters, "labelColor", badge.label_color);
  if (kind == "status") {
    badge.label = LabelOf(parameters, *subject, std::nullopt);
    badge.message = StatusMessage(status);
    badge.color = ColorOr(parameters, "color", status_color);
    return Picture(request, RenderBadge(badge));
  }
  const int64_t window = WindowSeconds(parameters);
  badge.label = LabelOf(parameters, *subject, window);
  badge.color = ColorOr(parameters, "color", badge.color);
  const std::string* metric = http::FindParameter(parameters, "metric");
  badge.message = kind == "uptime"
                      ? UptimeMessage(*subject, window)
                      : LatencyMessage(*subject, window, metric == nullptr ? "" : *metric);
  return Picture(request, RenderBadge(badge));
}

}  // namespace pharos::page
