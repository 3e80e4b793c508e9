#include "service/samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <utility>

#include "base/crypto.h"
#include "base/one_shot.h"
#include "service/audit.h"
#include "store/audit_store.h"
#include "store/history_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::SampleOrigin;

constexpr size_t kSamplesPerRead = 50'000;
// 31 days of a check a minute: what one transaction takes away.
constexpr size_t kMaxErasedAtOnce = 31 * 1'440;
// Beyond any real latency (31 years), so that sums stay finite.
constexpr double kMaxLatencyMs = 1e12;

// Within one minute a sample written by hand stands above what fast checks left there; otherwise
// the newest one is the minute's.
bool Replaces(const Sample& candidate, const Sample& standing) {
  const bool candidate_manual = candidate.origin == SampleOrigin::kManual;
  const bool standing_manual = standing.origin == SampleOrigin::kManual;
  if (candidate_manual != standing_manual) return candidate_manual;
  return candidate.at >= standing.at;
}

using MinuteRows = std::map<std::pair<Timestamp, bool>, Sample>;  // shown time, is a signal

void AddToMinutes(std::vector<Sample> samples, MinuteRows& rows) {
  for (Sample& sample : samples) {
    const bool signal = sample.origin == SampleOrigin::kSignal;
    Timestamp shown_at = FloorTo(sample.at, signal ? Seconds(1) : Minutes(1));
    // A receipt never collides with the scheduled row of its minute (kener-v4.md 7.2, SIGNAL).
    if (signal && shown_at == FloorToMinute(shown_at)) shown_at += Seconds(1);
    const auto key = std::make_pair(shown_at, signal);
    const auto it = rows.find(key);
    if (it == rows.end()) {
      rows.emplace(key, std::move(sample));
    } else if (Replaces(sample, it->second)) {
      it->second = std::move(sample);
    }
  }
}

std::vector<Sample> TakeMinutes(MinuteRows rows) {
  std::vector<Sample> reduced;
  reduced.reserve(rows.size());
  for (auto& [key, sample] : rows) {
    sample.at = key.first;
    reduced.push_back(std::move(sample));
  }
  return reduced;
}

bool IsLatency(double ms) { return std::isfinite(ms) && ms >= 0 && ms <= kMaxLatencyMs; }

std::mt19937_64 FreshGenerator() {
  uint64_t seed = 0;
  const std::string bytes = RandomBytes(sizeof seed);
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return std::mt19937_64(seed);
}

bool IsCheckedFasterThanMinutes(const model::Monitor& monitor) {
  return monitor.schedule.kind == model::Schedule::Kind::kInterval &&
         monitor.schedule.interval < Minutes(1);
}

}  // namespace

Result<std::vector<Sample>> SampleService::ReadMinutes(const model::Monitor& monitor,
                                                       Timestamp from, Timestamp to) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  // In parts, so that a year of a monitor that is checked every second is never in memory at once.
  MinuteRows rows;
  bool more = true;
  while (more) {
    PHAROS_ASSIGN_OR_RETURN(auto samples, context_.store.history().Read(*session, monitor.id, from,
                                                                        to, kSamplesPerRead));
    more = samples.size() == kSamplesPerRead;
    if (more) from = samples.back().at + Milliseconds(1);
    AddToMinutes(std::move(samples), rows);
  }
  return TakeMinutes(std::move(rows));
}

Result<std::optional<Sample>> SampleService::FindMinute(const model::Monitor& monitor,
                                                        Timestamp minute) const {
  PHAROS_ASSIGN_OR_RETURN(auto samples, ReadMinutes(monitor, minute, minute + Minutes(1)));
  for (Sample& sample : samples) {
    if (sample.at == minute) return std::optional<Sample>(std::move(sample));
  }
  return std::optional<Sample>();
}

