#include "notices/notices.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace pharos::notices {
namespace {

TEST(Board, TellsEverySubscriberUntilItsTokenGoes) {
  Board board;
  int first = 0;
  int second = 0;
  auto token1 =
      board.Subscribe([&](const std::vector<Notice>& n) { first += static_cast<int>(n.size()); });
  auto token2 = board.Subscribe([&](const std::vector<Notice>&) { ++second; });
  board.Publish({Notice{}, Notice{}});
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 1);
  token1.reset();
  board.Publish({Notice{}});
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 2);
}

TEST(Board, EmptyListsAreNotPublished) {
  Board board;
  int calls = 0;
  auto token = board.Subscribe([&](const std::vector<Notice>&) { ++calls; });
  board.Publish({});
  EXPECT_EQ(calls, 0);
}

TEST(Board, TokenMayOutliveTheBoard) {
  std::unique_ptr<Board::Token> token;
  {
    Board board;
    token = board.Subscribe([](const std::vector<Notice>&) {});
  }
  token.reset();
}

TEST(Board, WhenTheTokenIsGoneNobodyIsInsideTheCall) {
  Board board;
  std::promise<void> entered;
  std::promise<void> release;
  std::atomic<bool> gone{false};
  bool gone_inside = false;
  auto token = board.Subscribe([&](const std::vector<Notice>&) {
    entered.set_value();
    release.get_future().wait();
    gone_inside = gone;
  });
  std::thread publisher([&] { board.Publish({Notice{}}); });
  entered.get_future().wait();
  std::thread owner([&] {
    token.reset();
    gone = true;
  });
  // Gives a token that does not wait the time to go.
  for (int i = 0; i < 20'000 && !gone; ++i) std::this_thread::yield();
  release.set_value();
  publisher.join();
  owner.join();
  EXPECT_FALSE(gone_inside);
}

}  // namespace
}  // namespace pharos::notices
