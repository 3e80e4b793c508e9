#include "page/live.h"

#include <gtest/gtest.h>

#include "page/testing_fixtures.h"

namespace pharos::page {
namespace {

using testing::Reply;
using testing::RespondTo;

class LiveHubTest : public ::testing::Test {
 protected:
  std::shared_ptr<Reply> Open(LiveHub& hub) {
    auto reply = std::make_shared<Reply>();
    hub.Open(RespondTo(reply), "", "v1");
    return reply;
  }

  Metrics metrics_;
};

TEST_F(LiveHubTest, FirstEventNamesTheVersion) {
  LiveHub hub(10, metrics_);
  const auto reply = Open(hub);
  ASSERT_NE(reply->stream, nullptr);
  EXPECT_EQ(reply->stream->text(), "retry: 5000\n\nevent: page\ndata: v1\n\n");
  EXPECT_EQ(reply->Header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(reply->Header("cache-control"), "no-store");
}

TEST_F(LiveHubTest, EveryReaderHearsEveryBroadcastAndTheSlowOneIsDropped) {
  LiveHub hub(2000, metrics_);
  std::vector<std::shared_ptr<Reply>> readers;
  for (int i = 0; i < 1500; ++i) readers.push_back(Open(hub));
  readers[700]->stream->set_capacity(10);
  hub.Broadcast("", "v2");
  hub.Broadcast("", "v3");
  EXPECT_EQ(hub.size(), 1499u);
  for (size_t i = 0; i < readers.size(); ++i) {
    if (i == 700) continue;
    const std::string text = readers[i]->stream->text();
    EXPECT_TRUE(text.ends_with("event: page\ndata: v2\n\nevent: page\ndata: v3\n\n")) << i;
  }
  EXPECT_FALSE(readers[700]->stream->IsOpen());
}

TEST_F(LiveHubTest, BeyondTheBoundReadersAreTurnedAway) {
  LiveHub hub(2, metrics_);
  const auto first = Open(hub);
  const auto second = Open(hub);
  const auto third = Open(hub);
  EXPECT_TRUE(third->sent);
  EXPECT_EQ(third->response.status, 503);
  EXPECT_EQ(third->Header("retry-after"), "60");
  first->stream->Close();  // left: its place is free
  EXPECT_NE(Open(hub)->stream, nullptr);
  EXPECT_EQ(hub.size(), 2u);
}

TEST_F(LiveHubTest, HeartbeatsAreCommentsAndFindTheGone) {
  LiveHub hub(10, metrics_);
  const auto stays = Open(hub);
  const auto leaves = Open(hub);
  leaves->stream->Close();
  hub.Heartbeat();
  EXPECT_TRUE(stays->stream->text().ends_with(": still here\n\n"));
  EXPECT_EQ(hub.size(), 1u);
}

TEST_F(LiveHubTest, CloseEndsAllAndRefusesNewOnes) {
  LiveHub hub(10, metrics_);
  const auto reply = Open(hub);
  hub.Close();
  EXPECT_FALSE(reply->stream->IsOpen());
  EXPECT_EQ(Open(hub)->response.status, 503);
}

}  // namespace
}  // namespace pharos::page
