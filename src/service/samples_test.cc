#include "service/samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "service/testing_house.h"
#include "store/history_store.h"

namespace pharos::service {
namespace {

using model::Sample;
using model::SampleOrigin;

class SamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    model::Monitor draft;
    draft.tag = "m";
    draft.name = "m";
    draft.kind = "manual";
    monitor_ = MonitorService(*house_.context).Create(house_.who, draft).value();
    minute_ = FloorToMinute(house_.clock.Now());
  }
  void Append(std::vector<Sample> samples) {
    std::vector<model::MonitorSample> rows;
    for (Sample& s : samples) rows.push_back({monitor_->id, std::move(s)});
    ASSERT_TRUE(house_.store->Write(
        [&](store::Transaction& tx) { return house_.store->history().Append(tx, rows); }));
  }
  static Sample At(Timestamp at, model::Status status, SampleOrigin origin) {
    Sample s;
    s.at = at;
    s.status = s.observed = status;
    s.origin = origin;
    return s;
  }
  std::vector<Sample> Read() {
    return service_.ReadMinutes(*monitor_, minute_, minute_ + Minutes(10)).value();
  }

  TestHouse house_;
  SampleService service_{*house_.context};
  MonitorPtr monitor_;
  Timestamp minute_;
};

TEST_F(SamplesTest, FastChecksShowAsTheirMinutesNewest) {
  Append({At(minute_ + Seconds(5), model::Status::kUp, SampleOrigin::kRealtime),
          At(minute_ + Seconds(50), model::Status::kDown, SampleOrigin::kRealtime),
          At(minute_ + Seconds(65), model::Status::kUp, SampleOrigin::kRealtime)});
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at, minute_);
  EXPECT_EQ(rows[0].status, model::Status::kDown);
  EXPECT_EQ(rows[1].at, minute_ + Minutes(1));
}

TEST_F(SamplesTest, SignalsStandAtTheirSecondAndNeverAtAMinuteStart) {
  Append({At(minute_, model::Status::kUp, SampleOrigin::kRealtime),
          At(minute_ + Milliseconds(250), model::Status::kUp, SampleOrigin::kSignal),
          At(minute_ + Milliseconds(20'700), model::Status::kUp, SampleOrigin::kSignal)});
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].origin, SampleOrigin::kRealtime);
  EXPECT_EQ(rows[1].at, minute_ + Seconds(1));
  EXPECT_EQ(rows[2].at, minute_ + Seconds(20));
}

TEST_F(SamplesTest, AHandWrittenMinuteStandsAboveFastChecks) {
  Append({At(minute_ + Seconds(5), model::Status::kUp, SampleOrigin::kRealtime)});
  ASSERT_TRUE(service_.WriteManual(*monitor_,
                                   {At(minute_, model::Status::kDegraded, SampleOrigin::kManual)}));
  const auto rows = Read();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].status, model::Status::kDegraded);
  EXPECT_EQ(service_.FindMinute(*monitor_, minute_).value()->origin, SampleOrigin::kManual);
  EXPECT_FALSE(service_.FindMinute(*monitor_, minute_ + Minutes(1)).value().has_value());
}

TEST_F(SamplesTest, NinetyDaysInOneCallAreAllThere) {
  std::vector<Sample> samples;
  for (int i = 0; i < 90 * 1440; ++i) {
    samples.push_back(At(minute_ - Minutes(i), model::Status::kUp, SampleOrigin::kManual));
  }
  ASSERT_TRUE(service_.WriteManual(*monitor_, std::move(samples)));
  EXPECT_EQ(service_.ReadMinutes(*monitor_, minute_ - Days(90), minute_ + Minutes(1))->size(),
            90u * 1440u);
}

