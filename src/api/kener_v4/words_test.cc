#include "api/kener_v4/words.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace pharos::api::kener_v4 {
namespace {

TEST(Words, MonitorTypesRoundTrip) {
  std::set<std::string_view> words;
  std::set<std::string_view> kinds;
  for (const MonitorType type : kAllMonitorTypes) {
    EXPECT_EQ(ParseMonitorType(MonitorTypeWord(type)), type);
    EXPECT_EQ(TypeOfKind(KindOf(type)), type);
    words.insert(MonitorTypeWord(type));
    kinds.insert(KindOf(type));
  }
  EXPECT_EQ(words.size(), kAllMonitorTypes.size());
  EXPECT_EQ(kinds.size(), kAllMonitorTypes.size());
  EXPECT_EQ(ParseMonitorType("api"), std::nullopt);
  EXPECT_EQ(ParseMonitorType("FAX"), std::nullopt);
  EXPECT_EQ(TypeOfKind("domain"), std::nullopt);
}

TEST(Words, StatusesRoundTrip) {
  for (const model::Status status : model::kAllStatuses) {
    if (status == model::Status::kPartialOutage) continue;
    EXPECT_EQ(ParseStatusWord(StatusWord(status)), status);
  }
  EXPECT_EQ(StatusWord(model::Status::kPartialOutage), "DEGRADED");
  EXPECT_EQ(ParseStatusWord("up"), std::nullopt);
  EXPECT_EQ(ParseStatusWord("NONE"), std::nullopt);
}

TEST(Words, EveryOriginHasAWord) {
  for (int i = 0; i <= static_cast<int>(model::SampleOrigin::kBlind); ++i) {
    EXPECT_FALSE(OriginWord(static_cast<model::SampleOrigin>(i)).empty());
  }
  EXPECT_EQ(OriginWord(model::SampleOrigin::kSignal), "SIGNAL");
}

}  // namespace
}  // namespace pharos::api::kener_v4
