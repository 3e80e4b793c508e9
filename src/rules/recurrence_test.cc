#include "rules/recurrence.h"

#include <gtest/gtest.h>

#include <string>

namespace pharos::rules {
namespace {

Timestamp At(std::string_view text) { return ParseIso(text).value(); }

std::vector<std::string> Next(std::string_view rule, std::string_view dtstart,
                              std::string_view from, size_t max, std::string_view zone = "",
                              std::string_view to = "2060-01-01T00:00:00Z") {
  const auto parsed = ParseRecurrence(rule);
  if (!parsed) return {"refused"};
  std::vector<std::string> found;
  for (const Timestamp t : OccurrencesFrom(*parsed, At(dtstart), zone, At(from), At(to), max)) {
    found.push_back(FormatIsoSeconds(t));
  }
  return found;
}

struct Vector {
  const char* rule;
  const char* dtstart;
  std::vector<std::string> next;  // "11-23 03:00" is of 2026
  bool all = false;               // and no more after these
};

std::string Full(const std::string& text) {
  const std::string dated = text.size() == 11 ? "2026-" + text : text;
  return dated.substr(0, 10) + "T" + dated.substr(11) + ":00Z";
}

std::vector<Vector> References() {
  return {
      {"FREQ=DAILY;INTERVAL=2", "11-01 03:00", {"11-23 03:00", "11-25 03:00", "11-27 03:00"}},
      {"FREQ=DAILY;COUNT=25",
       "11-01 03:00",
       {"11-22 03:00", "11-23 03:00", "11-24 03:00", "11-25 03:00"},
       true},
      {"FREQ=DAILY;COUNT=5", "11-01 03:00", {}, true},
      {"FREQ=WEEKLY", "11-01 03:00", {"11-22 03:00", "11-29 03:00", "12-06 03:00"}},
      {"FREQ=WEEKLY;BYDAY=MO,WE,FR",
       "11-01 03:00",
       {"11-23 03:00", "11-25 03:00", "11-27 03:00", "11-30 03:00"}},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
       "11-02 22:00",
       {"11-30 22:00", "12-14 22:00", "12-28 22:00"}},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
       "11-02 22:00",
       {"11-22 22:00", "12-06 22:00", "12-20 22:00"}},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
       "11-02 22:00",
       {"11-29 22:00", "12-13 22:00", "12-27 22:00"}},
      {"FREQ=MONTHLY", "01-31 01:00", {"12-31 01:00", "2027-01-31 01:00", "2027-03-31 01:00"}},
      {"FREQ=MONTHLY;BYMONTHDAY=-1",
       "01-01 23:00",
       {"11-30 23:00", "12-31 23:00", "2027-01-31 23:00", "2027-02-28 23:00"}},
      {"FREQ=MONTHLY;BYDAY=1WE",
       "06-03 14:30",
       {"12-02 14:30", "2027-01-06 14:30", "2027-02-03 14:30"}},
      {"FREQ=MONTHLY;BYDAY=-1FR",
       "06-03 14:30",
       {"11-27 14:30", "12-25 14:30", "2027-01-29 14:30"}},
      {"FREQ=MONTHLY;BYDAY=5SU",
       "01-01 03:00",
       {"11-29 03:00", "2027-01-31 03:00", "2027-05-30 03:00"}},
      {"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
       "01-01 03:00",
       {"2027-01-01 03:00", "2027-04-01 03:00", "2027-07-01 03:00"}},
      {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
       "01-01 03:00",
       {"11-30 03:00", "12-31 03:00", "2027-01-29 03:00"}},
      {"FREQ=YEARLY", "2024-02-29 03:00", {"2028-02-29 03:00", "2032-02-29 03:00"}},
      {"FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
       "2020-01-01 03:00",
       {"2027-03-14 03:00", "2028-03-12 03:00"}},
      {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
       "2020-01-01 03:00",
       {"2027-01-04 03:00", "2028-01-03 03:00", "2029-01-01 03:00", "2029-12-31 03:00"}},
      {"FREQ=HOURLY;INTERVAL=6", "11-01 01:00", {"11-21 13:00", "11-21 19:00", "11-22 01:00"}},
      {"FREQ=MINUTELY;INTERVAL=90", "11-21 00:00", {"11-21 12:00", "11-21 13:30", "11-21 15:00"}},
      {"FREQ=DAILY;UNTIL=20261123", "11-01 03:00", {"11-22 03:00"}, true},
      {"FREQ=DAILY;UNTIL=20261123T030000Z", "11-01 03:00", {"11-22 03:00", "11-23 03:00"}, true},
      {"FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30",
       "11-01 03:00",
       {"11-21 17:30", "11-22 09:30", "11-22 17:30"}},
      {"FREQ=DAILY", "11-21 12:00", {"11-21 12:00", "11-22 12:00"}},
      {"FREQ=DAILY", "12-01 12:00", {"12-01 12:00", "12-02 12:00"}},
      {"FREQ=MINUTELY;COUNT=1", "11-21 12:00", {"11-21 12:00"}, true},
      {"BYDAY=SU", "01-01 03:00", {"11-22 03:00", "11-29 03:00", "12-06 03:00"}},
      {"FREQ=YEARLY;BYEASTER=1", "01-01 03:00", {"2027-03-29 03:00", "2028-04-17 03:00"}},
      {"FREQ=WEEKLY;BYDAY=FR;BYMONTHDAY=13", "01-01 03:00", {"2027-08-13 03:00"}},
      {"FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1", "11-01 01:10", {"11-21 12:30", "11-21 13:30"}},
      {"FREQ=MINUTELY;INTERVAL=20;BYHOUR=9;BYDAY=MO",
       "11-01 00:00",
       {"11-23 09:00", "11-23 09:20", "11-23 09:40", "11-30 09:00"}},
  };
}

