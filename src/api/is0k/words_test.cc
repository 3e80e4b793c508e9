#include "api/is0k/words.h"

#include <gtest/gtest.h>

#include "api/is0k/plans.h"

namespace pharos::api::is0k {
namespace {

using model::Status;

TEST(Words, TypesAndTheirAliases) {
  EXPECT_EQ(KindOfType("HTTPS"), "http");
  EXPECT_EQ(KindOfType("icmp"), "ping");
  EXPECT_EQ(KindOfType("Port"), "tcp");
  EXPECT_EQ(KindOfType("ssl"), "tls");
  EXPECT_EQ(KindOfType("gopher"), "");
  EXPECT_EQ(TypeWord("http"), "http");
  EXPECT_EQ(TypeWord("tls"), "ssl");
  EXPECT_EQ(TypeWord("heartbeat"), "");
}

TEST(Words, StateOfAMonitor) {
  model::Monitor monitor;
  model::MonitorState state;
  EXPECT_EQ(MonitorWord(monitor, state), "pending");
  state.last_result_at = FromUnixMillis(2000);
  state.shown = state.observed = Status::kDown;
  EXPECT_EQ(MonitorWord(monitor, state), "down");
  // A maintenance is no state here: what was measured shows through.
  state.shown = Status::kMaintenance;
  state.observed = Status::kDegraded;
  EXPECT_EQ(MonitorWord(monitor, state), "degraded");
  Value notes;
  notes.Set("resumed_at_ms", 2001);
  monitor.notes.Set("is0k", notes);
  EXPECT_EQ(MonitorWord(monitor, state), "pending");
  monitor.active = false;
  EXPECT_EQ(MonitorWord(monitor, state), "paused");
}

TEST(Words, EveryWordReadsBack) {
  for (const auto* word : {"investigating", "identified", "monitoring", "resolved"}) {
    EXPECT_EQ(StateWord(ParseState(word).value()), word);
  }
  for (const auto* word : {"minor", "major", "critical"}) {
    EXPECT_EQ(SeverityWord(ParseSeverity(word).value()), word);
  }
  for (const auto* word : {"public", "password", "private"}) {
    EXPECT_EQ(VisibilityWord(ParseVisibility(word).value()), word);
  }
  for (const auto* word : {"up", "down", "degraded"}) {
    EXPECT_EQ(CheckWord(ParseCheckWord(word).value()), word);
  }
  EXPECT_FALSE(ParseState("open").has_value());
  EXPECT_FALSE(ParseSeverity("huge").has_value());
  EXPECT_FALSE(ParseVisibility("internal").has_value());
  EXPECT_FALSE(ParseCheckWord("pending").has_value());
}

TEST(Plans, FollowTheTable) {
  EXPECT_EQ(PlanOf("").name, "enterprise");
  EXPECT_EQ(PlanOf("free").min_interval_s, 300);
  EXPECT_FALSE(PlanOf("free").has_chat_channels);
  EXPECT_FALSE(PlanOf("hobby").has_api);
  EXPECT_TRUE(PlanOf("hobby").has_chat_channels);
  EXPECT_TRUE(PlanOf("hobby").has_tcp_and_ping);
  EXPECT_FALSE(PlanOf("hobby").has_dns_and_ssl);
  EXPECT_FALSE(PlanOf("pro").has_sms);
  EXPECT_TRUE(PlanOf("business").has_sms);
  EXPECT_EQ(PlanOf("business").max_pages, 20);
}

}  // namespace
}  // namespace pharos::api::is0k
