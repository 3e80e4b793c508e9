#include "api/kener/requests.h"

#include <gtest/gtest.h>

namespace pharos::api::kener {
namespace {

TEST(KenerRequests, SegmentBelowApi) {
  EXPECT_EQ(SegmentBelowApi("/api/monitors"), "monitors");
  EXPECT_EQ(SegmentBelowApi("/kener/api/monitors/1"), "monitors");
  EXPECT_EQ(SegmentBelowApi("/api/"), "");
  EXPECT_EQ(SegmentBelowApi("/api"), "");
  EXPECT_EQ(SegmentBelowApi("/monitors"), "");
}

}  // namespace
}  // namespace pharos::api::kener
