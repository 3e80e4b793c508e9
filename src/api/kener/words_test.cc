#include "api/kener/words.h"

#include <gtest/gtest.h>

#include <set>

namespace pharos::api::kener {
namespace {

TEST(KenerWords, MonitorTypesRoundTrip) {
  std::set<std::string_view> kinds;
  for (const std::string_view word : kTypeWords) {
    EXPECT_EQ(TypeWord(KindOfType(word)), word);
    kinds.insert(KindOfType(word));
  }
  EXPECT_EQ(kinds.size(), kTypeWords.size());
  EXPECT_EQ(KindOfType("NONE"), "manual");
  EXPECT_EQ(KindOfType("api"), "");
  EXPECT_EQ(KindOfType("FAX"), "");
  EXPECT_EQ(TypeWord("domain"), "DOMAIN");
}

TEST(KenerWords, StatusesRoundTrip) {
  for (const model::Status status : model::kAllStatuses) {
    if (status == model::Status::kPartialOutage) continue;
    EXPECT_EQ(ParseStatusWord(StatusWord(status)), status);
  }
  EXPECT_EQ(StatusWord(model::Status::kPartialOutage), "DEGRADED");
  EXPECT_EQ(ParseStatusWord("up"), std::nullopt);
  EXPECT_EQ(ParseStatusWord("NONE"), std::nullopt);
}

TEST(KenerWords, IncidentStatesRoundTrip) {
  for (const std::string_view word : {"INVESTIGATING", "IDENTIFIED", "MONITORING", "RESOLVED"}) {
    ASSERT_TRUE(ParseIncidentStateWord(word));
    EXPECT_EQ(IncidentStateWord(*ParseIncidentStateWord(word)), word);
  }
  EXPECT_EQ(ParseIncidentStateWord("resolved"), std::nullopt);
}

}  // namespace
}  // namespace pharos::api::kener
