#include "page/render_detail.h"

#include "page/frame.h"
#include "page/html_writer.h"
#include "page/render_incident.h"
#include "page/render_maintenance.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxUpdates = 500;

// Head, the content that `write` makes, and footer.
template <class Write>
std::string RenderSmallPage(std::string_view title, const PageLook& look, const AssetLinks& links,
                            const Write& write) {
  const Frame frame{.title = title};
  HtmlWriter html;
  WriteHead(html, frame, look, links);
  html.Raw("<main id=\"main\" class=\"wrap\" tabindex=\"-1\">\n");
  write(html);
  html.Raw("</main>\n");
  WriteFooter(html, frame, look);
  return html.Take();
}

}  // namespace

std::string RenderMessagePage(std::string_view heading, std::string_view text,
                              const AssetLinks& links) {
  PageLook look;
  look.heading = "Status";
  return RenderSmallPage(heading, look, links, [&](HtmlWriter& html) {
    html.Raw("<section class=\"card empty non\"><svg class=\"i\" width=\"40\" height=\"40\" ");
    html.Raw("aria-hidden=\"true\"><use href=\"#non\"/></svg>\n<h2>").Text(heading);
    html.Raw("</h2>\n<p>").Text(text).Raw("</p>\n<p><a href=\"/\">To the status page</a></p>");
    html.Raw("</section>");
  });
}

std::string RenderIncidentPage(const service::IncidentOverview& incident, const PageLook& look,
                               const AssetLinks& links) {
  const std::string title = incident.incident.title + " - " + look.title;
  return RenderSmallPage(title, look, links, [&](HtmlWriter& html) {
    html.Raw("<section class=\"sec\"><h2>Incident</h2>\n");
    WriteOngoingIncident(html, incident, kMaxUpdates);
    html.Raw("<p><a href=\"/\">To the status page</a></p></section>\n");
  });
}

std::string RenderMaintenancePage(const service::MaintenanceOverview& maintenance,
                                  const PageLook& look, const AssetLinks& links) {
  const std::string title = maintenance.maintenance.title + " - " + look.title;
  return RenderSmallPage(title, look, links, [&](HtmlWriter& html) {
    WriteMaintenances(html, "Maintenance", {maintenance});
    html.Raw("<p><a href=\"/\">To the status page</a></p>\n");
  });
}

std::string RenderDoorPage(const PageLook& look, std::string_view hint, std::string_view action,
                           bool wrong, const AssetLinks& links) {
  return RenderSmallPage(look.title, look, links, [&](HtmlWriter& html) {
    html.Raw("<form class=\"card door\" method=\"post\"").Attr("action", action);
    html.Raw(">\n<h2>This page is private</h2>\n");
    if (!hint.empty()) html.Raw("<p class=\"note\">").Text(hint).Raw("</p>\n");
    if (wrong) html.Raw("<p class=\"dn bad\" role=\"alert\">That is not the password.</p>\n");
    html.Raw("<label for=\"password\">Password</label>\n<input id=\"password\" name=\"password\" ");
    html.Raw("type=\"password\" autocomplete=\"current-password\" required maxlength=\"1024\" ");
    html.Raw("autofocus>\n<button type=\"submit\">Show the page</button>\n</form>\n");
  });
}

}  // namespace pharos::page
