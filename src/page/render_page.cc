#include "page/render_page.h"

#include <algorithm>

#include "base/crypto.h"
#include "page/day_bars.h"
#include "page/html_writer.h"
#include "page/render_incident.h"
#include "page/status_words.h"

namespace pharos::page {
namespace {

using model::Status;
using service::MonitorOverview;
using service::Overview;

// Icons by class of status. Each has a shape of its own, so none needs its colour to be told apart.
constexpr char kIcons[] =
    "<svg width=\"0\" height=\"0\" class=\"vh\" aria-hidden=\"true\">"
    "<symbol id=\"up\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"11\" "
    "fill=\"currentColor\"/><path d=\"m7.3 12.4 3.2 3.2 6.3-6.8\" fill=\"none\" "
    "stroke=\"var(--card,#fff)\" stroke-width=\"2.4\" stroke-linecap=\"round\" "
    "stroke-linejoin=\"round\"/></symbol>"
    "<symbol id=\"deg\" viewBox=\"0 0 24 24\"><path d=\"M12 2.5 23 21.5H1z\" "
    "fill=\"currentColor\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
    "<path d=\"M12 9v5m0 3.6v.1\" stroke=\"var(--card,#fff)\" stroke-width=\"2.4\" "
    "stroke-linecap=\"round\"/></symbol>"
    "<symbol id=\"par\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"9.7\" "
    "fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.6\"/><path d=\"M12 5.5a6.5 "
    "6.5 0 0 1 0 13z\" fill=\"currentColor\"/></symbol>"
    "<symbol id=\"dn\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"11\" "
    "fill=\"currentColor\"/><path d=\"m8.3 8.3 7.4 7.4m0-7.4-7.4 7.4\" "
    "stroke=\"var(--card,#fff)\" stroke-width=\"2.4\" stroke-linecap=\"round\"/></symbol>"
    "<symbol id=\"mnt\" viewBox=\"0 0 24 24\"><rect x=\"1\" y=\"1\" width=\"22\" height=\"22\" "
    "rx=\"6.5\" fill=\"currentColor\"/><path d=\"M9 8v8m6-8v8\" stroke=\"var(--card,#fff)\" "
    "stroke-width=\"2.6\" stroke-linecap=\"round\"/></symbol>"
    "<symbol id=\"non\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"9.7\" "
    "fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.6\" "
    "stroke-dasharray=\"4 3.62\"/></symbol></svg>\n";

constexpr char kThemeButton[] =
    "<button class=\"theme\" type=\"button\" hidden><svg viewBox=\"0 0 24 24\" "
    "aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"9\" fill=\"none\" "
    "stroke=\"currentColor\" stroke-width=\"2\"/><path d=\"M12 3a9 9 0 0 1 0 18z\" "
    "fill=\"currentColor\"/></svg></button>\n";

struct Frame {
  std::string_view title;
  std::string_view heading;
  std::string_view subtitle;
  std::string_view theme;
  std::string_view version;  // empty: the page does not keep itself fresh
  bool theme_toggle = true;
};

void WriteHead(HtmlWriter& html, const Frame& frame, const AssetLinks& links) {
  html.Raw("<!doctype html>\n<html lang=\"en\"");
  if (!frame.version.empty()) html.Attr("data-version", frame.version);
  if (!frame.theme.empty()) html.Attr("data-theme", frame.theme);
  html.Raw(">\n<head>\n<meta charset=\"utf-8\">\n<title>").Text(frame.title);
  html.Raw("</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  html.Raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"stylesheet\"");
  html.Attr("href", links.css).Raw(">\n<script").Attr("src", links.js).Raw("></script>\n");
  html.Raw("<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n</head>\n<body>\n");
  html.Raw(kIcons);
  html.Raw("<a class=\"vh skip\" href=\"#main\">Skip to the status</a>\n");
  html.Raw("<header class=\"wrap top\"><img src=\"/favicon.svg\" width=\"36\" height=\"36\" ");
  html.Raw("alt=\"\"><div><h1>").Text(frame.heading).Raw("</h1>");
  if (!frame.subtitle.empty()) html.Raw("<p>").Text(frame.subtitle).Raw("</p>");
  html.Raw("</div>");
  if (frame.theme_toggle) html.Raw(kThemeButton);
  html.Raw("</header>\n");
}

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

void WriteMonitor(HtmlWriter& html, const PageRow& row, int64_t elapsed_minutes) {
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
  html.Text(StatusWord(entry.state.shown)).Raw("</span></div>\n");
  if (!monitor.description.empty()) {
    html.Raw("<p class=\"about\">").Text(Ellipsize(monitor.description, 500)).Raw("</p>\n");
  }
  if (row.bars) WriteDayBars(html, entry, elapsed_minutes);
  WriteFigures(html, entry, row.bars);
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
  html.Raw("<section class=\"sec\">\n");
  for (const PageGroup& group : model.groups) {
    html.Raw("<h2 class=\"grp\">");
    html.Text(model.groups.size() == 1 ? "Services" : group.name.empty() ? "Other" : group.name);
    html.Raw("</h2>\n");
    html.Raw("<ul class=\"card\">\n");
    for (const PageRow& row : group.rows) WriteMonitor(html, row, elapsed);
    html.Raw("</ul>\n");
  }
  if (model.left_out > 0) {
    html.Raw("<p class=\"card calm\">").Number(static_cast<int64_t>(model.left_out));
    html.Raw(" more monitors are not listed here. Those with trouble are listed first.</p>\n");
  }
  WriteLegend(html);
  html.Raw("</section>\n");
}

void WriteEmpty(HtmlWriter& html) {
  html.Raw(
      "<section class=\"card empty non\"><svg class=\"i\" width=\"40\" height=\"40\" "
      "aria-hidden=\"true\"><use href=\"#non\"/></svg>\n<h2>No monitors yet</h2>\n"
      "<p>This page fills itself as soon as there is something to watch. Create a key and, with "
      "it, "
      "the first monitor:</p>\n<pre tabindex=\"0\"><code>"
      "pharos keys create --dialect kener_v4 --name first\n\n"
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
  html.Raw("<section class=\"sec\"><h2>Past incidents</h2>\n");
  if (model.overview->past.empty()) {
    html.Raw("<p class=\"card calm\">No incidents in the last 14 days.</p>\n");
  }
  for (const service::IncidentOverview& incident : model.overview->past) {
    WritePastIncident(html, incident, model.limits.updates_per_incident);
  }
  html.Raw("</section>\n");
}

std::string TitleOf(const PageModel& model) {
  const SiteLook& look = *model.look;
  const std::string name = look.title.empty() ? look.name + " status" : look.title;
  const Overview& overview = *model.overview;
  // Trouble shows in the tab; health does not need to.
  if (model::Severity(overview.banner_status) <= model::Severity(Status::kUp)) return name;
  return overview.banner_text + " - " + name;
}

void WriteFooter(HtmlWriter& html, std::string_view time_zone) {
  html.Raw("<p id=\"say\" class=\"vh\" role=\"status\"></p>\n<div id=\"tip\" class=\"tip\" ");
  html.Raw("aria-hidden=\"true\" hidden></div>\n<footer class=\"wrap end\"><div>");
  if (!time_zone.empty()) {
    html.Raw("<span>Days are counted in ").Text(time_zone).Raw("</span>");
  }
  html.Raw("<span>Watched by Pharos</span></div></footer>\n</body>\n</html>\n");
}

}  // namespace

RenderedPage RenderPage(const PageModel& model, const AssetLinks& links) {
  RenderedPage page;
  page.title = TitleOf(model);
  HtmlWriter body(4096 + model.overview->monitors.size() * 2048);
  body.Raw("<main id=\"main\" class=\"wrap\" tabindex=\"-1\">\n");
  if (model.overview->monitors.empty()) {
    if (!model.overview->ongoing.empty()) WriteBanner(body, *model.overview);
    WriteIncidents(body, model);
    WriteEmpty(body);
  } else {
    WriteBanner(body, *model.overview);
    WriteIncidents(body, model);
    WriteMonitors(body, model);
    WritePastIncidents(body, model);
  }
  body.Raw("</main>\n");
  const SiteLook& look = *model.look;
  page.version =
      HexLower(Sha256(page.title + '\n' + look.name + '\n' + look.subtitle + '\n' + body.text())
                   .substr(0, 8));
  HtmlWriter html(body.text().size() + 6000);
  WriteHead(html,
            {page.title, look.name, look.subtitle, look.theme, page.version, look.theme_toggle},
            links);
  html.Append(body);
  WriteFooter(html, model.time_zone);
  page.html = html.Take();
  return page;
}

std::string RenderMessagePage(std::string_view heading, std::string_view text,
                              const AssetLinks& links) {
  HtmlWriter html;
  WriteHead(html, {heading, "Status", "", "", "", true}, links);
  html.Raw("<main id=\"main\" class=\"wrap\" tabindex=\"-1\">\n");
  html.Raw("<section class=\"card empty non\"><svg class=\"i\" width=\"40\" height=\"40\" ");
  html.Raw("aria-hidden=\"true\"><use href=\"#non\"/></svg>\n<h2>").Text(heading);
  html.Raw("</h2>\n<p>").Text(text).Raw("</p>\n<p><a href=\"/\">To the status page</a></p>");
  html.Raw("</section></main>\n");
  WriteFooter(html, "");
  return html.Take();
}

}  // namespace pharos::page
