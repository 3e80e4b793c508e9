#include "base/opaque_id.h"

#include <gtest/gtest.h>

#include <set>

namespace pharos {
namespace {

TEST(OpaqueIdTest, EveryNumberComesBack) {
  std::set<std::string> seen;
  for (int64_t n = 1; n < 20'000; ++n) {
    const std::string text = EncodeOpaqueId("monitor", n);
    ASSERT_EQ(text.size(), kOpaqueIdLength);
    ASSERT_EQ(DecodeOpaqueId("monitor", text), n);
    ASSERT_TRUE(seen.insert(text).second);
  }
  const int64_t largest = (int64_t{1} << 60) - 1;
  EXPECT_EQ(DecodeOpaqueId("monitor", EncodeOpaqueId("monitor", largest)), largest);
}

TEST(OpaqueIdTest, NounsDiffer) {
  EXPECT_NE(EncodeOpaqueId("monitor", 1), EncodeOpaqueId("incident", 1));
  EXPECT_NE(EncodeOpaqueId("monitor", 1).substr(0, 6), EncodeOpaqueId("monitor", 2).substr(0, 6));
}

TEST(OpaqueIdTest, WhatNoNumberEncodesToIsRefused) {
  for (const char* text : {"", "short", "UPPERCASE000", "zzzzzzzzzzzz", "0123456789a!", "nope"}) {
    EXPECT_EQ(DecodeOpaqueId("monitor", text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pharos
