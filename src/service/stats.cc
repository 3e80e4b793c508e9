#include "service/stats.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "rules/rollup.h"
#include "service/check_log.h"
#include "store/history_store.h"
#include "store/transition_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::Status;

constexpr size_t kSamplesPerRead = 20'000;
constexpr int64_t kFewSamples = 200;
constexpr int kMaxTransitions = 10'000;

std::optional<double> UptimeOf(const model::StatusCounts& counts) {
  const uint32_t good = counts.Of(Status::kUp) + counts.Of(Status::kDegraded);
  const uint32_t all = good + counts.Of(Status::kPartialOutage) + counts.Of(Status::kDown);
  if (all == 0) return std::nullopt;
  return 100.0 * static_cast<double>(good) / static_cast<double>(all);
}

// Walks the samples of [from, to) from the newest to the oldest, in parts, until `visit` says no.
template <class Visit>
pharos::Status WalkBack(store::Store& store, model::MonitorId monitor, Timestamp from, Timestamp to,
                        const Visit& visit, size_t per_read = kSamplesPerRead) {
  PHAROS_ASSIGN_OR_RETURN(auto session, store.Read());
  while (from < to) {
    PHAROS_ASSIGN_OR_RETURN(auto samples,
                            store.history().Read(*session, monitor, from, to, per_read, true));
    for (auto it = samples.rbegin(); it != samples.rend(); ++it) {
      if (!visit(*it)) return Ok();
    }
    if (samples.size() < per_read) return Ok();
    to = samples.front().at;
  }
  return Ok();
}

Duration StepOf(Resolution resolution) {
  switch (resolution) {
    case Resolution::kMinute:
      return Minutes(1);
    case Resolution::kHour:
      return Hours(1);
    case Resolution::kDay:
      return Days(1);
  }
  return Hours(1);
}

// From single samples, for the finest resolution.
Result<std::vector<HistoryPoint>> ByMinute(store::Store& store, model::MonitorId monitor,
                                           Timestamp from, Timestamp to) {
  std::map<Timestamp, HistoryPoint> points;
  PHAROS_RETURN_IF_ERROR(WalkBack(store, monitor, from, to, [&](const Sample& sample) {
    if (!IsCheck(sample)) return true;
    HistoryPoint& point = points[FloorToMinute(sample.at)];
    point.start = FloorToMinute(sample.at);
    point.counts.Add(sample.status);
    point.latency.Add(sample.latency_ms);
    return true;
  }));
  std::vector<HistoryPoint> list;
  list.reserve(points.size());
  for (auto& [start, point] : points) list.push_back(std::move(point));
  return list;
}

// From quarter hours, summed up.
Result<std::vector<HistoryPoint>> ByQuarters(store::Store& store, model::MonitorId monitor,
                                             Timestamp from, Timestamp to, Duration step) {
  PHAROS_ASSIGN_OR_RETURN(auto session, store.Read());
  const std::array<model::MonitorId, 1> one{monitor};
  PHAROS_ASSIGN_OR_RETURN(const auto read, store.history().ReadRollups(*session, one, from, to));
  std::vector<HistoryPoint> list;
  for (const model::Rollup& rollup : read.front().rollups) {
    const Timestamp start = FloorTo(rollup.start, step);
    if (list.empty() || list.back().start != start) {
      list.emplace_back();
      list.back().start = start;
    }
    list.back().counts.Merge(rollup.counts);
    list.back().latency.Merge(rollup.latency);
  }
  return list;
}

// A sketch is right within 2 %, the ends of the window are known exactly: no percentile beyond
// them.
double QuantileWithin(const model::LatencyStats& latency, const model::QuantileSketch& sketch,
                      double share) {
  const double value = sketch.Quantile(share);
  if (latency.count == 0) return value;
  return std::min(std::max(value, latency.min_ms), latency.max_ms);
}

}  // namespace

Result<WindowStats> StatsService::Window(const model::Monitor& monitor, Timestamp from,
                                         Timestamp to) const {
  WindowStats stats;
  const std::array<model::MonitorId, 1> one{monitor.id};
  const std::array<Timestamp, 2> bounds{from, to};
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto counted,
                          context_.store.history().ReadCounts(*session, one, bounds));
  stats.counts = counted.front().counts.front();
  stats.latency = counted.front().latency;
  stats.uptime = UptimeOf(stats.counts);
  PHAROS_ASSIGN_OR_RETURN(const auto sketch, context_.store.history().ReadLatencySketch(
                                                 *session, monitor.id, from, to));
  stats.p95_ms = QuantileWithin(stats.latency, sketch, 0.95);
  return stats;
}

