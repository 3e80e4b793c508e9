#include "page/feed.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "page/html_writer.h"
#include "page/status_words.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxItems = 50;

struct Item {
  std::string title;
  std::string text;
  std::string address;
  std::string id;
  Timestamp at{};
};

// Control characters are not allowed in XML at all, escaped or not.
std::string XmlText(std::string_view text) {
  std::string clean = SanitizeUtf8(text);
  std::erase_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t'; });
  return clean;
}

void AddIncident(const service::IncidentOverview& entry, std::vector<Item>& items) {
  const std::string id = std::to_string(entry.incident.id.value());
  const std::string address = "/incidents/" + id;
  for (const model::IncidentUpdate& update : entry.updates) {
    items.push_back({std::string(IncidentWord(update.state)) + ": " + entry.incident.title,
                     update.text, address,
                     "incident-" + id + "-" + std::to_string(update.id.value()), update.at});
  }
  if (entry.updates.empty()) {
    items.push_back({std::string(IncidentWord(entry.incident.state)) + ": " + entry.incident.title,
                     "", address, "incident-" + id, entry.incident.started_at});
  }
}

void AddMaintenance(const service::MaintenanceOverview& entry, std::vector<Item>& items) {
  const std::string id = std::to_string(entry.occurrence.id.value());
  items.push_back({"Maintenance: " + entry.maintenance.title,
                   entry.maintenance.description.value_or(""), "/maintenances/" + id,
                   "maintenance-" + id, entry.occurrence.starts_at});
}

std::vector<Item> ItemsOf(const service::Overview& overview) {
  std::vector<Item> items;
  for (const auto& entry : overview.ongoing) AddIncident(entry, items);
  for (const auto& entry : overview.past) AddIncident(entry, items);
  for (const auto* list : {&overview.running, &overview.upcoming, &overview.finished}) {
    for (const auto& entry : *list) AddMaintenance(entry, items);
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.at > b.at; });
  if (items.size() > kMaxItems) items.resize(kMaxItems);
  return items;
}

}  // namespace

std::string RenderRss(const Feed& feed) {
  HtmlWriter xml;
  xml.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\n<title>");
  xml.Text(XmlText(feed.title)).Raw("</title>\n<link>");
  xml.Text(feed.site_url + feed.page_address).Raw("</link>\n<description>");
  xml.Text("Incidents and maintenance").Raw("</description>\n");
  for (const Item& item : ItemsOf(feed.overview)) {
    xml.Raw("<item><title>").Text(XmlText(item.title)).Raw("</title><link>");
    xml.Text(feed.site_url + item.address).Raw("</link><guid isPermaLink=\"false\">");
    xml.Text(item.id).Raw("</guid><pubDate>").Text(FormatHttpDate(item.at));
    xml.Raw("</pubDate><description>").Text(XmlText(item.text)).Raw("</description></item>\n");
  }
  xml.Raw("</channel></rss>\n");
  return xml.Take();
}

std::string RenderAtom(const Feed& feed) {
  const std::vector<Item> items = ItemsOf(feed.overview);
  // Without entries the feed is as old as time, so that its bytes do not change by themselves.
  const Timestamp updated = items.empty() ? Timestamp{} : items.front().at;
  HtmlWriter xml;
  xml.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  xml.Raw("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>").Text(XmlText(feed.title));
  xml.Raw("</title>\n<id>urn:pharos:page:").Text(feed.page_address).Raw("</id>\n<link");
  xml.Attr("href", feed.site_url + feed.page_address).Raw("/>\n<updated>");
  xml.Text(FormatIsoSeconds(updated)).Raw("</updated>\n<author><name>");
  xml.Text(XmlText(feed.title)).Raw("</name></author>\n");
  for (const Item& item : items) {
    xml.Raw("<entry><title>").Text(XmlText(item.title)).Raw("</title><id>urn:pharos:");
    xml.Text(item.id).Raw("</id><link").Attr("href", feed.site_url + item.address);
    xml.Raw("/><updated>").Text(FormatIsoSeconds(item.at)).Raw("</updated><content>");
    xml.Text(XmlText(item.text)).Raw("</content></entry>\n");
  }
  xml.Raw("</feed>\n");
  return xml.Take();
}

}  // namespace pharos::page
