#include "rules/schedule_policy.h"

#include <cstdint>

#include "base/cron.h"

namespace pharos::rules {
namespace {

// FNV-1a with a finishing mix. Phases must be the same in every release and on every machine, so
// the hash is written out here and must never change.
uint64_t StableHash(std::string_view text) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  h ^= h >> 30;
  h *= 0xbf58476d1ce4e5b9ULL;
  h ^= h >> 27;
  h *= 0x94d049bb133111ebULL;
  h ^= h >> 31;
  return h;
}

std::optional<Timestamp> NextCron(const model::Schedule& schedule, Timestamp after) {
  const Result<CronExpression> cron = CronExpression::Parse(schedule.cron);
  if (!cron) return std::nullopt;
  return cron->NextAfter(after, schedule.time_zone);
}

}  // namespace

Duration PhaseOf(std::string_view uid, Duration interval) {
  if (interval <= Duration::zero()) return Duration::zero();
  return Duration(static_cast<int64_t>(StableHash(uid) % static_cast<uint64_t>(interval.count())));
}

std::optional<Timestamp> NextDueAt(const model::Monitor& monitor, Timestamp after) {
  if (!monitor.active) return std::nullopt;
  const model::Schedule& schedule = monitor.schedule;
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return std::nullopt;
    case model::Schedule::Kind::kInterval: {
      if (schedule.interval <= Duration::zero()) return std::nullopt;
      const Duration phase = PhaseOf(monitor.uid, schedule.interval);
      return FloorTo(after - phase, schedule.interval) + phase + schedule.interval;
    }
    case model::Schedule::Kind::kCron:
      return NextCron(schedule, after);
  }
  return std::nullopt;
}

Duration PeriodAt(const model::Monitor& monitor, Timestamp at) {
  const model::Schedule& schedule = monitor.schedule;
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return Duration::zero();
    case model::Schedule::Kind::kInterval:
      return schedule.interval;
    case model::Schedule::Kind::kCron: {
      const std::optional<Timestamp> first = NextCron(schedule, at);
      if (!first) return Duration::zero();
      const std::optional<Timestamp> second = NextCron(schedule, *first);
      return second ? *second - *first : Duration::zero();
    }
  }
  return Duration::zero();
}

}  // namespace pharos::rules