Status SampleService::WriteManual(const model::Monitor& monitor, std::vector<Sample> samples) {
  OneShot<Status> outcome;
  PHAROS_RETURN_IF_ERROR(context_.intake.SubmitManual(
      monitor.id, std::move(samples), [&](Status status) { outcome.Set(std::move(status)); }));
  return outcome.Take();
}

Result<DayMinutes> SampleService::ReadDay(const model::Monitor& monitor, std::string_view zone,
                                          CivilDate date) const {
  if (!IsTimeZone(zone))
    return Error::Field("zone", "zone must be a time zone, such as Europe/Berlin");
  DayMinutes day;
  day.start = StartOfLocalDay(zone, date);
  day.end = StartOfLocalDay(zone, AddDays(date, 1));
  const Timestamp until = std::min(day.end, FloorToMinute(context_.clock.Now()) + Minutes(1));
  if (until <= day.start) return day;
  PHAROS_ASSIGN_OR_RETURN(std::vector<Sample> samples, ReadMinutes(monitor, day.start, until));
  const auto minutes =
      static_cast<size_t>((until - day.start + Minutes(1) - Duration(1)) / Minutes(1));
  day.statuses.assign(minutes, model::Status::kNoData);
  for (Sample& sample : samples) {
    if (sample.origin == SampleOrigin::kSignal) continue;
    day.statuses[static_cast<size_t>(std::max(Duration{}, sample.at - day.start) / Minutes(1))] =
        sample.status;
    day.counts.Add(sample.status);
    day.samples.push_back(std::move(sample));
  }
  return day;
}

Result<std::vector<Sample>> SampleService::MinutesOf(const MinuteEdit& edit) const {
  const Timestamp first = FloorToMinute(edit.from);
  const Timestamp latest = FloorToMinute(context_.clock.Now()) + Minutes(1);
  if (edit.from >= edit.to) return Error::Field("from", "from must be before to");
  if (edit.to > latest) return Error::Field("to", "to must not lie in the future");
  if (edit.from < Timestamp{}) return Error::Field("from", "from must not be before 1970");
  if (!IsLatency(edit.latency_ms)) {
    return Error::Field("latency_ms", "latency_ms must be from 0 to 1000000000000");
  }
  if (!IsLatency(edit.deviation_ms)) {
    return Error::Field("deviation_ms", "deviation_ms must be from 0 to 1000000000000");
  }
  const auto minutes =
      static_cast<size_t>((edit.to - first + Minutes(1) - Duration(1)) / Minutes(1));
  if (minutes > kMaxManualSamples) {
    return Error::Field("to", "to is too far from from: at most " +
                                  std::to_string(kMaxManualSamples) + " minutes at once");
  }
  std::mt19937_64 generator = FreshGenerator();
  std::uniform_real_distribution<double> offset(-1.0, 1.0);
  std::vector<Sample> samples(minutes);
  for (size_t i = 0; i < minutes; ++i) {
    Sample& sample = samples[i];
    sample.at = first + Minutes(static_cast<int64_t>(i));
    sample.status = sample.observed = edit.status;
    sample.origin = SampleOrigin::kManual;
    sample.message = edit.message;
    // Whole milliseconds, as an edit has; 0 would be "not measured".
    const double moved = edit.latency_ms + std::round(edit.deviation_ms * offset(generator));
    sample.latency_ms = edit.latency_ms == 0 ? std::max(0.0, moved) : std::max(1.0, moved);
  }
  return samples;
}

Status SampleService::Note(const model::Principal& who, const model::Monitor& monitor,
                           std::string_view action, Value detail) const {
  return context_.store.Write([&](store::Transaction& tx) {
    return context_.store.audit().Insert(
        tx, MakeAudit(who, action, {"monitor", monitor.uid}, context_.clock.Now(), {}, detail));
  });
}

