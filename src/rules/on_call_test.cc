#include "rules/on_call.h"

#include <gtest/gtest.h>

namespace pharos::rules {
namespace {

Timestamp At(const char* text) { return ParseIso(text).value(); }

OnCallLayer Weekly() {
  OnCallLayer layer;
  layer.people = {"first", "second", "third"};
  layer.time_zone = "Europe/Berlin";
  layer.first_day = {2026, 3, 2};  // a Monday
  layer.handoff_second = 9 * 3600;
  return layer;
}

TEST(OnCall, WeeklyTurnsChangeAtLocalTime) {
  const OnCallPlan plan{{Weekly()}, {}};
  struct Row {
    const char* at;
    const char* person;  // "" = nobody
  };
  const Row rows[] = {
      {"2026-03-02T07:59:59Z", ""},      {"2026-03-02T08:00:00Z", "first"},
      {"2026-03-09T07:59:59Z", "first"}, {"2026-03-09T08:00:00Z", "second"},
      {"2026-03-23T08:00:00Z", "first"},  // the clocks change on 29 March
      {"2026-03-30T06:59:59Z", "first"}, {"2026-03-30T07:00:00Z", "second"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(OnCallAt(plan, At(row.at)).value_or(""), row.person) << row.at;
  }
}

TEST(OnCall, OverridesWin) {
  const OnCallPlan plan{{Weekly()},
                        {{"stand-in", At("2026-03-03T00:00:00Z"), At("2026-03-04T00:00:00Z")}}};
  EXPECT_EQ(OnCallAt(plan, At("2026-03-03T12:00:00Z")).value_or(""), "stand-in");
  EXPECT_EQ(OnCallAt(plan, At("2026-03-04T00:00:00Z")).value_or(""), "first");
}

TEST(OnCall, LayersFollowTheSun) {
  OnCallLayer day = Weekly();
  day.people = {"day"};
  day.from_second = 8 * 3600;
  day.to_second = 20 * 3600;
  day.weekdays = {1, 2, 3, 4, 5};
  OnCallLayer night = Weekly();
  night.people = {"night"};
  night.from_second = 20 * 3600;
  night.to_second = 8 * 3600;
  const OnCallPlan plan{{day, night}, {}};
  EXPECT_EQ(OnCallAt(plan, At("2026-03-03T12:00:00Z")).value_or(""), "day");
  EXPECT_EQ(OnCallAt(plan, At("2026-03-03T22:00:00Z")).value_or(""), "night");
  EXPECT_EQ(OnCallAt(plan, At("2026-03-07T12:00:00Z")).value_or(""), "");
}

TEST(OnCall, NobodyWithoutPeople) {
  OnCallLayer empty = Weekly();
  empty.people.clear();
  EXPECT_FALSE(OnCallAt({{empty}, {}}, At("2026-03-03T12:00:00Z")));
  EXPECT_FALSE(OnCallAt({}, At("2026-03-03T12:00:00Z")));
}

}  // namespace
}  // namespace pharos::rules
