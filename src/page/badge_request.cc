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
  Status status = Status::kNoData;
  const MonitorOverview* monitor = nullptr;  // null: all
  const std::vector<DayTotal>* totals = nullptr;
};

std::optional<Subject> FindSubject(const Snapshot& snapshot, const std::string& tag) {
  Subject subject;
  const std::vector<MonitorOverview>& monitors = snapshot.overview.monitors;
  if (tag == kAllMonitors) {
    subject.name = snapshot.look.name;
    subject.totals = &snapshot.totals;
    for (const auto& [unused, index] : snapshot.by_tag) {
      const Status status = monitors[index].state.shown;
      if (model::Severity(status) > model::Severity(subject.status)) subject.status = status;
    }
    return subject;
  }
  const auto it = snapshot.by_tag.find(tag);
  if (it == snapshot.by_tag.end()) return std::nullopt;
  subject.monitor = &monitors[it->second];
  subject.name = subject.monitor->monitor->name;
  subject.status = subject.monitor->state.shown;
  return subject;
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

// The last days of the window together.
DayTotal TotalOf(const Subject& subject, int64_t window_seconds) {
  const size_t have =
      subject.monitor != nullptr ? subject.monitor->days.size() : subject.totals->size();
  const auto wanted = static_cast<uint64_t>((window_seconds - 1) / kSecondsPerDay + 1);
  const size_t first = wanted < have ? have - wanted : 0;
  DayTotal total;
  if (subject.monitor != nullptr) {
    subject.monitor->days.VisitSampled([&](size_t i, const service::DayBar& day) {
      if (i >= first) total.Add(day);
    });
    return total;
  }
  for (size_t i = first; i < have; ++i) total.Merge((*subject.totals)[i]);
  return total;
}

std::string UptimeMessage(const Subject& subject, int64_t window_seconds) {
  // Figures over all monitors do not use the formula of any one of them (product.md 1.11).
  model::Monitor everything;
  everything.uptime.numerator = "up + maintenance + degraded";
  everything.uptime.denominator = "up + down + degraded + maintenance";
  const std::string text = OverviewService::UptimeText(
      subject.monitor == nullptr ? everything : *subject.monitor->monitor,
      TotalOf(subject, window_seconds).counts);
  return text.empty() || text == "-" ? "-" : text + "%";
}

std::string LatencyMessage(const Subject& subject, int64_t window_seconds,
                           std::string_view metric) {
  const DayTotal total = TotalOf(subject, window_seconds);
  const double average =
      total.latencies == 0 ? 0 : total.latency_sum_ms / static_cast<double>(total.latencies);
  const std::string text = OverviewService::LatencyText(metric == "maximum" ? total.latency_high_ms
                                                        : metric == "minimum" ? total.latency_low_ms
                                                                              : average);
  return text.empty() ? "-" : text;
}

std::string ColorOr(const Parameters& parameters, const char* name, const std::string& fallback) {
  const std::string* text = http::FindParameter(parameters, name);
  return text == nullptr ? fallback : ParseColor(*text).value_or(fallback);
}

http::Response Picture(const http::Request& request, std::string svg,
                       std::string cache_control = std::string(kForEverybody)) {
  CachedReply::Kind kind;
  kind.content_type = "image/svg+xml";
  kind.cache_control = std::move(cache_control);
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
  const Status status = subject->status;
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

http::Response AnswerPageBadge(const http::Request& request, const PageSnapshot& page,
                               const SiteLook& look) {
  const Parameters parameters = http::ParseQuery(request.query);
  Badge badge;
  if (const std::string* style = http::FindParameter(parameters, "style")) {
    badge.style = ParseBadgeStyle(*style);
  }
  const std::string* label = http::FindParameter(parameters, "label");
  badge.label = label != nullptr ? *label : page.look.heading;
  badge.message = StatusMessage(page.status);
  badge.color = look.colors[static_cast<size_t>(page.status)];
  return Picture(request, RenderBadge(badge), CacheControlOf(page.page));
}

}  // namespace pharos::page
