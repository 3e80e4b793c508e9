#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pharos {
namespace {

Timestamp At(std::string_view iso) {
  const Result<Timestamp> t = ParseIso(iso);
  EXPECT_TRUE(t.has_value()) << iso;
  return t.value_or(Timestamp{});
}

std::string Instant(std::string_view zone, CivilDate date, int hour, int minute) {
  const std::optional<Timestamp> t = ToInstant(zone, {date, hour * 3600 + minute * 60});
  return t ? FormatIsoSeconds(*t) : "skipped";
}

TEST(TimeZoneTest, KnowsNames) {
  for (const char* name : {"UTC", "Etc/UTC", "GMT", "Europe/Berlin", "America/New_York",
                           "Asia/Kolkata", "Asia/Calcutta", "America/Argentina/Buenos_Aires"}) {
    EXPECT_TRUE(IsTimeZone(name)) << name;
  }
  for (const char* name :
       {"", "Berlin", "europe/berlin", "Europe/Berlin ", "Europe", "../etc/passwd",
        "/etc/localtime", "Europe/../Europe/Berlin", "Mars/Olympus", "+02:00"}) {
    EXPECT_FALSE(IsTimeZone(name)) << name;
  }
}

TEST(TimeZoneTest, GivesOffsets) {
  EXPECT_EQ(UtcOffsetSeconds("Europe/Berlin", At("2026-01-15T00:00:00Z")), 3600);
  EXPECT_EQ(UtcOffsetSeconds("Europe/Berlin", At("2026-07-15T00:00:00Z")), 7200);
  EXPECT_EQ(UtcOffsetSeconds("Europe/Berlin", At("2026-03-29T00:59:59.999Z")), 3600);
  EXPECT_EQ(UtcOffsetSeconds("Europe/Berlin", At("2026-03-29T01:00:00Z")), 7200);
  EXPECT_EQ(UtcOffsetSeconds("America/St_Johns", At("2026-01-15T00:00:00Z")), -12600);
  EXPECT_EQ(UtcOffsetSeconds("Asia/Kathmandu", At("2026-01-15T00:00:00Z")), 20700);
  EXPECT_EQ(UtcOffsetSeconds("UTC", At("2026-07-15T00:00:00Z")), 0);
  EXPECT_EQ(UtcOffsetSeconds("", At("2026-07-15T00:00:00Z")), 0);
  EXPECT_EQ(UtcOffsetSeconds("Mars/Olympus", At("2026-07-15T00:00:00Z")), 0);
}

TEST(TimeZoneTest, GivesLocalDates) {
  EXPECT_EQ(LocalDate("Asia/Tokyo", At("2026-03-04T15:00:00Z")), (CivilDate{2026, 3, 5}));
  EXPECT_EQ(LocalDate("Asia/Tokyo", At("2026-03-04T14:59:59Z")), (CivilDate{2026, 3, 4}));
  EXPECT_EQ(LocalDate("America/Los_Angeles", At("2026-01-01T07:59:59Z")),
            (CivilDate{2025, 12, 31}));
  EXPECT_EQ(LocalDate({}, At("1969-12-31T23:59:59Z")), (CivilDate{1969, 12, 31}));
}

TEST(TimeZoneTest, FindsTheStartOfADay) {
  EXPECT_EQ(FormatIsoSeconds(StartOfLocalDay("Europe/Berlin", {2026, 7, 1})),
            "2026-06-30T22:00:00Z");
  EXPECT_EQ(FormatIsoSeconds(StartOfLocalDay("UTC", {2026, 7, 1})), "2026-07-01T00:00:00Z");
  // Beirut jumps from 00:00 to 01:00: the day begins at 01:00 local.
  EXPECT_EQ(FormatIsoSeconds(StartOfLocalDay("Asia/Beirut", {2026, 3, 29})),
            "2026-03-28T22:00:00Z");
  // Havana goes back from 01:00 to 00:00: the first midnight counts.
  EXPECT_EQ(FormatIsoSeconds(StartOfLocalDay("America/Havana", {2026, 11, 1})),
            "2026-11-01T04:00:00Z");
  // Samoa had no 30 December 2011.
  EXPECT_EQ(StartOfLocalDay("Pacific/Apia", {2011, 12, 30}),
            StartOfLocalDay("Pacific/Apia", {2011, 12, 31}));
}

TEST(TimeZoneTest, ConvertsLocalTimes) {
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 1, 15}, 9, 0), "2026-01-15T08:00:00Z");
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 3, 29}, 2, 30), "skipped");
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 3, 29}, 2, 0), "skipped");
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 3, 29}, 3, 0), "2026-03-29T01:00:00Z");
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 10, 25}, 2, 30), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Instant("Europe/Berlin", {2026, 10, 25}, 3, 0), "2026-10-25T02:00:00Z");
  EXPECT_EQ(Instant("Australia/Lord_Howe", {2026, 4, 5}, 1, 45), "2026-04-04T14:45:00Z");
  EXPECT_EQ(Instant("", {2026, 10, 25}, 2, 30), "2026-10-25T02:30:00Z");
}

TEST(TimeZoneTest, CountsDates) {
  EXPECT_EQ(AddDays({2026, 2, 28}, 1), (CivilDate{2026, 3, 1}));
  EXPECT_EQ(AddDays({2024, 2, 28}, 1), (CivilDate{2024, 2, 29}));
  EXPECT_EQ(AddDays({2026, 1, 1}, -1), (CivilDate{2025, 12, 31}));
  EXPECT_EQ(AddDays({2026, 1, 1}, 3650), (CivilDate{2035, 12, 30}));
  EXPECT_EQ(FormatDate({2026, 3, 4}), "2026-03-04");
  EXPECT_EQ(FormatDate({33, 3, 4}), "0033-03-04");
}

TEST(TimeZoneTest, ToleratesAbsurdTimes) {
  for (const Timestamp t : {Timestamp::min(), Timestamp::max()}) {
    EXPECT_LE(UtcOffsetSeconds("Europe/Berlin", t), 86400);
    EXPECT_NE(LocalDate("America/New_York", t).year, 1970);
  }
}

TEST(TimeZonePropertyTest, InstantsAndLocalTimesAgree) {
  std::mt19937_64 random(4);
  for (const char* zone : {"Europe/Berlin", "America/Havana", "Asia/Beirut", "Pacific/Apia",
                           "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}) {
    for (int round = 0; round < 2000; ++round) {
      const Timestamp t = FromUnixSeconds(static_cast<int64_t>(random() % 2'000'000'000));
      const CivilDate date = LocalDate(zone, t);
      const Timestamp start = StartOfLocalDay(zone, date);
      ASSERT_LE(start, t) << zone << " " << FormatIsoSeconds(t);
      ASSERT_EQ(LocalDate(zone, start), date) << zone << " " << FormatIsoSeconds(t);
      ASSERT_NE(LocalDate(zone, start - Seconds(1)), date) << zone << " " << FormatIsoSeconds(t);
      const int64_t local = ToUnixSeconds(t) + UtcOffsetSeconds(zone, t);
      const auto of_day = static_cast<int>(local - FloorDiv(local, 86400) * 86400);
      const std::optional<Timestamp> back = ToInstant(zone, {date, of_day});
      ASSERT_TRUE(back.has_value());
      ASSERT_LE(*back, t);  // the first of two, or the same
      ASSERT_EQ(ToUnixSeconds(*back) + UtcOffsetSeconds(zone, *back), local);
    }
  }
}

}  // namespace
}  // namespace pharos
