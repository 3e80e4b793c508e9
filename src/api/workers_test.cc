#include "api/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace pharos::api {
namespace {

TEST(Workers, RunsEverythingThatWasAccepted) {
  std::atomic<int> ran = 0;
  Workers workers(3, 1000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(workers.TryPost([&] { ++ran; }));
  workers.Stop();
  EXPECT_EQ(ran, 500);
}

TEST(Workers, RefusesWhenFullAndAfterStop) {
  std::promise<void> release;
  std::promise<void> started;
  std::shared_future<void> gate = release.get_future().share();
  Workers workers(1, 2);
  ASSERT_TRUE(workers.TryPost([&] {
    started.set_value();
    gate.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(workers.TryPost([] {}));
  EXPECT_TRUE(workers.TryPost([] {}));
  EXPECT_FALSE(workers.TryPost([] {}));
  release.set_value();
  workers.Stop();
  EXPECT_FALSE(workers.TryPost([] {}));
  workers.Stop();
}

}  // namespace
}  // namespace pharos::api
