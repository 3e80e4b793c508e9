#include "service/samples.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pharos::service