TEST_F(SamplesTest, AWindowThatIsReadInPartsIsWhole) {
  constexpr int64_t kSeconds = 120'001;
  std::vector<Sample> fast;
  for (int64_t s = 0; s < kSeconds; ++s) {
    const bool last_of_minute = s % 60 == 59;
    fast.push_back(At(minute_ + Seconds(s),
                      last_of_minute ? model::Status::kDown : model::Status::kUp,
                      SampleOrigin::kRealtime));
  }
  Append(std::move(fast));
  const auto rows = service_.ReadMinutes(*monitor_, minute_, minute_ + Days(2)).value();
  ASSERT_EQ(rows.size(), 2'001u);
  for (size_t i = 0; i + 1 < rows.size(); ++i) {
    ASSERT_EQ(rows[i].at, minute_ + Minutes(static_cast<int64_t>(i)));
    ASSERT_EQ(rows[i].status, model::Status::kDown);
  }
}

TEST_F(SamplesTest, SetMinutesFillsARangeAndKeepsWhatStandsBeside) {
  Append({At(minute_ - Minutes(5), model::Status::kUp, SampleOrigin::kRealtime),
          At(minute_ - Minutes(1), model::Status::kUp, SampleOrigin::kRealtime)});
  MinuteEdit edit;
  edit.from = minute_ - Minutes(4) + Seconds(10);
  edit.to = minute_ - Minutes(1);
  edit.status = model::Status::kDown;
  edit.latency_ms = 100;
  edit.deviation_ms = 20;
  edit.message = "put right";
  EXPECT_EQ(service_.SetMinutes(house_.who, *monitor_, edit).value(), 3);
  const auto rows =
      service_.ReadMinutes(*monitor_, minute_ - Minutes(5), minute_ + Minutes(1)).value();
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].status, model::Status::kUp);
  for (size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(rows[i].status, model::Status::kDown);
    EXPECT_EQ(rows[i].origin, SampleOrigin::kManual);
    EXPECT_EQ(rows[i].message, "put right");
    EXPECT_GE(rows[i].latency_ms, 80);
    EXPECT_LE(rows[i].latency_ms, 120);
  }
  EXPECT_EQ(rows[4].status, model::Status::kUp);
}

TEST_F(SamplesTest, SetMinutesRefusesWhatItCannotDo) {
  const auto refusal = [&](const MinuteEdit& edit) {
    const auto done = service_.SetMinutes(house_.who, *monitor_, edit);
    return done || done.error().fields.empty() ? "" : done.error().fields[0].field;
  };
  MinuteEdit edit;
  edit.from = minute_;
  edit.to = minute_;
  EXPECT_EQ(refusal(edit), "from");
  edit.to = minute_ + Minutes(2);
  EXPECT_EQ(refusal(edit), "to");
  edit.from = minute_ - Minutes(SampleService::kMaxManualSamples + 1);
  edit.to = minute_;
  EXPECT_EQ(refusal(edit), "to");
  edit.from = minute_ - Minutes(1);
  edit.latency_ms = -1;
  EXPECT_EQ(refusal(edit), "latency_ms");
}

TEST_F(SamplesTest, OnAFastMonitorAnEditedMinuteCountsOnce) {
  model::Monitor fast = *monitor_;
  fast.schedule.kind = model::Schedule::Kind::kInterval;
  fast.schedule.interval = Seconds(10);
  std::vector<Sample> checks;
  for (int i = 0; i < 18; ++i) {
    checks.push_back(
        At(minute_ - Minutes(3) + Seconds(10 * i), model::Status::kUp, SampleOrigin::kRealtime));
  }
  Append(checks);
  MinuteEdit edit;
  edit.from = minute_ - Minutes(2);
  edit.to = minute_ - Minutes(1);
  edit.status = model::Status::kDown;
  EXPECT_EQ(service_.SetMinutes(house_.who, fast, edit).value(), 1);
  auto session = house_.store->Read().value();
  const auto samples =
      house_.store->history().Read(*session, monitor_->id, minute_ - Minutes(3), minute_).value();
  EXPECT_EQ(samples.size(), 13u);
}