Result<int64_t> SampleService::SetMinutes(const model::Principal& who,
                                          const model::Monitor& monitor,
                                          const MinuteEdit& edit) const {
  PHAROS_ASSIGN_OR_RETURN(std::vector<Sample> samples, MinutesOf(edit));
  const Timestamp first = samples.front().at;
  const Timestamp end = samples.back().at + Minutes(1);
  const auto count = static_cast<int64_t>(samples.size());
  if (IsCheckedFasterThanMinutes(monitor)) {
    // What stood in these minutes goes in the same commit that brings the new ones.
    const auto replace = [&](store::Transaction& tx, Timestamp from, Timestamp to) {
      std::vector<model::MonitorSample> rows;
      for (const Sample& sample : samples) {
        if (sample.at >= from && sample.at < to) rows.push_back({monitor.id, sample});
      }
      return context_.store.history().Append(tx, rows);
    };
    PHAROS_RETURN_IF_ERROR(EraseInParts(monitor.id, first, end, std::nullopt, replace));
  }
  // Through the door of all results, which also moves the state when the newest minute is among
  // them.
  OneShot<Status> outcome;
  PHAROS_RETURN_IF_ERROR(context_.intake.SubmitManual(
      monitor.id, std::move(samples), [&](Status status) { outcome.Set(std::move(status)); }));
  PHAROS_RETURN_IF_ERROR(outcome.Take());
  Value detail;
  detail.Set("from", FormatIsoSeconds(first));
  detail.Set("to", FormatIsoSeconds(end));
  detail.Set("status", std::string(model::StatusName(edit.status)));
  PHAROS_RETURN_IF_ERROR(Note(who, monitor, "history.set", std::move(detail)));
  return count;
}

Result<int64_t> SampleService::EraseInParts(model::MonitorId monitor, Timestamp from, Timestamp to,
                                            std::optional<model::Status> status,
                                            const ThenWrite& then) const {
  int64_t erased = 0;
  Duration length = Days(kDaysPerErase);
  while (from < to) {
    const Timestamp end = std::min(to, from + length);
    size_t count = 0;
    const Status written = context_.store.Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(
          count, context_.store.history().Erase(tx, monitor, from, end, status, kMaxErasedAtOnce));
      return then ? then(tx, from, end) : Ok();
    });
    if (!written && written.error().kind == ErrorKind::kInvalid && length > Minutes(2)) {
      // Too many for one transaction; parts begin at whole minutes nevertheless.
      length = std::max(Minutes(1), Duration(length / Minutes(4) * Minutes(1)));
      continue;
    }
    PHAROS_RETURN_IF_ERROR(written);
    erased += static_cast<int64_t>(count);
    from = end;
  }
  return erased;
}

Result<int64_t> SampleService::Erase(const model::Principal& who, const model::Monitor& monitor,
                                     Timestamp from, Timestamp to,
                                     std::optional<model::Status> status) const {
  if (from >= to) return Error::Field("to", "to must be after from");
  // Nothing is older than what is stored, so that an endless range has few parts.
  Timestamp part = from;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(
        const auto oldest, context_.store.history().Read(*session, monitor.id, from, to, 1, false));
    PHAROS_ASSIGN_OR_RETURN(const auto newest,
                            context_.store.history().Read(*session, monitor.id, from, to, 1, true));
    if (oldest.empty() || newest.empty()) return int64_t{0};
    part = oldest.front().at;
    to = std::min(to, newest.front().at + Milliseconds(1));
  }
  PHAROS_ASSIGN_OR_RETURN(const int64_t erased,
                          EraseInParts(monitor.id, part, to, status, nullptr));
  Value detail;
  detail.Set("from", FormatIsoSeconds(from));
  detail.Set("to", FormatIsoSeconds(to));
  if (status) detail.Set("status", std::string(model::StatusName(*status)));
  detail.Set("samples", erased);
  PHAROS_RETURN_IF_ERROR(Note(who, monitor, "history.erased", std::move(detail)));
  context_.notices.Publish({{notices::Notice::Kind::kSample, monitor.org, monitor.id}});
  return erased;
}

}  // namespace pharos::service
