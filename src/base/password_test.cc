#include "base/password.h"

#include <gtest/gtest.h>

namespace pharos {
namespace {

TEST(PasswordTest, OnlyTheSamePasswordIsRight) {
  const std::string hash = HashPassword("open sesame");
  EXPECT_TRUE(VerifyPassword(hash, "open sesame"));
  EXPECT_FALSE(VerifyPassword(hash, "open sesame "));
  EXPECT_FALSE(VerifyPassword(hash, ""));
  EXPECT_NE(hash, HashPassword("open sesame")) << "each hash has its own salt";
}

TEST(PasswordTest, WhatIsNoHashMatchesNothing) {
  EXPECT_FALSE(VerifyPassword("", ""));
  EXPECT_FALSE(VerifyPassword("open sesame", "open sesame"));
}

}  // namespace
}  // namespace pharos
