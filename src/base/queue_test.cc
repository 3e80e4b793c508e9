#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/one_shot.h"

namespace pharos {
namespace {

TEST(BoundedQueueTest, GivesItemsInOrder) {
  BoundedQueue<int> queue(8);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.TryPush(int{i}));
  EXPECT_EQ(queue.Size(), 5U);
  EXPECT_EQ(queue.PopBatch(3), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(queue.PopBatch(3), (std::vector<int>{3, 4}));
  EXPECT_EQ(queue.Size(), 0U);
}

TEST(BoundedQueueTest, RefusesWhenFullAndLeavesTheItem) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_EQ(queue.capacity(), 1U);
  EXPECT_TRUE(queue.TryPush(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.TryPush(std::move(second)));
  ASSERT_NE(second, nullptr);  // NOLINT: a refused push moves nothing
  EXPECT_EQ(*queue.PopBatch(1).front(), 1);
  EXPECT_TRUE(queue.TryPush(std::move(second)));
}

TEST(BoundedQueueTest, ClosedQueueDrainsThenAnswersEmpty) {
  BoundedQueue<int> queue(4);
  EXPECT_TRUE(queue.TryPush(1));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(2));
  EXPECT_EQ(queue.PopBatch(10), (std::vector<int>{1}));
  EXPECT_TRUE(queue.PopBatch(10).empty());
  queue.Close();
  EXPECT_TRUE(queue.PopBatch(10).empty());
}

TEST(BoundedQueueTest, CloseWakesWaitingConsumers) {
  BoundedQueue<int> queue(4);
  std::vector<std::thread> consumers;
  std::atomic<int> woken{0};
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] {
      if (queue.PopBatch(1).empty()) ++woken;
    });
  }
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(woken, 3);
}

TEST(BoundedQueueTest, ManyThreadsLoseAndDoubleNothing) {
  constexpr int kProducers = 3;
  constexpr int kConsumers = 3;
  constexpr int kItems = 5000;
  BoundedQueue<int> queue(16);
  std::vector<std::atomic<int>> seen(kProducers * kItems);
  std::vector<std::thread> consumers;
  for (int c = 0; c < kConsumers; ++c) {
    consumers.emplace_back([&] {
      for (;;) {
        const std::vector<int> batch = queue.PopBatch(7);
        if (batch.empty()) return;
        for (const int item : batch) ++seen[static_cast<size_t>(item)];
      }
    });
  }
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < kItems; ++i) {
        while (!queue.TryPush(p * kItems + i)) std::this_thread::yield();
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
  for (const std::atomic<int>& count : seen) ASSERT_EQ(count, 1);
}

TEST(OneShot, HandsAValueFromOneThreadToAnother) {
  for (int i = 0; i < 200; ++i) {
    OneShot<int> answer;
    std::thread giver([&] { answer.Set(i); });
    EXPECT_EQ(answer.Take(), i);
    giver.join();
  }
}

}  // namespace
}  // namespace pharos
