#include "service/samples.h"

#include <map>
#include <utility>

#include "base/one_shot.h"
#include "store/history_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::SampleOrigin;

constexpr size_t kSamplesPerRead = 50'000;

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

}  // namespace pharos::service
