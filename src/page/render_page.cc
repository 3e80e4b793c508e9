#include "page/render_page.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/crypto.h"
#include "page/day_bars.h"
#include "page/frame.h"
#include "page/html_writer.h"
#include "page/page_look.h"
#include "page/render_incident.h"
#include "page/render_maintenance.h"
#include "page/status_words.h"

namespace pharos::page {
namespace {

using model::Status;
using service::MonitorOverview;
using service::Overview;

void WriteBanner(HtmlWriter& html, const Overview& overview) {
  html.Raw("<section").Attr("class", "banner " + std::string(StatusClass(overview.banner_status)));
  html.Raw(" aria-label=\"Overall status\"><span class=\"pulse\">");
  WriteStatusIcon(html, overview.banner_status);
  html.Raw("</span><div><h2>").Text(overview.banner_text).Raw("</h2>\n<p>Updated <time ");
  html.Raw("class=\"clock\"").Attr("datetime", FormatIsoSeconds(overview.at)).Raw(">");
  html.Text(FormatSqlSeconds(overview.at)).Raw(" UTC</time></p></div></section>\n");
}

bool IsWebAddress(std::string_view url) {
  const std::string head = AsciiLower(url.substr(0, 8));
  return head.starts_with("https://") || head.starts_with("http://");
}

// "30 days ago", with the variants that page.css shows on smaller screens.
void WriteDaysAgo(HtmlWriter& html, size_t days) {
  const auto label = [](size_t n) {
    return std::to_string(n) + (n == 1 ? " day ago" : " days ago");
  };
  const bool zoom = days >= 60;
  html.Raw("<span class=\"ago\"").Attr("data-l", label(days));
  html.Attr("data-m", label(zoom ? days * 2 / 3 : days));
  html.Attr("data-s", label(zoom ? days / 3 : days)).Raw("></span>");
}

void WriteFigures(HtmlWriter& html, const MonitorOverview& monitor, bool bars) {
  html.Raw("<p class=\"foot\">");
  if (bars && !monitor.days.empty()) {
    WriteDaysAgo(html, monitor.days.size());
    html.Raw("<i></i>");
  }
  html.Raw("<span>");
  if (monitor.uptime_text == "-" || monitor.uptime_text.empty()) {
    html.Raw("no data yet");
  } else {
    html.Raw("<b>").Text(monitor.uptime_text).Raw("%</b> uptime");
  }
  std::string latency = service::OverviewService::LatencyText(monitor.state.latency_ms);
  if (latency == "0ms") latency = "<1ms";  // a neighbour answers that fast; 0 would look broken
  // A heartbeat's "latency" is the age of its last signal, which would read as slowness here.
  const bool answers = monitor.monitor->kind != "heartbeat" &&
                       monitor.state.shown != Status::kDown &&
                       monitor.state.shown != Status::kNoData;
  if (answers && !latency.empty()) {
    html.Raw("</span> <span><b>").Text(latency).Raw("</b><span class=\"vh\"> latency</span>");
  }
  html.Raw("</span>");
  if (bars && !monitor.days.empty()) html.Raw("<i></i><span>Today</span>");
  html.Raw("</p>\n");
}

std::string_view WordOf(const model::MonitorState& state) {
  const bool unreachable = state.unreachable && state.shown == Status::kNoData;
  return unreachable ? "Unreachable" : StatusWord(state.shown);
}

using ByTag = std::unordered_map<std::string_view, const MonitorOverview*>;

// Those that this page knows, so that none is named to visitors who may not see it.
void WriteMembers(HtmlWriter& html, const model::Monitor& group, const ByTag& known) {
  if (group.kind != "group") return;
  const Value* members = group.spec.Find("members");
  if (members == nullptr || !members->IsList()) return;
  std::vector<const MonitorOverview*> shown;
  for (const Value& member : members->AsList()) {
    const auto found = known.find(member.StringOr("tag", ""));
    if (found != known.end()) shown.push_back(found->second);
  }
  if (shown.empty()) return;
  // The id keeps it open when page.js puts a newer page in place.
  html.Raw("<details class=\"parts\"").Attr("id", "g" + std::to_string(group.id.value()));
  html.Raw("><summary>Included Monitors (");
  html.Number(static_cast<int64_t>(shown.size())).Raw(")</summary>\n<ul>");
  for (const MonitorOverview* member : shown) {
    html.Raw("<li").Attr("class", StatusClass(member->state.shown)).Raw(">");
    WriteStatusIcon(html, member->state.shown);
    html.Text(member->monitor->name).Raw(": ").Text(WordOf(member->state));
    html.Raw("</li>");
  }
  html.Raw("</ul></details>\n");
}

ByTag MembersByTag(const Overview& overview) {
  ByTag known;
  const bool any = std::any_of(overview.monitors.begin(), overview.monitors.end(),
                               [](const auto& entry) { return entry.monitor->kind == "group"; });
  if (!any) return known;
  for (const MonitorOverview& entry : overview.monitors) known[entry.monitor->tag] = &entry;
  return known;
}

void WriteMonitor(HtmlWriter& html, const PageRow& row, const ByTag& known,
                  int64_t elapsed_minutes) {
  const MonitorOverview& entry = *row.monitor;
  const model::Monitor& monitor = *entry.monitor;
  const std::string_view status = StatusClass(entry.state.shown);
  html.Raw("<li").Attr("class", "m " + std::string(status)).Raw("><div class=\"row\"><h3>");
  if (IsWebAddress(monitor.external_url)) {
    html.Raw("<a rel=\"noopener nofollow\"").Attr("href", monitor.external_url).Raw(">");
    html.Text(monitor.name).Raw("</a>");
  } else {
    html.Text(monitor.name);
  }
  html.Raw("</h3>\n<span class=\"st\">");
  WriteStatusIcon(html, entry.state.shown);
  html.Text(WordOf(entry.state)).Raw("</span></div>\n");
  if (!monitor.description.empty()) {
    html.Raw("<p class=\"about\">").Text(Ellipsize(monitor.description, 500)).Raw("</p>\n");
  }
  if (row.bars) WriteDayBars(html, entry, elapsed_minutes);
  WriteFigures(html, entry, row.bars);
  WriteMembers(html, monitor, known);
  html.Raw("</li>\n");
}

void WriteLegend(HtmlWriter& html) {
  html.Raw("<ul class=\"legend\" aria-label=\"Meaning of the symbols\">");
  for (const Status status : model::kAllStatuses) {
    html.Raw("<li").Attr("class", StatusClass(status)).Raw(">");
    WriteStatusIcon(html, status);
    html.Text(StatusWord(status)).Raw("</li>");
  }
  html.Raw("</ul>\n");
}

void WriteMonitors(HtmlWriter& html, const PageModel& model) {
  const Overview& overview = *model.overview;
  const CivilDate today = LocalDate(model.time_zone, overview.at);
  const int64_t elapsed =
      std::max<int64_t>(1, (overview.at - StartOfLocalDay(model.time_zone, today)) / Minutes(1));
  const ByTag known = MembersByTag(overview);
  html.Raw("<section class=\"sec\">\n");
  for (const PageGroup& group : model.groups) {
    html.Raw("<h2 class=\"grp\">");
    html.Text(model.groups.size() == 1 ? "Services" : group.name.empty() ? "Other" : group.name);
    html.Raw("</h2>\n");
    html.Raw("<ul class=\"card\">\n");
    for (const PageRow& row : group.rows) WriteMonitor(html, row, known, elapsed);
    html.Raw("</ul>\n");
  }
  if (model.left_out > 0) {
    html.Raw("<p class=\"card calm\">").Number(static_cast<int64_t>(model.left_out));
    html.Raw(" more monitors are not listed here. Those with trouble are listed first.</p>\n");
  }
  WriteLegend(html);
  html.Raw("</section>\n");
}

void WriteAnnouncement(HtmlWriter& html, const Announcement& announcement) {
  if (announcement.text.empty()) return;
  const std::string_view tone = announcement.kind == "critical"  ? "dn"
                                : announcement.kind == "warning" ? "deg"
                                : announcement.kind == "success" ? "up"
                                                                 : "mnt";
  html.Raw("<section").Attr("class", "card say " + std::string(tone));
  html.Raw(" aria-label=\"Announcement\">");
  WriteProse(html, announcement.text);
  html.Raw("</section>\n");
}

void WriteEmpty(HtmlWriter& html, bool home) {
  if (!home) {
    html.Raw("<p class=\"card calm\">There are no monitors on this page yet.</p>\n");
    return;
  }
  html.Raw(
      "<section class=\"card empty non\"><svg class=\"i\" width=\"40\" height=\"40\" "
      "aria-hidden=\"true\"><use href=\"#non\"/></svg>\n<h2>No monitors yet</h2>\n"
      "<p>This page fills itself as soon as there is something to watch. Create a key and, with "
      "it, "
      "the first monitor:</p>\n<pre tabindex=\"0\"><code>"
      "pharos key create --dialect kener_v4 --name first\n\n"
      "curl -X POST https://your-host/api/v4/monitors \\\n"
      "  -H 'Authorization: Bearer YOUR_KEY' \\\n"
      "  -H 'Content-Type: application/json' \\\n"
      "  -d '{\"tag\": \"website\", \"name\": \"Website\", \"monitor_type\": \"API\",\n"
      "       \"cron\": \"* * * * *\", \"type_data\": {\"url\": \"https://example.org\"}}'"
      "</code></pre></section>\n");
}

void WriteIncidents(HtmlWriter& html, const PageModel& model) {
  if (model.overview->ongoing.empty()) return;
  html.Raw("<section class=\"sec\"><h2>Ongoing incidents</h2>\n");
  for (const service::IncidentOverview& incident : model.overview->ongoing) {
    WriteOngoingIncident(html, incident, model.limits.updates_per_incident);
  }
  html.Raw("</section>\n");
}

void WritePastIncidents(HtmlWriter& html, const PageModel& model) {
  if (!model.overview->past_days) return;
  html.Raw("<section class=\"sec\"><h2>Past incidents</h2>\n");
  if (model.overview->past.empty()) {
    const int days = *model.overview->past_days;
    html.Raw("<p class=\"card calm\">No incidents in the last ");
    html.Text(days == 1 ? "day" : std::to_string(days) + " days").Raw(".</p>\n");
  }
  for (const service::IncidentOverview& incident : model.overview->past) {
    WritePastIncident(html, incident, model.limits.updates_per_incident);
  }
  html.Raw("</section>\n");
}

std::string TitleOf(const PageModel& model) {
  const std::string& name = model.look->title;
  const Overview& overview = *model.overview;
  // Trouble shows in the tab; health does not need to.
  if (model::Severity(overview.banner_status) <= model::Severity(Status::kUp)) return name;
  return overview.banner_text + " - " + name;
}

}  // namespace

RenderedPage RenderPage(const PageModel& model, const AssetLinks& links) {
  RenderedPage page;
  page.title = TitleOf(model);
  const PageLook& look = *model.look;
  HtmlWriter body(4096 + std::min(model.overview->monitors.size(), model.limits.rows) * 2048);
  body.Raw("<main id=\"main\" class=\"wrap\" tabindex=\"-1\">\n");
  WriteAnnouncement(body, look.announcement);
  const bool empty = model.overview->monitors.empty();
  const bool trouble = !model.overview->ongoing.empty() || !model.overview->running.empty();
  if (!empty || trouble) WriteBanner(body, *model.overview);
  WriteIncidents(body, model);
  WriteMaintenances(body, "Maintenance in progress", model.overview->running);
  if (empty) {
    WriteEmpty(body, model.path.empty());
  } else {
    WriteMonitors(body, model);
  }
  WriteMaintenances(body, "Planned maintenance", model.overview->upcoming);
  if (!empty || trouble) WritePastIncidents(body, model);
  WriteMaintenances(body, "Past maintenance", model.overview->finished);
  body.Raw("</main>\n");
  page.version = HexLower(Sha256(page.title + '\n' + look.heading + '\n' + look.subtitle + '\n' +
                                 look.logo + '\n' + model.css_link + '\n' + body.text())
                              .substr(0, 8));
  const Frame frame{page.title, page.version, model.path, model.css_link, model.time_zone};
  HtmlWriter html(body.text().size() + 6000);
  WriteHead(html, frame, look, links);
  html.Append(body);
  WriteFooter(html, frame, look);
  page.html = html.Take();
  return page;
}

}  // namespace pharos::page