TEST_F(SamplesTest, EraseTakesARangeOrOneStatusOfIt) {
  std::vector<Sample> samples;
  for (int day = 0; day < 100; ++day) {
    samples.push_back(At(minute_ - Days(day),
                         day % 4 == 0 ? model::Status::kDown : model::Status::kUp,
                         SampleOrigin::kRealtime));
  }
  std::reverse(samples.begin(), samples.end());
  Append(samples);
  ASSERT_TRUE(house_.store->history().Fold(minute_ - Days(10)));
  const auto erase = [&](Timestamp from, Timestamp to, std::optional<model::Status> status) {
    return service_.Erase(house_.who, *monitor_, from, to, status).value();
  };
  EXPECT_EQ(erase(minute_ - Days(49), minute_ - Days(9), model::Status::kDown), 10);
  EXPECT_EQ(erase(minute_ - Days(49), minute_ - Days(9), model::Status::kDown), 0);
  EXPECT_EQ(erase(minute_ - Days(4), minute_, std::nullopt), 4);
  EXPECT_EQ(erase(FromUnixSeconds(0), minute_ + Days(1), std::nullopt), 86);
  EXPECT_TRUE(service_.ReadMinutes(*monitor_, minute_ - Days(200), minute_ + Days(1))->empty());
  EXPECT_FALSE(service_.Erase(house_.who, *monitor_, minute_, minute_, std::nullopt));
}

TEST_F(SamplesTest, AFastMonitorsDaysGoInParts) {
  std::vector<Sample> fast;
  for (int i = 0; i < 60'000; ++i) {
    fast.push_back(At(minute_ - Seconds(i + 1), model::Status::kUp, SampleOrigin::kRealtime));
  }
  std::reverse(fast.begin(), fast.end());
  Append(fast);
  ASSERT_TRUE(house_.store->history().Fold(minute_));
  EXPECT_EQ(service_.Erase(house_.who, *monitor_, minute_ - Days(2), minute_, std::nullopt).value(),
            60'000);
  EXPECT_TRUE(service_.ReadMinutes(*monitor_, minute_ - Days(2), minute_)->empty());
}

// Days of a clock change have 23 and 25 hours; Nepal is 5:45 ahead.
TEST_F(SamplesTest, DaysOfAnyZoneHaveTheirMinutes) {
  const auto read = [&](std::string_view zone, CivilDate date) {
    return service_.ReadDay(*monitor_, zone, date).value();
  };
  house_.clock.JumpWallTo(FromUnixSeconds(1'793'000'000));  // 2026-10-26
  EXPECT_EQ(read("Europe/Berlin", {2026, 3, 29}).statuses.size(), 23U * 60);
  EXPECT_EQ(read("Europe/Berlin", {2026, 10, 25}).statuses.size(), 25U * 60);
  EXPECT_EQ(read("UTC", {2026, 10, 25}).statuses.size(), 24U * 60);
  const auto nepal = read("Asia/Kathmandu", {2026, 10, 1});
  EXPECT_EQ(FormatIsoSeconds(nepal.start), "2026-09-30T18:15:00Z");
  EXPECT_EQ(nepal.statuses.size(), 24U * 60);
  EXPECT_TRUE(read("UTC", {2026, 12, 1}).statuses.empty());
  EXPECT_FALSE(service_.ReadDay(*monitor_, "Nowhere/Land", {2026, 1, 1}));
  // Each hour of the long day once, also the one that the clock shows twice.
  const auto day = read("Europe/Berlin", {2026, 10, 25});
  std::vector<Sample> samples;
  for (int hour = 0; hour < 25; ++hour) {
    samples.push_back(At(day.start + Hours(hour), model::Status::kDown, SampleOrigin::kRealtime));
  }
  Append(samples);
  const auto filled = read("Europe/Berlin", {2026, 10, 25});
  EXPECT_EQ(filled.samples.size(), 25u);
  EXPECT_EQ(filled.counts.Of(model::Status::kDown), 25u);
  for (int hour = 0; hour < 25; ++hour) {
    EXPECT_EQ(filled.statuses[static_cast<size_t>(hour) * 60], model::Status::kDown);
    EXPECT_EQ(filled.statuses[static_cast<size_t>(hour) * 60 + 1], model::Status::kNoData);
  }
}

}  // namespace
}  // namespace pharos::service
