#include "base/cron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/civil.h"
#include "base/time_zone.h"

namespace pharos {
namespace {

Timestamp At(std::string_view iso) {
  const Result<Timestamp> t = ParseIso(iso);
  EXPECT_TRUE(t.has_value()) << iso;
  return t.value_or(Timestamp{});
}

CronExpression Parsed(std::string_view text) {
  Result<CronExpression> cron = CronExpression::Parse(text);
  EXPECT_TRUE(cron.has_value()) << text << ": " << (cron ? "" : cron.error().message);
  return cron ? *cron : CronExpression();
}

std::string Next(std::string_view text, std::string_view after, std::string_view zone = {}) {
  const std::optional<Timestamp> next = Parsed(text).NextAfter(At(after), zone);
  return next ? FormatIsoSeconds(*next) : "never";
}

std::string Message(std::string_view text) {
  const Result<CronExpression> cron = CronExpression::Parse(text);
  if (cron) return "";
  EXPECT_EQ(cron.error().kind, ErrorKind::kInvalid);
  return cron.error().message;
}

struct NextCase {
  const char* cron;
  const char* after;
  const char* expected;
};

class CronNextTest : public testing::TestWithParam<NextCase> {};

TEST_P(CronNextTest, GivesFirstMatchStrictlyAfter) {
  EXPECT_EQ(Next(GetParam().cron, GetParam().after), GetParam().expected) << GetParam().cron;
}

INSTANTIATE_TEST_SUITE_P(
    Utc, CronNextTest,
    testing::Values(NextCase{"* * * * *", "2026-03-04T05:06:07Z", "2026-03-04T05:07:00Z"},
                    NextCase{"* * * * *", "2026-03-04T05:06:00Z", "2026-03-04T05:07:00Z"},
                    NextCase{"* * * * *", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
                    NextCase{"*/5 * * * *", "2026-03-04T05:06:07Z", "2026-03-04T05:10:00Z"},
                    NextCase{"*/7 * * * *", "2026-03-04T05:56:00Z", "2026-03-04T06:00:00Z"},
                    NextCase{"5/15 * * * *", "2026-03-04T05:06:00Z", "2026-03-04T05:20:00Z"},
                    NextCase{"10-20/5 * * * *", "2026-03-04T05:15:00Z", "2026-03-04T05:20:00Z"},
                    NextCase{"1,31 8-9 * * *", "2026-03-04T08:31:00Z", "2026-03-04T09:01:00Z"},
                    NextCase{"0 0 1 1 *", "2026-03-04T05:06:07Z", "2027-01-01T00:00:00Z"},
                    NextCase{"0 0 29 2 *", "2026-03-04T05:06:07Z", "2028-02-29T00:00:00Z"},
                    NextCase{"0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
                    NextCase{"0 0 31 4,6 *", "2026-01-01T00:00:00Z", "never"},
                    NextCase{"0 0 31 2 *", "2026-01-01T00:00:00Z", "never"},
                    NextCase{"0 12 * JAN,jul *", "2026-03-04T05:06:07Z", "2026-07-01T12:00:00Z"},
                    NextCase{"0 9 * * MON-FRI", "2026-03-06T09:00:00Z", "2026-03-09T09:00:00Z"},
                    NextCase{"0 9 * * 7", "2026-03-04T00:00:00Z", "2026-03-08T09:00:00Z"},
                    NextCase{"0 9 * * 0", "2026-03-04T00:00:00Z", "2026-03-08T09:00:00Z"},
                    NextCase{"0 9 * * SAT-SUN", "2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z"},
                    NextCase{"0 9 ? * ?", "2026-03-04T10:00:00Z", "2026-03-05T09:00:00Z"},
                    NextCase{"0 */24 * * *", "2026-03-04T05:06:07Z", "2026-03-05T00:00:00Z"},
                    NextCase{"*/60 * * * *", "2026-03-04T05:06:07Z", "2026-03-04T06:00:00Z"},
                    NextCase{"  0   0\t* * *  ", "2026-03-04T05:06:07Z", "2026-03-05T00:00:00Z"},
                    NextCase{"30 * * * * *", "2026-03-04T05:06:30Z", "2026-03-04T05:07:30Z"},
                    NextCase{"*/20 59 23 * * *", "2026-03-04T23:59:40Z", "2026-03-05T23:59:00Z"},
                    NextCase{"* * * * * *", "2026-03-04T05:06:07.999Z", "2026-03-04T05:06:08Z"},
                    NextCase{"@hourly", "2026-03-04T05:06:07Z", "2026-03-04T06:00:00Z"},
                    NextCase{"@daily", "2026-03-04T05:06:07Z", "2026-03-05T00:00:00Z"},
                    NextCase{"@Midnight", "2026-03-04T05:06:07Z", "2026-03-05T00:00:00Z"},
                    NextCase{"@weekly", "2026-03-04T05:06:07Z", "2026-03-08T00:00:00Z"},
                    NextCase{"@monthly", "2026-03-04T05:06:07Z", "2026-04-01T00:00:00Z"},
                    NextCase{"@yearly", "2026-03-04T05:06:07Z", "2027-01-01T00:00:00Z"},
                    NextCase{"@annually", "2026-03-04T05:06:07Z", "2027-01-01T00:00:00Z"},
                    NextCase{"* * * * *", "1969-12-31T23:58:30Z", "1969-12-31T23:59:00Z"}));

TEST(CronTest, TwoRestrictedDayFieldsMatchEither) {
  // 2026-03-13 is a Friday.
  EXPECT_EQ(Next("0 0 13 * FRI", "2026-03-04T00:00:00Z"), "2026-03-06T00:00:00Z");
  EXPECT_EQ(Next("0 0 5 * FRI", "2026-03-04T00:00:00Z"), "2026-03-05T00:00:00Z");
}

TEST(CronTest, DayFieldThatBeginsWithStarRestrictsTheOther) {
  EXPECT_EQ(Next("0 0 13 * */5", "2026-03-04T00:00:00Z"), "2026-03-13T00:00:00Z");
  EXPECT_EQ(Next("0 0 */10 * MON", "2026-03-04T00:00:00Z"), "2026-05-11T00:00:00Z");
}

struct ErrorCase {
  const char* cron;
  const char* message;
};

class CronErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(CronErrorTest, NamesTheBadField) {
  EXPECT_EQ(Message(GetParam().cron), GetParam().message) << GetParam().cron;
}

INSTANTIATE_TEST_SUITE_P(
    All, CronErrorTest,
    testing::Values(ErrorCase{"", "expected 5 fields, or 6 with seconds first, not 0"},
                    ErrorCase{"* * * *", "expected 5 fields, or 6 with seconds first, not 4"},
                    ErrorCase{"* * * * * * *", "expected 5 fields, or 6 with seconds first, not 7"},
                    ErrorCase{"61 * * * *", "minute: 61 is out of 0-59"},
                    ErrorCase{"60 * * * * *", "second: 60 is out of 0-59"},
                    ErrorCase{"* 24 * * *", "hour: 24 is out of 0-23"},
                    ErrorCase{"* * 0 * *", "day of month: 0 is out of 1-31"},
                    ErrorCase{"* * 32 * *", "day of month: 32 is out of 1-31"},
                    ErrorCase{"* * * 13 *", "month: 13 is out of 1-12"},
                    ErrorCase{"* * * * 8", "day of week: 8 is out of 0-7"},
                    ErrorCase{"* * * FOO *", "month: 'FOO' is not understood"},
                    ErrorCase{"* * L * *", "day of month: 'L' is not understood"},
                    ErrorCase{"MON * * * *", "minute: 'MON' is not understood"},
                    ErrorCase{"1,,2 * * * *", "minute: a number is missing"},
                    ErrorCase{"1- * * * *", "minute: a number is missing"},
                    ErrorCase{"-5 * * * *", "minute: a number is missing"},
                    ErrorCase{"20-10 * * * *", "minute: range 20-10 runs backwards"},
                    ErrorCase{"*/0 * * * *", "minute: step '0' is not a number of 1-60"},
                    ErrorCase{"*/61 * * * *", "minute: step '61' is not a number of 1-60"},
                    ErrorCase{"*/ * * * *", "minute: step '' is not a number of 1-60"},
                    ErrorCase{"*/2/3 * * * *", "minute: step '2/3' is not a number of 1-60"},
                    ErrorCase{"*5 * * * *", "minute: '*5' is not understood"},
                    ErrorCase{"99999999999999999999 * * * *",
                              "minute: 99999999999999999999 is out of 0-59"},
                    ErrorCase{"@reboot", "'@reboot' is not a known short form"},
                    ErrorCase{"sometimes", "expected 5 fields, or 6 with seconds first, not 1"}));

TEST(CronTest, RefusesOverlongText) {
  EXPECT_EQ(Message(std::string(2000, '*')), "the expression is too long");
}

TEST(CronTest, HasSecondsMeansFasterThanAMinute) {
  EXPECT_FALSE(Parsed("* * * * *").HasSeconds());
  EXPECT_FALSE(Parsed("30 * * * * *").HasSeconds());
  EXPECT_TRUE(Parsed("*/10 * * * * *").HasSeconds());
}

TEST(CronTest, ReadsFieldsInTheZone) {
  EXPECT_EQ(Next("0 9 * * *", "2026-01-15T00:00:00Z", "Europe/Berlin"), "2026-01-15T08:00:00Z");
  EXPECT_EQ(Next("0 9 * * *", "2026-07-15T00:00:00Z", "Europe/Berlin"), "2026-07-15T07:00:00Z");
  EXPECT_EQ(Next("0 0 * * *", "2026-01-15T12:00:00Z", "Asia/Kathmandu"), "2026-01-15T18:15:00Z");
  EXPECT_EQ(Next("0 0 1 * *", "2026-01-31T12:00:00Z", "Pacific/Kiritimati"),
            "2026-02-28T10:00:00Z");
}

TEST(CronTest, SkippedLocalTimeDoesNotFire) {
  // Berlin skips 02:00-03:00 on 2026-03-29.
  EXPECT_EQ(Next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-30T00:30:00Z");
  EXPECT_EQ(Next("0 3 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(Next("*/30 * * * *", "2026-03-29T00:30:00Z", "Europe/Berlin"), "2026-03-29T01:00:00Z");
}

TEST(CronTest, RepeatedLocalTimeFiresOnce) {
  // Berlin repeats 02:00-03:00 on 2026-10-25: 00:00Z-01:00Z and 01:00Z-02:00Z.
  EXPECT_EQ(Next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Next("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-26T01:30:00Z");
  EXPECT_EQ(Next("30 2 * * *", "2026-10-25T01:10:00Z", "Europe/Berlin"), "2026-10-26T01:30:00Z");
  EXPECT_EQ(Next("0 3 * * *", "2026-10-25T01:10:00Z", "Europe/Berlin"), "2026-10-25T02:00:00Z");
}

TEST(CronTest, EveryHourHasNoGapWhenClocksGoBack) {
  EXPECT_EQ(Next("* * * * *", "2026-10-25T00:59:00Z", "Europe/Berlin"), "2026-10-25T01:00:00Z");
  EXPECT_EQ(Next("15 * * * *", "2026-10-25T00:15:00Z", "Europe/Berlin"), "2026-10-25T01:15:00Z");
  EXPECT_EQ(Next("15 * * * *", "2026-10-25T01:15:00Z", "Europe/Berlin"), "2026-10-25T02:15:00Z");
}

TEST(CronTest, MidnightThatIsSkipped) {
  // Beirut skips 00:00-01:00 on 2026-03-29.
  EXPECT_EQ(Next("0 0 * * *", "2026-03-28T12:00:00Z", "Asia/Beirut"), "2026-03-29T21:00:00Z");
  EXPECT_EQ(Next("0 * * * *", "2026-03-28T21:30:00Z", "Asia/Beirut"), "2026-03-28T22:00:00Z");
}

TEST(CronTest, MinuteRunsCoverEveryMinuteOfChangeDays) {
  const CronExpression cron = Parsed("* * * * *");
  for (const char* zone : {"Europe/Berlin", "America/Havana", "Australia/Lord_Howe"}) {
    for (const char* day :
         {"2026-03-07T12:00:00Z", "2026-03-28T12:00:00Z", "2026-04-04T00:00:00Z",
          "2026-10-03T12:00:00Z", "2026-10-24T12:00:00Z", "2026-10-31T12:00:00Z"}) {
      Timestamp t = At(day);
      for (int i = 0; i < 36 * 60; ++i) {
        const std::optional<Timestamp> next = cron.NextAfter(t, zone);
        ASSERT_TRUE(next.has_value());
        ASSERT_EQ(*next, t + Minutes(1)) << zone << " " << FormatIsoSeconds(t);
        t = *next;
      }
    }
  }
}

TEST(CronTest, UnknownZoneIsUtcAndAbsurdTimesHaveNoNext) {
  EXPECT_EQ(Next("0 9 * * *", "2026-01-15T00:00:00Z", "Mars/Olympus"), "2026-01-15T09:00:00Z");
  EXPECT_FALSE(Parsed("* * * * *").NextAfter(Timestamp::max(), "Europe/Berlin").has_value());
  EXPECT_FALSE(Parsed("* * * * *").NextAfter(Timestamp::min(), "Europe/Berlin").has_value());
}

// An expression of known sets, and an independent check whether a time matches it.
struct RandomCron {
  std::string text;
  std::vector<int> minutes, hours, days, months, weekdays;  // empty = '*'

  static bool Has(const std::vector<int>& set, int n) {
    return set.empty() || std::find(set.begin(), set.end(), n) != set.end();
  }
  bool Matches(int64_t local_seconds) const {
    const int64_t day = FloorDiv(local_seconds, 86400);
    const auto of_day = static_cast<int>(local_seconds - day * 86400);
    const CivilDate date = CivilFromDays(day);
    const bool day_ok = Has(days, static_cast<int>(date.day));
    const bool weekday_ok = Has(weekdays, static_cast<int>(WeekdayOf(date)));
    const bool either = !days.empty() && !weekdays.empty();
    return of_day % 60 == 0 && Has(minutes, of_day / 60 % 60) && Has(hours, of_day / 3600) &&
           Has(months, static_cast<int>(date.month)) &&
           (either ? day_ok || weekday_ok : day_ok && weekday_ok);
  }
};

RandomCron MakeCron(std::mt19937_64& random) {
  const auto field = [&](int low, int high, int star_of_10) {
    std::vector<int> set;
    if (static_cast<int>(random() % 10) < star_of_10) return set;
    const size_t count = 1 + random() % 4;
    for (size_t i = 0; i < count; ++i) {
      set.push_back(low + static_cast<int>(random() % static_cast<uint64_t>(high - low + 1)));
    }
    return set;
  };
  RandomCron cron;
  cron.minutes = field(0, 59, 2);
  cron.hours = field(0, 23, 4);
  cron.days = field(1, 28, 6);
  cron.months = field(1, 12, 8);
  cron.weekdays = field(0, 6, 6);
  for (const auto* set : {&cron.minutes, &cron.hours, &cron.days, &cron.months, &cron.weekdays}) {
    if (!cron.text.empty()) cron.text += ' ';
    if (set->empty()) cron.text += '*';
    for (size_t i = 0; i < set->size(); ++i) {
      cron.text += (i > 0 ? "," : "") + std::to_string((*set)[i]);
    }
  }
  return cron;
}

TEST(CronPropertyTest, NextIsAMatchAndNothingMatchesBefore) {
  std::mt19937_64 random(20260304);
  for (int round = 0; round < 400; ++round) {
    const RandomCron expected = MakeCron(random);
    const CronExpression cron = Parsed(expected.text);
    const Timestamp t = FromUnixMicros(static_cast<int64_t>(random() % 2'000'000'000'000'000ULL));
    const std::optional<Timestamp> next = cron.NextAfter(t);
    ASSERT_TRUE(next.has_value()) << expected.text;
    ASSERT_GT(*next, t);
    ASSERT_TRUE(expected.Matches(ToUnixSeconds(*next))) << expected.text;
    int64_t minute = FloorDiv(ToUnixSeconds(t), 60) * 60 + 60;
    const int64_t limit = std::min(ToUnixSeconds(*next), minute + 20 * 86400);
    for (; minute < limit; minute += 60) {
      ASSERT_FALSE(expected.Matches(minute)) << expected.text << " missed " << minute;
    }
  }
}

TEST(CronPropertyTest, NextInAZoneIsAMatchThere) {
  std::mt19937_64 random(42);
  const std::vector<std::string> zones = {"Europe/Berlin", "America/New_York",
                                          "Asia/Beirut",   "Australia/Lord_Howe",
                                          "Pacific/Apia",  "America/Sao_Paulo"};
  for (int round = 0; round < 1000; ++round) {
    const RandomCron expected = MakeCron(random);
    const std::string& zone = zones[random() % zones.size()];
    const CronExpression cron = Parsed(expected.text);
    const Timestamp t =
        FromUnixSeconds(1'200'000'000 + static_cast<int64_t>(random() % 700'000'000));
    const std::optional<Timestamp> next = cron.NextAfter(t, zone);
    ASSERT_TRUE(next.has_value()) << expected.text;
    ASSERT_GT(*next, t);
    ASSERT_TRUE(expected.Matches(ToUnixSeconds(*next) + UtcOffsetSeconds(zone, *next)))
        << expected.text << " in " << zone << " gave " << FormatIsoSeconds(*next);
  }
}

}  // namespace
}  // namespace pharos