// kener-v4.md 10.2: the next occurrences at or after 2026-11-21T12:00:00Z.
TEST(Recurrence, ReferenceOccurrences) {
  for (const Vector& v : References()) {
    std::vector<std::string> expected;
    for (const std::string& text : v.next) expected.push_back(Full(text));
    const size_t max = v.all ? v.next.size() + 5 : v.next.size();
    EXPECT_EQ(Next(v.rule, Full(v.dtstart), "2026-11-21T12:00:00Z", max), expected) << v.rule;
  }
}

TEST(Recurrence, AcceptsWhatTheTableAccepts) {
  for (const char* rule : {"FREQ=DAILY",
                           "FREQ=WEEKLY",
                           "FREQ=WEEKLY;BYDAY=MO,WE",
                           "FREQ=MONTHLY;BYDAY=1WE",
                           "FREQ=MONTHLY;BYMONTHDAY=-1",
                           "FREQ=YEARLY",
                           "FREQ=HOURLY",
                           "FREQ=MINUTELY;INTERVAL=90",
                           "FREQ=SECONDLY",
                           "freq=daily",
                           "FREQ=DAILY;UNTIL=20270101",
                           "FREQ=DAILY;UNTIL=20270101T030000",
                           "FREQ=DAILY;UNTIL=20270101T030000Z",
                           "FREQ=WEEKLY;WKST=SU",
                           "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
                           "FREQ=DAILY;BYHOUR=3",
                           "FREQ=DAILY;BYMINUTE=3",
                           "FREQ=DAILY;BYSECOND=3",
                           "FREQ=DAILY;BYMONTH=3",
                           "FREQ=YEARLY;BYWEEKNO=3",
                           "FREQ=YEARLY;BYYEARDAY=3",
                           "FREQ=YEARLY;BYEASTER=3",
                           "FREQ=DAILY;UNTIL=20270101;COUNT=3",
                           "BYDAY=SU",
                           "COUNT=1",
                           "FREQ=DAILY;COUNT=0",
                           "FREQ=DAILY;COUNT=abc",
                           "FREQ=DAILY;INTERVAL=0",
                           "FREQ=DAILY;BYMONTH=13",
                           "FREQ=DAILY;BYHOUR=99",
                           "FREQ=DAILY;BYMONTHDAY=32",
                           "FREQ=DAILY "}) {
    EXPECT_TRUE(ParseRecurrence(rule)) << rule;
  }
}

