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

constexpr Duration kCronSpread = Seconds(10);

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

Duration SampleStep(const model::Monitor& monitor) {
  const model::Schedule& schedule = monitor.schedule;
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return Minutes(1);
    case model::Schedule::Kind::kInterval:
      return schedule.interval < Minutes(1) ? Seconds(1) : Minutes(1);
    case model::Schedule::Kind::kCron: {
      const Result<CronExpression> cron = CronExpression::Parse(schedule.cron);
      return cron && cron->HasSeconds() ? Seconds(1) : Minutes(1);
    }
  }
  return Minutes(1);
}

Duration StartSpread(const model::Monitor& monitor) {
  if (monitor.schedule.kind != model::Schedule::Kind::kCron) return Duration::zero();
  // Who asks for seconds wants them.
  if (SampleStep(monitor) < Minutes(1)) return Duration::zero();
  return PhaseOf(monitor.uid, kCronSpread);
}

double ChecksPerSecond(const model::Monitor& monitor) {
  const model::Schedule& schedule = monitor.schedule;
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return 0;
    case model::Schedule::Kind::kInterval:
      return schedule.interval <= Duration::zero() ? 0 : 1000.0 / ToMillis(schedule.interval);
    case model::Schedule::Kind::kCron:
      return 1.0 / 3600;  // what most say; a mean need not be exact
  }
  return 0;
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
