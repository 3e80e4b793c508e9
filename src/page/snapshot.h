#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "page/page_cache.h"
#include "page/page_look.h"
#include "page/page_model.h"

namespace pharos::page {

// How a page and its feeds are cached: what one visitor may see must not be kept for another.
std::string CacheControlOf(const model::Page& page);

// One status page, ready to be sent.
struct PageSnapshot {
  model::Page page;
  PageLook look;
  model::Status status = model::Status::kNoData;
  std::string status_text;
  std::string version;
  CachedReply html;
  CachedReply rss;
  CachedReply atom;
};

// The figures of one day of one monitor, or of several together.
struct DayTotal {
  model::StatusCounts counts;
  double latency_sum_ms = 0;  // of the averages of the monitors that have one
  double latency_low_ms = 0;
  double latency_high_ms = 0;
  int64_t latencies = 0;

  void Add(const service::DayBar& day);
  void Merge(const DayTotal& other);
};

// What has an address of its own, and the page whose look it has there.
template <class Entry>
struct Addressed {
  Entry entry;
  std::string page;
};

using AddressedMaintenance = Addressed<service::MaintenanceOverview>;

// Everything visitors can ask for, at one moment. Immutable; shared between the request loops while
// the worker builds the next one.
struct Snapshot {
  service::Overview overview;  // of all visible monitors
  SiteLook look;
  // Monitors that badges may tell of: index into overview.monitors. Those that only pages behind a
  // door show are not among them.
  std::unordered_map<std::string, size_t> by_tag;
  std::vector<DayTotal> totals;  // of these monitors together, oldest day first
  // By id: what some public page shows, or would if its lists were longer.
  std::unordered_map<int64_t, Addressed<service::IncidentOverview>> incidents;
  std::unordered_map<int64_t, AddressedMaintenance> maintenances;  // by occurrence
  std::map<std::string, PageSnapshot, std::less<>> pages;          // by path; "" = home
  std::map<std::string, std::string, std::less<>> domains;         // custom domain -> path
  std::map<std::string, CachedReply, std::less<>> styles;          // pages' own style sheets
  std::string version;                                             // of everything

  // nullptr when there is no such page. "default" is another name of the home page.
  const PageSnapshot* FindPage(std::string_view path) const;
  const PageSnapshot* FindByHost(std::string_view host) const;
  // nullptr when no public page shows it.
  const AddressedMaintenance* FindOccurrence(int64_t id) const;
  // The occurrence that goes on; else the soonest to come; else the latest that is over.
  const AddressedMaintenance* FindNearestOf(model::MaintenanceId id) const;
  // Fills `by_tag` and `totals` from the overview.
  void IndexMonitors(const std::vector<model::Page>& shown_by);
};

}  // namespace pharos::page