TEST(Recurrence, RefusesWhatTheTableRefuses) {
  for (const char* rule : {"FREQ=DAILY;INTERVAL=x",
                           "FREQ=DAILY;INTERVAL=2x",
                           "FREQ=DAILY;INTERVAL=-1",
                           "FREQ=DAILY;INTERVAL=1.5",
                           "every sunday",
                           "FREQ=NOPE",
                           "FREQ=",
                           "FREQ",
                           "=",
                           "X=Y",
                           "",
                           "FREQ=DAILY;FOO=1",
                           "FREQ=WEEKLY;BYDAY=XX",
                           "FREQ=WEEKLY;BYDAY=",
                           "FREQ=WEEKLY;BYDAY=mo",
                           "FREQ=MONTHLY;BYDAY=0MO",
                           "FREQ=DAILY;UNTIL=zzz",
                           "FREQ=DAILY;UNTIL=2026",
                           "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
                           "FREQ=DAILY;",
                           "FREQ=DAILY;;COUNT=2",
                           "FREQ=DAILY; COUNT=2",
                           "FREQ=DAILY,COUNT=2",
                           "RRULE:FREQ=DAILY",
                           "DTSTART:20260101T000000Z\nFREQ=DAILY",
                           " FREQ=DAILY"}) {
    const auto parsed = ParseRecurrence(rule);
    ASSERT_FALSE(parsed) << rule;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kInvalid) << rule;
    EXPECT_EQ(parsed.error().fields.at(0).field, "rrule") << rule;
  }
}

TEST(Recurrence, AcceptedButEmptyRulesHaveNoOccurrence) {
  for (const char* rule : {"FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=abc", "FREQ=DAILY;INTERVAL=0",
                           "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYHOUR=99",
                           "FREQ=DAILY;BYMONTHDAY=32", "FREQ=DAILY;UNTIL=20200101"}) {
    EXPECT_TRUE(Next(rule, "2026-11-01T03:00:00Z", "2026-11-01T03:00:00Z", 3).empty()) << rule;
  }
}

// None of these may take long; a test that hangs fails by its time limit.
TEST(Recurrence, HugeAndHopelessExpansionsEnd) {
  const std::string long_ago = "1970-01-01T00:00:00Z";
  const std::string from = "2026-11-21T12:00:00Z";
  EXPECT_EQ(Next("FREQ=SECONDLY", long_ago, from, 2),
            (std::vector<std::string>{"2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z"}));
  EXPECT_EQ(Next("FREQ=SECONDLY;INTERVAL=7;COUNT=1000000000", long_ago, from, 1).size(), 1u);
  EXPECT_EQ(Next("FREQ=SECONDLY;BYMONTH=6;BYMONTHDAY=30", long_ago, from, 1),
            (std::vector<std::string>{"2027-06-30T00:00:00Z"}));
  EXPECT_EQ(Next("FREQ=DAILY", "0001-01-01T00:00:00Z", from, 1).size(), 1u);
  for (const char* hopeless :
       {"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=12",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5", "FREQ=MONTHLY;BYSETPOS=300",
        "FREQ=SECONDLY;COUNT=999999999;BYMONTH=2;BYMONTHDAY=30"}) {
    EXPECT_TRUE(Next(hopeless, long_ago, from, 1, "Europe/Berlin").empty()) << hopeless;
  }
  EXPECT_EQ(Next("FREQ=YEARLY;INTERVAL=1000000000", from, from, 5).size(), 1u);
}

// Every second of every day of a year is too much for one period.
TEST(Recurrence, ManyTimesOfDayDoNotMultiplyWithoutEnd) {
  const auto all = [](int n) {
    std::string list;
    for (int i = 0; i < n; ++i) list += (i == 0 ? "" : ",") + std::to_string(i);
    return list;
  };
  const std::string times = ";BYHOUR=" + all(24) + ";BYMINUTE=" + all(60) + ";BYSECOND=" + all(60);
  const std::string from = "2026-11-21T12:00:00Z";
  EXPECT_EQ(Next("FREQ=DAILY" + times, from, from, 2, "Europe/Berlin").size(), 2u);
  for (const std::string frequency : {"YEARLY", "MONTHLY", "WEEKLY"}) {
    const std::string rule = "FREQ=" + frequency + ";COUNT=999999999" + times;
    EXPECT_TRUE(Next(rule + (frequency == "WEEKLY" ? "" : ";BYDAY=MO,TU"), "0001-01-01T00:00:00Z",
                     from, 1, "Europe/Berlin")
                    .empty())
        << frequency;
  }
  EXPECT_TRUE(Next("FREQ=HOURLY;COUNT=999999999;BYMINUTE=" + all(60) + ";BYSECOND=" + all(60),
                   "0001-01-01T00:00:00Z", from, 1, "Europe/Berlin")
                  .empty());
}

