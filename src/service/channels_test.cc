#include "service/channels.h"

#include <gtest/gtest.h>

#include "base/one_shot.h"
#include "net/testing/scripted_server.h"
#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/monitor_store.h"

namespace pharos::service {
namespace {

using model::Channel;
using model::ChannelScope;

class ChannelsTest : public testing::Test {
 protected:
  ~ChannelsTest() override { client_.reset(); }

  Channel Draft(const std::string& url = "https://hooks.example.org/") {
    Channel draft;
    draft.kind = "webhook";
    draft.name = "ops";
    draft.config.Set("url", url);
    return draft;
  }
  model::MonitorId AddMonitor(const std::string& tag, int64_t org = 1) {
    model::Monitor monitor;
    monitor.org = model::OrgId(org);
    monitor.uid = tag;
    monitor.tag = tag;
    monitor.name = tag;
    monitor.kind = "http";
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(monitor, house_.store->monitors().Insert(tx, monitor));
      return Ok();
    }));
    house_.directory.Put(monitor);
    return monitor.id;
  }
  Result<ChannelService::TestOutcome> RunTest(model::ChannelId id) {
    OneShot<Result<ChannelService::TestOutcome>> done;
    channels_.Test(house_.who, id, [&](auto outcome) { done.Set(std::move(outcome)); });
    return done.Take();
  }
  std::string FieldOf(Channel draft) {
    const auto made = channels_.Create(house_.who, std::move(draft));
    return made ? "" : made.error().fields.at(0).field;
  }

  TestHouse house_;
  net::OutboundPolicy policy_{net::OutboundSettings{}};
  notify::Catalog catalog_;
  std::unique_ptr<net::HttpClient> client_ =
      net::HttpClient::Start({}, policy_, house_.clock, house_.metrics).value();
  ChannelService channels_{*house_.context, catalog_, {client_.get(), &house_.clock}};
};

TEST_F(ChannelsTest, MakesChangesAndRemovesWithAnAuditTrail) {
  const auto made = channels_.Create(house_.who, Draft());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->org, house_.who.org);
  EXPECT_EQ(made->uid.size(), 36u);
  EXPECT_EQ(made->config.StringOr("format", ""), "pharos");
  EXPECT_EQ(channels_.GetByUid(house_.who, made->uid)->id, made->id);
  house_.clock.Advance(Seconds(5));
  const auto changed = channels_.Update(house_.who, made->id, [](Channel& channel) -> Status {
    channel.name = "night shift";
    channel.uid = "cannot change";
    channel.config.Set("secret", "s3cret-value");
    return Ok();
  });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->uid, made->uid);
  EXPECT_EQ(changed->updated_at, made->created_at + Seconds(5));
  EXPECT_EQ(channels_.Get(house_.who, made->id)->name, "night shift");
  ASSERT_TRUE(channels_.Delete(house_.who, made->id));
  EXPECT_EQ(channels_.Get(house_.who, made->id).error().message, "Channel not found");
  EXPECT_EQ(channels_.Delete(house_.who, made->id).error().kind, ErrorKind::kNotFound);
}

TEST_F(ChannelsTest, ProblemsNameTheirFields) {
  Channel draft = Draft();
  draft.name.clear();
  EXPECT_EQ(FieldOf(draft), "name");
  EXPECT_EQ(FieldOf(Draft("ftp://x/")), "config.url");
  draft = Draft();
  draft.kind = "pigeon";
  EXPECT_EQ(FieldOf(draft), "kind");
  draft = Draft();
  draft.scope = ChannelScope::kSubscription;
  draft.events = {"monitor.down", "monitor.exploded"};
  EXPECT_EQ(FieldOf(draft), "events");
  draft = Draft();
  draft.monitors = {model::MonitorId(4711)};
  EXPECT_EQ(FieldOf(draft), "monitors");
}

TEST_F(ChannelsTest, AFailedChangeWritesNothing) {
  const auto made = channels_.Create(house_.who, Draft());
  const auto refused = channels_.Update(house_.who, made->id, [](Channel& channel) -> Status {
    channel.name = "x";
    return Error(ErrorKind::kConflict, "no");
  });
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(channels_.Get(house_.who, made->id)->name, "ops");
}

