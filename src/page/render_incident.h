#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "page/html_writer.h"
#include "service/overview.h"

namespace pharos::page {

// `<time>` in UTC; page.js converts it to the reader's zone.
void WriteTime(HtmlWriter& html, Timestamp at);
void WriteStatusIcon(HtmlWriter& html, model::Status status);

// Text written by people: blank lines separate paragraphs, line ends are kept, everything else is
// shown as it stands.
void WriteProse(HtmlWriter& html, std::string_view text);

// "A, B and 3 more".
void WriteNames(HtmlWriter& html, const std::vector<std::string>& names);

// "3 min", "2 h 5 min", "4 d 3 h"; at least one minute.
std::string DurationText(Duration duration);

// An ongoing incident, open, with its timeline (at most `max_updates`, newest first).
void WriteOngoingIncident(HtmlWriter& html, const service::IncidentOverview& incident,
                          size_t max_updates);
// A past one, folded.
void WritePastIncident(HtmlWriter& html, const service::IncidentOverview& incident,
                       size_t max_updates);

}  // namespace pharos::page
