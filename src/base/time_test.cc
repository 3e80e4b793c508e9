#include "base/time.h"

#include <gtest/gtest.h>

#include <random>

#include "base/civil.h"
#include "base/clock.h"
#include "base/fake_clock.h"

namespace pharos {
namespace {

constexpr Timestamp kSample = FromUnixMicros(1'772'600'767'000'000 + 89'999);

TEST(TimeTest, FormatsEveryForm) {
  EXPECT_EQ(FormatIsoMillis(kSample), "2026-03-04T05:06:07.089Z");
  EXPECT_EQ(FormatIsoSeconds(kSample), "2026-03-04T05:06:07Z");
  EXPECT_EQ(FormatSqlSeconds(kSample), "2026-03-04 05:06:07");
  EXPECT_EQ(FormatHttpDate(kSample), "Wed, 04 Mar 2026 05:06:07 GMT");
  EXPECT_EQ(FormatHttpDate(FromUnixSeconds(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(TimeTest, FormatsTimesFarAway) {
  EXPECT_EQ(FormatIsoMillis(FromUnixMicros(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatIsoSeconds(FromUnixSeconds(-62135596800)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatIsoSeconds(FromUnixSeconds(253402300799)), "9999-12-31T23:59:59Z");
  EXPECT_EQ(FormatIsoSeconds(FromUnixMillis(8'640'000'000'000'000)), "275760-09-13T00:00:00Z");
  EXPECT_EQ(FormatIsoMillis(Timestamp::max()), "294247-01-10T04:00:54.775Z");
  EXPECT_EQ(FormatIsoMillis(Timestamp::min()), "-290308-12-21T19:59:05.224Z");
}

TEST(TimeTest, FloorsTowardsThePast) {
  EXPECT_EQ(FloorToMinute(FromUnixSeconds(119)), FromUnixSeconds(60));
  EXPECT_EQ(FloorToMinute(FromUnixSeconds(120)), FromUnixSeconds(120));
  EXPECT_EQ(FloorToMinute(FromUnixSeconds(-1)), FromUnixSeconds(-60));
  EXPECT_EQ(FloorTo(FromUnixSeconds(-900), Minutes(15)), FromUnixSeconds(-900));
  EXPECT_EQ(ToUnixSeconds(FromUnixMicros(-1)), -1);
  EXPECT_EQ(ToUnixMillis(FromUnixMicros(-1001)), -2);
  EXPECT_DOUBLE_EQ(ToMillis(Duration(1500)), 1.5);
}

struct IsoCase {
  const char* text;
  int64_t micros;
};

class ParseIsoTest : public testing::TestWithParam<IsoCase> {};

TEST_P(ParseIsoTest, Accepts) {
  const Result<Timestamp> t = ParseIso(GetParam().text);
  ASSERT_TRUE(t.has_value()) << GetParam().text;
  EXPECT_EQ(ToUnixMicros(*t), GetParam().micros) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseIsoTest,
    testing::Values(IsoCase{"2026-03-04T05:06:07Z", 1'772'600'767'000'000},
                    IsoCase{"2026-03-04t05:06:07z", 1'772'600'767'000'000},
                    IsoCase{"2026-03-04 05:06:07Z", 1'772'600'767'000'000},
                    IsoCase{"2026-03-04T05:06:07.5Z", 1'772'600'767'500'000},
                    IsoCase{"2026-03-04T05:06:07.000Z", 1'772'600'767'000'000},
                    IsoCase{"2026-03-04T05:06:07.123456Z", 1'772'600'767'123'456},
                    IsoCase{"2026-03-04T05:06:07.123456789Z", 1'772'600'767'123'456},
                    IsoCase{"2026-03-04T07:06:07+02:00", 1'772'600'767'000'000},
                    IsoCase{"2026-03-04T07:06:07.25+0200", 1'772'600'767'250'000},
                    IsoCase{"2026-03-04T07:06:07+02", 1'772'600'767'000'000},
                    IsoCase{"2026-03-03T19:36:07-09:30", 1'772'600'767'000'000},
                    IsoCase{"1970-01-01T00:00:00-00:00", 0},
                    IsoCase{"1969-12-31T23:59:59.999999Z", -1},
                    IsoCase{"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
                    IsoCase{"0001-01-01T00:00:00Z", -62'135'596'800'000'000},
                    IsoCase{"9999-12-31T23:59:59Z", 253'402'300'799'000'000}));

TEST(ParseIsoErrorTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-03-04",
                           "2026-03-04T05:06Z",
                           "2026-03-04T05:06:07",
                           "2026-3-4T05:06:07Z",
                           "2026-03-04T5:06:07Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-03-04T24:00:00Z",
                           "2026-03-04T05:60:07Z",
                           "2026-03-04T05:06:60Z",
                           "2026-03-04T05:06:07.Z",
                           "2026-03-04T05:06:07.1234567890Z",
                           "2026-03-04T05:06:07+",
                           "2026-03-04T05:06:07+2",
                           "2026-03-04T05:06:07+02:",
                           "2026-03-04T05:06:07+24:00",
                           "2026-03-04T05:06:07+02:60",
                           "2026-03-04T05:06:07ZZ",
                           " 2026-03-04T05:06:07Z",
                           "2026-03-04T05:06:07Z ",
                           "+2026-03-04T05:06:07Z",
                           "1772600767"}) {
    const Result<Timestamp> t = ParseIso(text);
    ASSERT_FALSE(t.has_value()) << text;
    EXPECT_EQ(t.error().kind, ErrorKind::kInvalid);
  }
}

TEST(TimePropertyTest, IsoRoundTripsMilliseconds) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const Timestamp t = FromUnixMillis(static_cast<int64_t>(random() % 253'402'300'800'000ULL) -
                                       static_cast<int64_t>(random() % 62'135'596'800'000ULL));
    const Result<Timestamp> back = ParseIso(FormatIsoMillis(t));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(*back, t);
  }
}

TEST(CivilTest, DaysAndDatesAreInverse) {
  for (int64_t day = -800'000; day < 3'000'000; day += 13) {
    const CivilDate date = CivilFromDays(day);
    ASSERT_EQ(DaysFromCivil(date), day);
    ASSERT_GE(date.day, 1U);
    ASSERT_LE(date.day, DaysInMonth(date.year, date.month));
  }
  EXPECT_EQ(DaysFromCivil({2000, 3, 1}), 11017);
  EXPECT_EQ(WeekdayOf({2026, 3, 4}), 3U);
  EXPECT_EQ(WeekdayOf({1969, 12, 28}), 0U);
  EXPECT_EQ(DaysInMonth(1900, 2), 28U);
  EXPECT_EQ(DaysInMonth(2000, 2), 29U);
}

TEST(DurationTest, ParsesUnits) {
  EXPECT_EQ(ParseDuration("90d").value(), Days(90));
  EXPECT_EQ(ParseDuration("12h").value(), Hours(12));
  EXPECT_EQ(ParseDuration("30m").value(), Minutes(30));
  EXPECT_EQ(ParseDuration("45s").value(), Seconds(45));
  EXPECT_EQ(ParseDuration("0s").value(), Seconds(0));
}

TEST(DurationTest, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const Result<Duration> d = ParseDuration(text);
    return d ? std::string("accepted") : d.error().message;
  };
  EXPECT_EQ(message(""), "the duration is empty");
  EXPECT_EQ(message("90"), "the duration needs a unit: d, h, m or s (for example 90d)");
  EXPECT_EQ(message("90 d"), "the duration needs a whole number before its unit");
  EXPECT_EQ(message("-1d"), "the duration needs a whole number before its unit");
  EXPECT_EQ(message("1.5h"), "the duration needs a whole number before its unit");
  EXPECT_EQ(message("d"), "the duration needs a whole number before its unit");
  EXPECT_EQ(message("99999999999d"), "the duration is too long");
  EXPECT_EQ(message("99999999999999999999s"), "the duration is too long");
}

TEST(ClockTest, SystemClockMovesForward) {
  const SystemClock clock;
  EXPECT_GT(clock.Now(), FromUnixSeconds(1'700'000'000));
  const MonotonicTime before = clock.Monotonic();
  EXPECT_LE(before, clock.Monotonic());
}

TEST(ClockTest, FakeClockMovesWhenTold) {
  FakeClock clock(FromUnixSeconds(100));
  const MonotonicTime start = clock.Monotonic();
  clock.Advance(Seconds(5));
  EXPECT_EQ(clock.Now(), FromUnixSeconds(105));
  EXPECT_EQ(clock.Monotonic() - start, Seconds(5));
  clock.JumpWallTo(FromUnixSeconds(1));
  EXPECT_EQ(clock.Now(), FromUnixSeconds(1));
  EXPECT_EQ(clock.Monotonic() - start, Seconds(5));
}

}  // namespace
}  // namespace pharos
