#include "base/sealed.h"

#include <gtest/gtest.h>

#include <set>

#include "base/crypto.h"

namespace pharos {
namespace {

TEST(Sealed, OpensWithTheSameKeyAndPlaceAlone) {
  const Secret key(RandomBytes(kSealKeyBytes));
  const Secret other(RandomBytes(kSealKeyBytes));
  const std::string text("top\0secret", 10);
  const std::string sealed = Seal(key, text, "1/TOKEN");
  ASSERT_TRUE(Unseal(key, sealed, "1/TOKEN"));
  EXPECT_EQ(Unseal(key, sealed, "1/TOKEN")->Reveal(), text);
  EXPECT_FALSE(Unseal(other, sealed, "1/TOKEN"));
  EXPECT_FALSE(Unseal(key, sealed, "2/TOKEN"));
  EXPECT_FALSE(Unseal(Secret("short"), sealed, "1/TOKEN"));
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
}

TEST(Sealed, EveryDamageIsNoticed) {
  const Secret key(RandomBytes(kSealKeyBytes));
  const std::string sealed = Seal(key, "value", "place");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(Unseal(key, damaged, "place")) << i;
    EXPECT_FALSE(Unseal(key, sealed.substr(0, i), "place")) << i;
  }
}

TEST(Sealed, TheSameTextNeverLooksTheSame) {
  const Secret key(RandomBytes(kSealKeyBytes));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Seal(key, "", "place"));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Secret, CopiesAndMoves) {
  Secret first("a value that is longer than fifteen bytes");
  Secret copy = first;
  EXPECT_EQ(copy.Reveal(), first.Reveal());
  Secret moved = std::move(first);
  EXPECT_EQ(moved.Reveal(), copy.Reveal());
  EXPECT_TRUE(first.IsEmpty());  // NOLINT: what is left is part of the promise
  copy = Secret("short");
  EXPECT_EQ(copy.Reveal(), "short");
  moved = std::move(copy);
  EXPECT_EQ(moved.Reveal(), "short");
}

}  // namespace
}  // namespace pharos
