#include "page/day_bars.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "page/status_words.h"

namespace pharos::page {
namespace {

using model::Status;
using service::DayBar;

// Units of the drawing (its view box): round line caps need 4 units above and below.
constexpr int kWidth = 900;
constexpr int kTop = 4;
constexpr int kLength = 28;
constexpr int kGap = 9;  // between the ends of two lines, so that their caps stay apart
constexpr int kShortest = 2;
constexpr double kSmallestShare = 0.3;
constexpr int64_t kMinutesPerDay = 1440;
// From this many days on, smaller screens show the newest third or two thirds only.
constexpr size_t kZoomFrom = 60;
// From this many days on, lines are thinner than the style sheet's usual width.
constexpr size_t kThinFrom = 120;

bool IsTrouble(Status status) { return model::Severity(status) > model::Severity(Status::kUp); }

// Tenths of a unit, written as "12.5" or "12".
void AppendTenths(std::string& out, int64_t tenths) {
  out += std::to_string(tenths / 10);
  if (tenths % 10 != 0) {
    out += '.';
    out += static_cast<char>('0' + tenths % 10);
  }
}

struct Strokes {
  std::array<std::string, model::kStatusCount> by_status;

  std::string& Of(Status status) { return by_status[static_cast<size_t>(status)]; }
};

void AddStroke(std::string& path, int64_t x_tenths, int y, int length) {
  path += 'M';
  AppendTenths(path, x_tenths);
  path += ' ';
  path += std::to_string(y);
  path += 'v';
  path += std::to_string(length);
}

Strokes DrawDays(const std::vector<DayBar>& days) {
  Strokes strokes;
  const auto n = static_cast<int64_t>(days.size());
  for (int64_t i = 0; i < n; ++i) {
    const DayBar& day = days[static_cast<size_t>(i)];
    const int64_t x = (2 * i + 1) * kWidth * 5 / n;
    if (day.status == Status::kNoData) {
      // Shorter, so that it differs in shape and not only in colour.
      AddStroke(strokes.Of(Status::kNoData), x, kTop + kLength - 4, 4);
      continue;
    }
    // Trouble is a pill of its own below the rest of the bar: seen without telling red from green.
    const int trouble = static_cast<int>(std::lround(TroubleShare(day) * kLength));
    const int rest = trouble == 0 ? kLength : kLength - trouble - kGap;
    if (rest < kShortest) {
      AddStroke(strokes.Of(day.status), x, kTop, kLength);
      continue;
    }
    AddStroke(strokes.Of(Status::kUp), x, kTop, rest);
    if (trouble > 0) AddStroke(strokes.Of(day.status), x, kTop + kLength - trouble, trouble);
  }
  return strokes;
}

// One day as page.js reads it: average latency, then the troubles with their minutes.
void AppendDayData(std::string& out, const DayBar& day, int64_t day_minutes) {
  if (day.status == Status::kNoData) return;
  out += std::to_string(std::llround(std::clamp(day.latency_avg_ms, 0.0, 1e9)));
  for (const Status status :
       {Status::kDown, Status::kPartialOutage, Status::kDegraded, Status::kMaintenance}) {
    if (day.counts.Of(status) == 0) continue;
    out += ',';
    out += StatusCode(status);
    out += std::to_string(MinutesOf(day.counts, status, day_minutes));
  }
}

}  // namespace

double TroubleShare(const DayBar& day) {
  if (!IsTrouble(day.status)) return 0;
  const double known = day.counts.Total() - day.counts.Of(Status::kNoData);
  if (known <= 0) return 1;
  const double share = day.counts.Of(day.status) / known;
  return std::clamp(std::sqrt(share), kSmallestShare, 1.0);
}

int64_t MinutesOf(const model::StatusCounts& counts, Status status, int64_t day_minutes) {
  const double known = counts.Total() - counts.Of(Status::kNoData);
  if (known <= 0 || counts.Of(status) == 0) return 0;
  const double minutes = counts.Of(status) / known * static_cast<double>(day_minutes);
  return std::max<int64_t>(1, std::llround(minutes));
}

std::string BarsLabel(const service::MonitorOverview& monitor) {
  const std::vector<DayBar> days = monitor.days.Unpack();
  const size_t n = days.size();
  std::string label = "Last " + std::to_string(n) + (n == 1 ? " day: " : " days: ");
  const auto has_data = [](const DayBar& day) { return day.status != Status::kNoData; };
  if (std::none_of(days.begin(), days.end(), has_data)) return label + "no data.";
  label += monitor.uptime_text + "% uptime, ";
  size_t troubled = 0;
  const DayBar* latest = nullptr;
  for (const DayBar& day : days) {
    if (!IsTrouble(day.status)) continue;
    ++troubled;
    latest = &day;
  }
  if (latest == nullptr) return label + "no trouble.";
  label += "trouble on " + std::to_string(troubled) + (troubled == 1 ? " day" : " days");
  label += troubled == 1 ? " (" : " (latest ";
  label += FormatDate(latest->date) + ": " + std::string(StatusWord(latest->status)) + ").";
  return label;
}

void WriteDayBars(HtmlWriter& html, const service::MonitorOverview& monitor,
                  int64_t elapsed_minutes) {
  const std::vector<DayBar> days = monitor.days.Unpack();
  if (days.empty()) return;
  const bool zoom = days.size() >= kZoomFrom;
  html.Raw("<div").Attr("class", !zoom                     ? "bars flat"
                                 : days.size() > kThinFrom ? "bars zoom thin"
                                                           : "bars zoom");
  html.Raw(">");
  html.Raw("<svg viewBox=\"0 0 900 36\" role=\"img\"");
  html.Attr("id", "b" + std::to_string(monitor.monitor->id.value()));
  if (!zoom) html.Raw(" preserveAspectRatio=\"none\"");
  html.Attr("aria-label", BarsLabel(monitor));
  html.Attr("data-to", FormatDate(days.back().date));
  std::string data;
  for (size_t i = 0; i < days.size(); ++i) {
    if (i > 0) data += ';';
    AppendDayData(data, days[i], i + 1 == days.size() ? elapsed_minutes : kMinutesPerDay);
  }
  html.Attr("data-days", data).Raw(">");
  Strokes strokes = DrawDays(days);
  for (const Status status : model::kAllStatuses) {
    if (strokes.Of(status).empty()) continue;
    html.Raw("<path").Attr("class", StatusClass(status)).Attr("d", strokes.Of(status));
    html.Raw("/>");
  }
  html.Raw("</svg></div>\n");
}

}  // namespace pharos::page
