#include "api/kener_v4/words.h"

#include <gtest/gtest.h>

namespace pharos::api::kener_v4 {
namespace {

TEST(Words, EveryOriginHasAWord) {
  for (int i = 0; i <= static_cast<int>(model::SampleOrigin::kBlind); ++i) {
    EXPECT_FALSE(OriginWord(static_cast<model::SampleOrigin>(i)).empty());
  }
  EXPECT_EQ(OriginWord(model::SampleOrigin::kSignal), "SIGNAL");
}

}  // namespace
}  // namespace pharos::api::kener_v4
