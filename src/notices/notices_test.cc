#include "notices/notices.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pharos::notices
