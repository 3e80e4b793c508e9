#include "service/day_bars.h"

#include <gtest/gtest.h>

namespace pharos::service {
namespace {

std::vector<DayBar> MakeDays(int count) {
  std::vector<DayBar> days(static_cast<size_t>(count));
  CivilDate date{2025, 2, 25};
  for (DayBar& day : days) {
    day.date = date;
    date = AddDays(date, 1);
  }
  return days;
}

void ExpectSame(const std::vector<DayBar>& a, const std::vector<DayBar>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].date, b[i].date) << i;
    EXPECT_EQ(a[i].counts, b[i].counts) << i;
    EXPECT_EQ(a[i].status, b[i].status) << i;
    EXPECT_FLOAT_EQ(static_cast<float>(a[i].latency_avg_ms),
                    static_cast<float>(b[i].latency_avg_ms));
  }
}

TEST(DayBars, GivesBackWhatItWasMadeOf) {
  std::vector<DayBar> days = MakeDays(90);
  uint32_t n = 1;
  for (size_t i = 3; i < days.size(); i += 1 + i % 4) {
    for (const model::Status status : model::kAllStatuses) {
      if ((i + static_cast<size_t>(status)) % 3 == 0) days[i].counts.Add(status, n *= 3);
    }
    days[i].latency_avg_ms = static_cast<double>(i) * 1.25;
    days[i].status = model::kAllStatuses[i % model::kAllStatuses.size()];
  }
  ExpectSame(DayBars(days).Unpack(), days);
  ExpectSame(DayBars(days).Last(30).Unpack(), {days.end() - 30, days.end()});
  ExpectSame(DayBars(days).Last(400).Unpack(), days);
}

TEST(DayBars, DaysWithoutSamplesAreKeptByNumber) {
  const std::vector<DayBar> days = MakeDays(400);
  const DayBars bars(days);
  EXPECT_EQ(bars.size(), 400u);
  ExpectSame(bars.Unpack(), days);
  bars.VisitSampled([](size_t, const DayBar&) { FAIL(); });
}

TEST(DayBars, NoDaysAtAll) {
  EXPECT_TRUE(DayBars().empty());
  EXPECT_TRUE(DayBars(std::vector<DayBar>()).Unpack().empty());
  EXPECT_TRUE(DayBars(MakeDays(5)).Last(0).empty());
}

TEST(DayBars, VisitsSampledDaysAlone) {
  std::vector<DayBar> days = MakeDays(10);
  days[2].counts.Add(model::Status::kUp, 1440);
  days[9].counts.Add(model::Status::kDown);
  std::vector<size_t> seen;
  DayBars(days).VisitSampled([&](size_t i, const DayBar& day) {
    seen.push_back(i);
    EXPECT_EQ(day.date, days[i].date);
  });
  EXPECT_EQ(seen, (std::vector<size_t>{2, 9}));
}

}  // namespace
}  // namespace pharos::service