// Wall time stays when clocks change: 03:00 in Berlin is 01:00 UTC in summer and 02:00 in winter.
TEST(Recurrence, KeepsWallTimeOverDaylightSaving) {
  EXPECT_EQ(Next("FREQ=DAILY", "2026-10-20T01:00:00Z", "2026-10-24T00:00:00Z", 3, "Europe/Berlin"),
            (std::vector<std::string>{"2026-10-24T01:00:00Z", "2026-10-25T02:00:00Z",
                                      "2026-10-26T02:00:00Z"}));
  EXPECT_EQ(Next("FREQ=WEEKLY;BYDAY=SU", "2026-03-01T07:00:00Z", "2026-03-01T00:00:00Z", 3,
                 "America/New_York"),
            (std::vector<std::string>{"2026-03-01T07:00:00Z", "2026-03-08T07:00:00Z",
                                      "2026-03-15T06:00:00Z"}));
  // Southern hemisphere, a day ahead of UTC: Monday 08:30 there is Sunday in UTC.
  EXPECT_EQ(Next("FREQ=WEEKLY;BYDAY=MO", "2026-09-20T22:30:00Z", "2026-09-20T00:00:00Z", 3,
                 "Australia/Sydney"),
            (std::vector<std::string>{"2026-09-20T22:30:00Z", "2026-09-27T22:30:00Z",
                                      "2026-10-04T21:30:00Z"}));
}

TEST(Recurrence, SkippedAndRepeatedWallTimes) {
  // 02:30 does not exist in Berlin on 2026-03-29: read with the offset before, 01:30 UTC.
  EXPECT_EQ(Next("FREQ=DAILY", "2026-03-28T01:30:00Z", "2026-03-28T00:00:00Z", 3, "Europe/Berlin"),
            (std::vector<std::string>{"2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z",
                                      "2026-03-30T00:30:00Z"}));
  // 02:30 comes twice on 2026-10-25: the first one counts.
  EXPECT_EQ(Next("FREQ=DAILY", "2026-10-24T00:30:00Z", "2026-10-24T00:00:00Z", 3, "Europe/Berlin"),
            (std::vector<std::string>{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z",
                                      "2026-10-26T01:30:00Z"}));
  // A skipped time that falls upon another one is the same occurrence; the order stays.
  EXPECT_EQ(Next("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30", "2026-03-29T00:00:00Z",
                 "2026-03-29T00:00:00Z", 3, "Europe/Berlin"),
            (std::vector<std::string>{"2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z",
                                      "2026-03-30T00:00:00Z"}));
  // Finer rules go by elapsed time.
  EXPECT_EQ(Next("FREQ=HOURLY", "2026-10-24T23:30:00Z", "2026-10-24T23:30:00Z", 4, "Europe/Berlin"),
            (std::vector<std::string>{"2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z",
                                      "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"}));
}

TEST(Recurrence, UntilWithoutZoneIsWallTime) {
  EXPECT_EQ(Next("FREQ=DAILY;UNTIL=20260702T030000", "2026-06-30T01:00:00Z", "2026-07-01T00:00:00Z",
                 9, "Europe/Berlin"),
            (std::vector<std::string>{"2026-07-01T01:00:00Z", "2026-07-02T01:00:00Z"}));
}

// Starting late must find the same as going through everything from the start.
TEST(Recurrence, FastForwardFindsTheSame) {
  for (const char* rule :
       {"FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SA", "FREQ=MONTHLY;INTERVAL=5",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=1,12;BYDAY=-1MO", "FREQ=YEARLY;BYYEARDAY=-1,1",
        "FREQ=HOURLY;INTERVAL=7;BYDAY=SU", "FREQ=MINUTELY;INTERVAL=77;BYHOUR=23,0",
        "FREQ=YEARLY;BYWEEKNO=-1,1;BYDAY=SU,MO"}) {
    const auto all = Next(rule, "2019-12-31T23:10:00Z", "2019-01-01T00:00:00Z", 100'000,
                          "America/New_York", "2026-01-01T00:00:00Z");
    for (const char* from :
         {"2020-03-08T07:00:00Z", "2022-12-31T23:59:00Z", "2025-01-01T00:00:00Z"}) {
      std::vector<std::string> rest;
      for (const std::string& t : all) {
        if (t >= from) rest.push_back(t);
      }
      EXPECT_EQ(Next(rule, "2019-12-31T23:10:00Z", from, 100'000, "America/New_York",
                     "2026-01-01T00:00:00Z"),
                rest)
          << rule << " from " << from;
    }
  }
}

}  // namespace
}  // namespace pharos::rules
