#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "model/rollup.h"
#include "page/html_writer.h"
#include "service/overview.h"

namespace pharos::page {

// The share of a day's samples that had the day's worst status, and how it is drawn: 0 = the bar is
// all healthy, 1 = all trouble. Small shares are enlarged so that they can be seen.
double TroubleShare(const service::DayBar& day);

// About how many minutes of a day of `day_minutes` a status took, at least 1 when it occurred.
int64_t MinutesOf(const model::StatusCounts& counts, model::Status status, int64_t day_minutes);

// "Last 90 days: 99.98% uptime, trouble on 2 days (latest 2026-10-05: Degraded).": what a reader
// who does not see the drawing gets.
std::string BarsLabel(const service::MonitorOverview& monitor);

// Writes the drawing of all days as one SVG with one path per status: about nine bytes per day.
// `elapsed_minutes` is how much of the newest day is over.
void WriteDayBars(HtmlWriter& html, const service::MonitorOverview& monitor,
                  int64_t elapsed_minutes);

}  // namespace pharos::page
