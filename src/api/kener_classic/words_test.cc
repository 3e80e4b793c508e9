#include "api/kener_classic/words.h"

#include <gtest/gtest.h>

namespace pharos::api::kener_classic {
namespace {

TEST(Words, TypesAreReadInAnyCase) {
  EXPECT_EQ(KindOfType("API"), "http");
  EXPECT_EQ(KindOfType("ssl"), "tls");
  EXPECT_EQ(KindOfType("FTP"), "");
  for (const std::string_view word : kTypeWords) EXPECT_EQ(TypeWord(KindOfType(word)), word);
  EXPECT_EQ(TypeWord("domain"), "DOMAIN");
}

TEST(Words, EveryStatusHasAWordThatCanBeAskedFor) {
  for (const model::Status status : model::kAllStatuses) {
    const auto& words = kStatusWords;
    EXPECT_NE(std::find(words.begin(), words.end(), StatusWord(status)), words.end());
  }
}

TEST(Words, IncidentWordsRoundTrip) {
  for (const std::string_view word : kIncidentWords) {
    ASSERT_TRUE(ParseIncidentWord(word));
    EXPECT_EQ(IncidentWord(*ParseIncidentWord(word)), word);
  }
  for (const std::string_view word : kImpactWords) {
    ASSERT_TRUE(ParseImpactWord(word));
    EXPECT_EQ(ImpactWord(*ParseImpactWord(word)), word);
  }
  EXPECT_FALSE(ParseIncidentWord("done"));
  EXPECT_FALSE(ParseImpactWord("huge"));
}

TEST(Words, IdsAreReadWithAndWithoutPrefix) {
  const std::string text = MonitorIdText(model::MonitorId(41));
  EXPECT_TRUE(text.starts_with("mon_"));
  EXPECT_EQ(ParseMonitorIdText(text), model::MonitorId(41));
  EXPECT_EQ(ParseMonitorIdText(text.substr(4)), model::MonitorId(41));
  EXPECT_FALSE(ParseMonitorIdText("mon_zzzzzz"));
  EXPECT_FALSE(ParseMonitorIdText(""));
}

TEST(Words, StatusOfAMonitorKnowsPausesAndWhatCameBefore) {
  model::Monitor monitor;
  EXPECT_EQ(ShownStatus(monitor, std::nullopt), "pending");
  model::MonitorState state;
  state.shown = model::Status::kUp;
  state.last_result_at = FromUnixSeconds(1'000'000);
  EXPECT_EQ(ShownStatus(monitor, state), "up");
  Value own;
  own.Set("resumed_at_ms", int64_t{1'000'000'001});
  monitor.notes.Set(kNotes, own);
  EXPECT_EQ(ShownStatus(monitor, state), "pending");
  state.last_result_at = FromUnixMillis(1'000'000'001);
  EXPECT_EQ(ShownStatus(monitor, state), "up");
  monitor.active = false;
  EXPECT_EQ(ShownStatus(monitor, state), "paused");
}

}  // namespace
}  // namespace pharos::api::kener_classic
