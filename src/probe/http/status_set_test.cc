#include "probe/http/status_set.h"

#include <gtest/gtest.h>

#include <string>

namespace pharos::probe {
namespace {

TEST(StatusSet, HoldsCodesRangesAndHundreds) {
  const auto set = StatusSet::Parse(" 200-204, 301 ,4xx,599-599 ");
  ASSERT_TRUE(set);
  for (int code : {200, 204, 301, 400, 499, 599}) EXPECT_TRUE(set->Contains(code)) << code;
  for (int code : {0, 199, 205, 300, 302, 399, 500, 598, 600}) {
    EXPECT_FALSE(set->Contains(code)) << code;
  }
}

TEST(StatusSet, DefaultRuleTakesRedirectsAndTooManyRequests) {
  const auto set = StatusSet::Parse("200-399,429");
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->Contains(429));
  EXPECT_TRUE(set->Contains(399));
  EXPECT_FALSE(set->Contains(428));
  EXPECT_FALSE(set->Contains(500));
}

TEST(StatusSet, RefusesWhatIsNoSet) {
  for (const char* text : {"", ",", "200,", "20", "2000", "abc", "099", "299-200", "200-", "-200",
                           "0xx", "2x", "xx2", "200-2xx", "+20", "200;201", "2xx-3xx"}) {
    EXPECT_FALSE(StatusSet::Parse(text)) << text;
  }
}

TEST(StatusSet, NamesTheWrongItem) {
  const auto set = StatusSet::Parse("200,ok");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().message,
            "\"ok\" is not a status code (200), a range (200-299) or a hundred (2xx)");
}

TEST(StatusSet, NumberOfItemsIsBounded) {
  std::string text = "200";
  for (int i = 0; i < 63; ++i) text += ",200";
  EXPECT_TRUE(StatusSet::Parse(text));
  EXPECT_FALSE(StatusSet::Parse(text + ",200"));
}

}  // namespace
}  // namespace pharos::probe
