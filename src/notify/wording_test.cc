#include "notify/wording.h"

#include "notify/testing/channel_bench.h"

namespace pharos::notify {
namespace {

class WordingTest : public ChannelBench {
 protected:
  WordingTest() : ChannelBench("slack") {}
};

TEST_F(WordingTest, SubjectLinesSayWhatHappened) {
  EXPECT_EQ(SubjectLine(WordingOf(Down())), "[DOWN] Storefront");
  EXPECT_EQ(SubjectLine(WordingOf(Up())), "[UP] Storefront");
  Outgoing degraded = Down();
  degraded.message.Find("monitor")->Set("status", "degraded");
  EXPECT_EQ(SubjectLine(WordingOf(degraded)), "[WARNING] Storefront");
  EXPECT_EQ(SubjectLine(WordingOf(Test())), "[TEST] Test message");
  EXPECT_EQ(SubjectLine(WordingOf(IncidentCreated())), "[INCIDENT] Checkout declines <some> cards");
  Outgoing resolved = IncidentCreated();
  resolved.event = "incident.resolved";
  resolved.message.Find("incident")->Set("status", "resolved");
  EXPECT_EQ(SubjectLine(WordingOf(resolved)), "[RESOLVED] Checkout declines <some> cards");
  EXPECT_EQ(WordingOf(resolved).mood, Mood::kGood);
}

TEST_F(WordingTest, AFlappingMonitorIsCalledSo) {
  Outgoing down = Down();
  down.message.Set("flapping", ParseJson(R"({"settled":false,"changes":9})").value());
  const Wording flapping = WordingOf(down);
  EXPECT_EQ(flapping.headline, "Storefront is FLAPPING (it is DOWN)");
  EXPECT_TRUE(flapping.detail.starts_with("It changed 9 times in its last 20 checks."));
  EXPECT_EQ(SubjectLine(flapping), "[FLAPPING] Storefront");
  Outgoing up = Up();
  up.message.Set("flapping", ParseJson(R"({"settled":true,"changes":2})").value());
  EXPECT_EQ(WordingOf(up).headline, "Storefront has settled: it is UP");
  EXPECT_EQ(SubjectLine(WordingOf(up)), "[UP] Storefront");
}

TEST_F(WordingTest, MaintenanceSaysFromWhenToWhen) {
  Outgoing planned{"maintenance.scheduled", "event/4"};
  planned.message = ParseJson(R"({"at":"2026-03-04T10:01:00.000Z","maintenance":{"id":1,
"title":"Database move","starts_at":"2026-03-05T01:00:00.000Z",
"ends_at":"2026-03-05T02:00:00.000Z","monitors":[{"name":"API"},{"name":"Shop"}]}})")
                        .value();
  const Wording wording = WordingOf(planned);
  EXPECT_EQ(wording.headline, "Maintenance scheduled: Database move");
  EXPECT_EQ(wording.mood, Mood::kPlanned);
  EXPECT_EQ(wording.sender, "Pharos");
  ASSERT_EQ(wording.facts.size(), 4u);
  EXPECT_EQ(wording.facts[0].second, "2026-03-05 01:00:00 UTC");
  EXPECT_EQ(wording.facts[2].second, "API, Shop");
}

TEST_F(WordingTest, OneLineNeverBreaksAndKeepsItsLength) {
  Outgoing down = Down();
  down.message.Find("check")->Set("error", "first\nsecond");
  EXPECT_EQ(OneLine(WordingOf(down), 160),
            "Northwind: Storefront is DOWN - first second (09:30 UTC)");
  EXPECT_LE(OneLine(WordingOf(down), 40).size(), 40u);
}

TEST_F(WordingTest, AMessageWithoutFactsIsStillAMessage) {
  const Wording wording = WordingOf({"something.new", "k"});
  EXPECT_EQ(wording.headline, "something.new");
  EXPECT_EQ(TimeText(wording), "");
}

}  // namespace
}  // namespace pharos::notify
