#include "page/render_incident.h"

#include <algorithm>

#include "base/time.h"
#include "page/status_words.h"

namespace pharos::page {
namespace {

using model::Status;
using service::IncidentOverview;

constexpr size_t kMaxNames = 20;

Status WorstImpact(const model::Incident& incident) {
  Status worst = Status::kNoData;
  for (const model::IncidentImpact& impact : incident.impacts) {
    if (model::Severity(impact.impact) > model::Severity(worst)) worst = impact.impact;
  }
  if (model::Severity(worst) > model::Severity(Status::kUp)) return worst;
  // No impact on what is shown: how bad it is says the severity alone.
  switch (incident.severity) {
    case model::IncidentSeverity::kNone:
    case model::IncidentSeverity::kMinor:
      return Status::kDegraded;
    case model::IncidentSeverity::kMajor:
      return Status::kPartialOutage;
    case model::IncidentSeverity::kCritical:
      return Status::kDown;
  }
  return Status::kDegraded;
}

void WriteTimeline(HtmlWriter& html, const IncidentOverview& incident, size_t max_updates) {
  const size_t shown = std::min(incident.updates.size(), max_updates);
  if (shown == 0) return;
  html.Raw("<ol class=\"tl\">\n");
  for (size_t i = 0; i < shown; ++i) {
    const model::IncidentUpdate& update = incident.updates[i];
    html.Raw("<li><b>").Text(IncidentWord(update.state)).Raw("</b> ");
    WriteTime(html, update.at);
    WriteProse(html, update.text);
    html.Raw("</li>\n");
  }
  if (shown < incident.updates.size()) {
    html.Raw("<li><p>").Number(static_cast<int64_t>(incident.updates.size() - shown));
    html.Raw(" older updates are not shown.</p></li>\n");
  }
  html.Raw("</ol>\n");
}

void WriteParagraph(HtmlWriter& html, std::string_view text) {
  text = Trim(text);
  if (text.empty()) return;
  html.Raw("<p>");
  bool first = true;
  for (const std::string_view line : Split(text, '\n')) {
    if (!first) html.Raw("<br>");
    html.Text(Trim(line));
    first = false;
  }
  html.Raw("</p>");
}

}  // namespace

void WriteNames(HtmlWriter& html, const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMaxNames);
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) html.Raw(", ");
    html.Text(names[i]);
  }
  if (shown < names.size()) {
    html.Raw(" and ").Number(static_cast<int64_t>(names.size() - shown)).Raw(" more");
  }
}

void WriteTime(HtmlWriter& html, Timestamp at) {
  std::string text = FormatSqlSeconds(at);
  text.resize(16);  // without seconds
  html.Raw("<time").Attr("datetime", FormatIsoSeconds(at)).Raw(">").Text(text).Raw(" UTC</time>");
}

void WriteStatusIcon(HtmlWriter& html, Status status) {
  html.Raw("<svg class=\"i\" width=\"18\" height=\"18\" aria-hidden=\"true\"><use");
  html.Attr("href", "#" + std::string(StatusClass(status))).Raw("/></svg>");
}

void WriteProse(HtmlWriter& html, std::string_view text) {
  size_t begin = 0;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (Trim(text.substr(at, end - at)).empty()) {
      WriteParagraph(html, text.substr(begin, at - begin));
      begin = std::min(end + 1, text.size());
    }
    at = end + 1;
  }
  WriteParagraph(html, text.substr(begin));
}

std::string DurationText(Duration duration) {
  const int64_t minutes = std::max<int64_t>(1, duration / Minutes(1));
  const auto two = [](int64_t big, const char* big_unit, int64_t small, const char* small_unit) {
    std::string text = std::to_string(big) + big_unit;
    if (small > 0) text += " " + std::to_string(small) + small_unit;
    return text;
  };
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (minutes < 1440) return two(minutes / 60, " h", minutes % 60, " min");
  return two(minutes / 1440, " d", minutes % 1440 / 60, " h");
}

void WriteOngoingIncident(HtmlWriter& html, const IncidentOverview& incident, size_t max_updates) {
  const Status impact = WorstImpact(incident.incident);
  html.Raw("<article").Attr("class", "inc live " + std::string(StatusClass(impact)));
  html.Attr("id", "i" + std::to_string(incident.incident.id.value())).Raw(">\n<h3>");
  const bool resolved = incident.incident.state == model::IncidentState::kResolved;
  WriteStatusIcon(html, resolved ? Status::kUp : impact);
  html.Raw("<a").Attr("href", "/incidents/" + std::to_string(incident.incident.id.value()));
  html.Raw(">").Text(incident.incident.title).Raw("</a></h3>\n<p class=\"note\">");
  html.Text(IncidentWord(incident.incident.state)).Raw(", since ");
  WriteTime(html, incident.incident.started_at);
  if (resolved && incident.incident.ended_at) {
    html.Raw(" until ");
    WriteTime(html, *incident.incident.ended_at);
  }
  if (!incident.monitor_names.empty()) {
    html.Raw(". Affects ");
    WriteNames(html, incident.monitor_names);
    html.Raw(".");
  }
  html.Raw("</p>\n");
  WriteTimeline(html, incident, max_updates);
  html.Raw("</article>\n");
}

void WritePastIncident(HtmlWriter& html, const IncidentOverview& incident, size_t max_updates) {
  const model::Incident& past = incident.incident;
  html.Raw("<details class=\"inc up\"").Attr("id", "i" + std::to_string(past.id.value()));
  html.Raw("><summary><div><h3>").Text(past.title).Raw("</h3><p class=\"note\">");
  WriteTime(html, past.started_at);
  if (past.ended_at && *past.ended_at > past.started_at) {
    html.Raw(", resolved after ").Text(DurationText(*past.ended_at - past.started_at));
  }
  html.Raw("</p></div></summary>\n<div>");
  if (!incident.monitor_names.empty()) {
    html.Raw("<p class=\"note\">Affected ");
    WriteNames(html, incident.monitor_names);
    html.Raw(".</p>\n");
  }
  WriteTimeline(html, incident, max_updates);
  html.Raw("<p class=\"note\"><a").Attr("href", "/incidents/" + std::to_string(past.id.value()));
  html.Raw(">Link to this incident</a></p></div></details>\n");
}

}  // namespace pharos::page