TEST_F(ChannelsTest, AnotherOrganisationSeesNothing) {
  const auto made = channels_.Create(house_.who, Draft());
  model::Principal stranger = house_.who;
  stranger.org = model::OrgId(2);
  EXPECT_TRUE(channels_.List(stranger)->empty());
  EXPECT_FALSE(channels_.Get(stranger, made->id));
  EXPECT_FALSE(channels_.GetByUid(stranger, made->uid));
  EXPECT_FALSE(channels_.Delete(stranger, made->id));
  EXPECT_TRUE(channels_.Attempts(stranger, made->id, 10)->empty());
}

TEST_F(ChannelsTest, LinksExactlyTheChannelsOfAMonitor) {
  const model::MonitorId monitor = AddMonitor("web-shop");
  Channel draft = Draft();
  draft.scope = ChannelScope::kLinked;
  const auto a = channels_.Create(house_.who, draft);
  const auto b = channels_.Create(house_.who, draft);
  ASSERT_TRUE(channels_.SetChannelsOf(house_.who, monitor, {a->id}));
  ASSERT_TRUE(channels_.SetChannelsOf(house_.who, monitor, {b->id}));
  EXPECT_TRUE(channels_.Get(house_.who, a->id)->monitors.empty());
  EXPECT_EQ(channels_.Get(house_.who, b->id)->monitors, std::vector<model::MonitorId>{monitor});
  const auto unknown = channels_.SetChannelsOf(house_.who, monitor, {model::ChannelId(99)});
  EXPECT_EQ(unknown.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(channels_.Get(house_.who, b->id)->monitors.size(), 1u);
}

TEST_F(ChannelsTest, AMonitorOfAnotherOrganisationIsNotLinked) {
  model::Monitor theirs;
  theirs.id = model::MonitorId(500);
  theirs.org = model::OrgId(2);
  theirs.uid = theirs.tag = "theirs";
  house_.directory.Put(theirs);
  Channel draft = Draft();
  draft.scope = ChannelScope::kLinked;
  const auto made = channels_.Create(house_.who, draft);
  EXPECT_EQ(channels_.SetChannelsOf(house_.who, theirs.id, {made->id}).error().kind,
            ErrorKind::kNotFound);
  EXPECT_TRUE(channels_.Get(house_.who, made->id)->monitors.empty());
}

TEST_F(ChannelsTest, ATestIsSentAndLoggedAlsoThroughADisabledChannel) {
  net::ScriptedServer server(net::ScriptedServer::Answer(net::ScriptedServer::Ok("thanks")));
  Channel draft = Draft(server.Url("/hook"));
  draft.enabled = false;
  draft.config.Set("secret", "s3cret-value");
  const auto made = channels_.Create(house_.who, draft);
  const auto outcome = RunTest(made->id);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->delivered);
  EXPECT_EQ(outcome->status_code, 200);
  EXPECT_EQ(outcome->at, house_.clock.Now());
  ASSERT_EQ(server.Requests().size(), 1u);
  const auto attempts = channels_.Attempts(house_.who, made->id, 10).value();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].event, "test");
  EXPECT_EQ(attempts[0].error, "");
  EXPECT_NE(attempts[0].payload.find("This is a test of the channel"), std::string::npos);
  EXPECT_EQ(attempts[0].payload.find("s3cret"), std::string::npos);
  EXPECT_EQ(channels_.Get(house_.who, made->id)->last_tested_at, house_.clock.Now());
}

TEST_F(ChannelsTest, AFailedTestSaysWhyAndDisablesNothing) {
  net::ScriptedServer server(
      net::ScriptedServer::Answer("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"));
  const auto made = channels_.Create(house_.who, Draft(server.Url("/hook")));
  const auto outcome = RunTest(made->id);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->delivered);
  EXPECT_EQ(outcome->error, "HTTP 410");
  EXPECT_EQ(outcome->status_code, 410);
  EXPECT_TRUE(channels_.Get(house_.who, made->id)->enabled);
  EXPECT_EQ(RunTest(model::ChannelId(99)).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace pharos::service
