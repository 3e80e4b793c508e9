#include "page/render_maintenance.h"

#include <string>

#include "page/render_incident.h"
#include "page/status_words.h"

namespace pharos::page {
namespace {

std::string_view StateText(model::OccurrenceState state) {
  switch (state) {
    case model::OccurrenceState::kScheduled:
    case model::OccurrenceState::kReady:
      return "Planned";
    case model::OccurrenceState::kOngoing:
      return "In progress";
    case model::OccurrenceState::kCompleted:
      return "Completed";
    case model::OccurrenceState::kCancelled:
      return "Cancelled";
  }
  return "Planned";
}

void WriteOne(HtmlWriter& html, const service::MaintenanceOverview& entry) {
  const model::Occurrence& occurrence = entry.occurrence;
  const std::string id = std::to_string(occurrence.id.value());
  html.Raw("<article class=\"inc mnt\"").Attr("id", "m" + id).Raw(">\n<h3>");
  WriteStatusIcon(html, model::Status::kMaintenance);
  html.Raw("<a").Attr("href", "/maintenances/" + id).Raw(">");
  html.Text(entry.maintenance.title).Raw("</a></h3>\n<p class=\"note\">");
  html.Text(StateText(occurrence.state)).Raw(", ");
  WriteTime(html, occurrence.starts_at);
  html.Raw(" to ");
  WriteTime(html, occurrence.ends_at);
  html.Raw(" (").Text(DurationText(occurrence.ends_at - occurrence.starts_at)).Raw(")");
  if (!entry.monitor_names.empty()) {
    html.Raw(". Affects ");
    WriteNames(html, entry.monitor_names);
  }
  html.Raw(".</p>\n");
  if (entry.maintenance.description) WriteProse(html, *entry.maintenance.description);
  html.Raw("</article>\n");
}

}  // namespace

void WriteMaintenances(HtmlWriter& html, std::string_view heading,
                       const std::vector<service::MaintenanceOverview>& list) {
  if (list.empty()) return;
  html.Raw("<section class=\"sec\"><h2>").Text(heading).Raw("</h2>\n");
  for (const service::MaintenanceOverview& entry : list) WriteOne(html, entry);
  html.Raw("</section>\n");
}

}  // namespace pharos::page
