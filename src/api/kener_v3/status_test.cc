#include "api/kener_v3/status.h"

#include <gtest/gtest.h>

#include "api/kener/js.h"
#include "api/kener_v3/envelope.h"

namespace pharos::api::kener_v3 {
namespace {

// kener-classic.md A.2
TEST(Status, UptimeTexts) {
  EXPECT_EQ(UptimeText(0, 0), "-");
  EXPECT_EQ(UptimeText(0, 3), "0");
  EXPECT_EQ(UptimeText(3, 3), "100");
  EXPECT_EQ(UptimeText(1, 2), "50");
  EXPECT_EQ(UptimeText(719, 720), "99.8611");
}

TEST(Loose, NumbersMayBeTexts) {
  const Value number(1.5), text("321"), junk("3x"), blank(""), flag(true);
  EXPECT_EQ(kener::LooseNumber(&number), 1.5);
  EXPECT_EQ(kener::LooseNumber(&text), 321);
  EXPECT_FALSE(kener::LooseNumber(&junk));
  EXPECT_FALSE(kener::LooseNumber(&blank));
  EXPECT_FALSE(kener::LooseNumber(&flag));
  EXPECT_FALSE(kener::LooseNumber(nullptr));
}

TEST(Loose, SecondsStayWithinOurTimes) {
  const Value fine(1778485320), negative(-1), far(1e300);
  EXPECT_EQ(LooseSeconds(&fine), 1778485320);
  EXPECT_FALSE(LooseSeconds(&negative));
  EXPECT_FALSE(LooseSeconds(&far));
}

TEST(Loose, TruthIsJavaScripts) {
  const Value zero(0), empty(""), no(false), list(Value::List{});
  EXPECT_FALSE(kener::IsTruthy(nullptr));
  EXPECT_FALSE(kener::IsTruthy(&zero));
  EXPECT_FALSE(kener::IsTruthy(&empty));
  EXPECT_FALSE(kener::IsTruthy(&no));
  EXPECT_TRUE(kener::IsTruthy(&list));
}

}  // namespace
}  // namespace pharos::api::kener_v3
