#include "page/snapshot.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text.h"

namespace pharos::page {
namespace {

using Ids = std::unordered_set<model::MonitorId>;

// Monitors that stand behind a door and nowhere else.
Ids OnlyBehindDoors(const std::vector<service::MonitorOverview>& monitors,
                    const std::vector<model::Page>& pages) {
  Ids open;
  Ids closed;
  for (const model::Page& page : pages) {
    Ids& ids = page.visibility == model::PageVisibility::kPublic ? open : closed;
    ids.insert(page.monitors.begin(), page.monitors.end());
    if (!page.all_monitors) continue;
    for (const service::MonitorOverview& entry : monitors) ids.insert(entry.monitor->id);
  }
  std::erase_if(closed, [&](model::MonitorId id) { return open.contains(id); });
  return closed;
}

// The least is the nearest: what goes on, what comes soonest, what was last.
std::pair<int, Duration> DistanceOf(const model::Occurrence& occurrence) {
  const Duration start = occurrence.starts_at.time_since_epoch();
  switch (occurrence.state) {
    case model::OccurrenceState::kOngoing:
      return {0, start};
    case model::OccurrenceState::kScheduled:
    case model::OccurrenceState::kReady:
      return {1, start};
    case model::OccurrenceState::kCompleted:
    case model::OccurrenceState::kCancelled:
      break;
  }
  return {2, -start};
}

}  // namespace

const AddressedMaintenance* Snapshot::FindOccurrence(int64_t id) const {
  const auto it = maintenances.find(id);
  return it == maintenances.end() ? nullptr : &it->second;
}

const AddressedMaintenance* Snapshot::FindNearestOf(model::MaintenanceId id) const {
  const AddressedMaintenance* nearest = nullptr;
  for (const auto& [unused, one] : maintenances) {
    if (one.entry.maintenance.id != id) continue;
    if (nearest == nullptr ||
        DistanceOf(one.entry.occurrence) < DistanceOf(nearest->entry.occurrence)) {
      nearest = &one;
    }
  }
  return nearest;
}

std::string CacheControlOf(const model::Page& page) {
  if (page.visibility == model::PageVisibility::kPublic) return std::string(kForEverybody);
  return "private, no-cache";
}

void DayTotal::Add(const service::DayBar& day) {
  DayTotal one;
  one.counts = day.counts;
  if (day.latency_avg_ms > 0) {
    one.latency_sum_ms = one.latency_low_ms = one.latency_high_ms = day.latency_avg_ms;
    one.latencies = 1;
  }
  Merge(one);
}

void DayTotal::Merge(const DayTotal& other) {
  counts.Merge(other.counts);
  if (other.latencies == 0) return;
  latency_low_ms =
      latencies == 0 ? other.latency_low_ms : std::min(latency_low_ms, other.latency_low_ms);
  latency_high_ms = std::max(latency_high_ms, other.latency_high_ms);
  latency_sum_ms += other.latency_sum_ms;
  latencies += other.latencies;
}

void Snapshot::IndexMonitors(const std::vector<model::Page>& shown_by) {
  const Ids hidden = OnlyBehindDoors(overview.monitors, shown_by);
  for (size_t i = 0; i < overview.monitors.size(); ++i) {
    const service::MonitorOverview& entry = overview.monitors[i];
    if (hidden.contains(entry.monitor->id)) continue;
    by_tag.emplace(entry.monitor->tag, i);
    if (totals.size() < entry.days.size()) totals.resize(entry.days.size());
    entry.days.VisitSampled(
        [this](size_t index, const service::DayBar& day) { totals[index].Add(day); });
  }
}

const PageSnapshot* Snapshot::FindPage(std::string_view path) const {
  auto it = pages.find(path);
  if (it == pages.end() && path == "default") it = pages.find("");
  return it == pages.end() ? nullptr : &it->second;
}

const PageSnapshot* Snapshot::FindByHost(std::string_view host) const {
  if (domains.empty()) return nullptr;
  const auto it = domains.find(AsciiLower(host.substr(0, host.find(':'))));
  return it == domains.end() ? nullptr : FindPage(it->second);
}

}  // namespace pharos::page