Result<std::vector<WindowStats>> StatsService::Windows(
    const std::vector<store::MonitorPtr>& monitors, Timestamp from, Timestamp to) const {
  std::vector<model::MonitorId> ids;
  ids.reserve(monitors.size());
  for (const store::MonitorPtr& monitor : monitors) ids.push_back(monitor->id);
  const std::array<Timestamp, 2> bounds{from, to};
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto counted,
                          context_.store.history().ReadCounts(*session, ids, bounds));
  std::vector<WindowStats> all;
  all.reserve(counted.size());
  for (const store::MonitorCounts& one : counted) {
    WindowStats stats;
    stats.counts = one.counts.front();
    stats.latency = one.latency;
    stats.uptime = UptimeOf(stats.counts);
    all.push_back(stats);
  }
  return all;
}

Result<CheckPage> StatsService::Checks(const model::Monitor& monitor,
                                       const CheckQuery& query) const {
  CheckPage page;
  const Timestamp from = query.from.value_or(Timestamp{});
  const Timestamp to = query.to.value_or(context_.clock.Now() + Minutes(1));
  const int64_t end = query.offset + query.limit;
  const auto visit = [&](const Sample& sample) {
    if (!IsCheck(sample)) return true;
    if (query.status && sample.status != *query.status) return true;
    const int64_t index = page.total++;
    if (index >= query.offset && index < end) page.checks.push_back(sample);
    return page.total < end;
  };
  const auto most = static_cast<int64_t>(kSamplesPerRead);
  const auto per_read = static_cast<size_t>(std::clamp(end, kFewSamples, most));
  PHAROS_RETURN_IF_ERROR(WalkBack(context_.store, monitor.id, from, to, visit, per_read));
  // What was walked through is all there is unless the page is full.
  if (!query.count_all || page.total < end) return page;
  PHAROS_ASSIGN_OR_RETURN(page.total,
                          CheckLogService(context_).Count(monitor, from, to, query.status));
  return page;
}

Result<std::vector<double>> StatsService::Percentiles(const model::Monitor& monitor, Timestamp from,
                                                      Timestamp to,
                                                      std::span<const double> shares) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto sketch, context_.store.history().ReadLatencySketch(
                                                 *session, monitor.id, from, to));
  const std::array<model::MonitorId, 1> one{monitor.id};
  const std::array<Timestamp, 2> bounds{from, to};
  PHAROS_ASSIGN_OR_RETURN(const auto counted,
                          context_.store.history().ReadCounts(*session, one, bounds));
  std::vector<double> values;
  values.reserve(shares.size());
  for (const double share : shares) {
    values.push_back(QuantileWithin(counted.front().latency, sketch, share));
  }
  return values;
}

Result<std::vector<HistoryPoint>> StatsService::History(const model::Monitor& monitor,
                                                        Timestamp from, Timestamp to,
                                                        Resolution resolution,
                                                        int64_t max_points) const {
  const Duration step = StepOf(resolution);
  if ((to - from) / step > max_points) {
    return Error::Field("resolution", "the window has more than " + std::to_string(max_points) +
                                          " points: use a coarser resolution");
  }
  auto points = resolution == Resolution::kMinute
                    ? ByMinute(context_.store, monitor.id, from, to)
                    : ByQuarters(context_.store, monitor.id, from, to, step);
  if (!points) return points;
  for (HistoryPoint& point : *points) point.worst = rules::StatusOfCounts(point.counts);
  return points;
}

Result<int64_t> StatsService::DowntimeSeconds(const model::Monitor& monitor, Timestamp from,
                                              Timestamp to) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto transitions,
                          context_.store.transitions().List(*session, monitor.org, monitor.id, from,
                                                            to, kMaxTransitions));
  const auto state = context_.intake.states().Find(monitor.id);
  // Newest first: each one says what held from it on until the one after it.
  Duration down{};
  Timestamp until = std::min(to, context_.clock.Now());
  for (const model::Transition& transition : transitions) {
    if (transition.to == Status::kDown && until > transition.at) down += until - transition.at;
    until = std::min(until, transition.at);
  }
  const Status at_start =
      transitions.empty() ? (state ? state->shown : Status::kNoData) : transitions.back().from;
  if (at_start == Status::kDown && until > from) down += until - from;
  return std::chrono::duration_cast<std::chrono::seconds>(down).count();
}

Result<std::optional<Timestamp>> StatsService::FirstCheck(const model::Monitor& monitor) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto samples, context_.store.history().Read(
                                                  *session, monitor.id, Timestamp{},
                                                  context_.clock.Now() + Minutes(1), 1, false));
  if (samples.empty()) return std::optional<Timestamp>();
  return std::optional<Timestamp>(samples.front().at);
}

}  // namespace pharos::service
