#include "api/key_looker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace pharos::api {
namespace {

TEST(KeyLooker, ManyWhoAskShareOneLook) {
  std::atomic<int> looks = 0;
  std::promise<void> begun;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  KeyLooker looker([&] {
    if (++looks == 1) {
      begun.set_value();
      released.wait();
    }
  });
  std::atomic<int> served = 0;
  ASSERT_TRUE(looker.TryAsk([&] { ++served; }));
  begun.get_future().wait();
  // These came while a look was under way that may have missed their key.
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(looker.TryAsk([&] { served += looks >= 2 ? 1 : 0; }));
  release.set_value();
  looker.Stop();
  EXPECT_EQ(served, 501);
  EXPECT_EQ(looks, 2);
}

TEST(KeyLooker, OnlySoManyWait) {
  std::promise<void> begun;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> first = true;
  KeyLooker looker(
      [&] {
        if (first.exchange(false)) begun.set_value();
        released.wait();
      },
      2);
  ASSERT_TRUE(looker.TryAsk([] {}));
  begun.get_future().wait();
  EXPECT_TRUE(looker.TryAsk([] {}));
  EXPECT_TRUE(looker.TryAsk([] {}));
  EXPECT_FALSE(looker.TryAsk([] {}));
  release.set_value();
  looker.Stop();
  EXPECT_FALSE(looker.TryAsk([] {}));
}

}  // namespace
}  // namespace pharos::api
