#include "page/frame.h"

#include "page/render_incident.h"

namespace pharos::page {
namespace {

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

}  // namespace

std::string PageAddress(std::string_view path) { return "/" + std::string(path); }

void WriteHead(HtmlWriter& html, const Frame& frame, const PageLook& look,
               const AssetLinks& links) {
  html.Raw("<!doctype html>\n<html").Attr("lang", look.language);
  if (!frame.version.empty()) {
    html.Attr("data-version", frame.version).Attr("data-page", frame.path);
  }
  if (!look.theme.empty()) html.Attr("data-theme", look.theme);
  html.Raw(">\n<head>\n<meta charset=\"utf-8\">\n<title>").Text(frame.title);
  html.Raw("</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  html.Raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"stylesheet\"");
  html.Attr("href", links.css).Raw(">\n");
  if (!frame.css_link.empty()) {
    html.Raw("<link rel=\"stylesheet\"").Attr("href", frame.css_link).Raw(">\n");
  }
  html.Raw("<script").Attr("src", links.js).Raw("></script>\n<link rel=\"icon\"");
  html.Attr("href", look.favicon.empty() ? "/favicon.svg" : look.favicon).Raw(">\n");
  if (!frame.version.empty()) {
    html.Raw("<link rel=\"alternate\" type=\"application/rss+xml\" title=\"Incidents\"");
    html.Attr("href", frame.path.empty() ? "/rss.xml" : PageAddress(frame.path) + "/rss.xml");
    html.Raw(">\n");
  }
  html.Raw("</head>\n<body>\n").Raw(kIcons);
  html.Raw("<a class=\"vh skip\" href=\"#main\">Skip to the status</a>\n<header");
  html.Attr("class", look.centered ? "wrap top mid" : "wrap top").Raw("><img");
  html.Attr("src", look.logo.empty() ? "/favicon.svg" : look.logo);
  html.Raw(" height=\"36\" alt=\"\"><div><h1>").Text(look.heading).Raw("</h1>");
  WriteProse(html, look.subtitle);
  html.Raw("</div>");
  if (look.theme_toggle) html.Raw(kThemeButton);
  html.Raw("</header>\n");
}

void WriteFooter(HtmlWriter& html, const Frame& frame, const PageLook& look) {
  html.Raw("<p id=\"say\" class=\"vh\" role=\"status\"></p>\n<div id=\"tip\" class=\"tip\" ");
  html.Raw("aria-hidden=\"true\" hidden></div>\n<footer class=\"wrap end\"><div>");
  if (!frame.time_zone.empty()) {
    html.Raw("<span>Days are counted in ").Text(frame.time_zone).Raw("</span>");
  }
  if (look.branding) html.Raw("<span>Watched by Pharos</span>");
  html.Raw("</div></footer>\n</body>\n</html>\n");
}

}  // namespace pharos::page
