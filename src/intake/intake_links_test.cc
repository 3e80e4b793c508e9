// What monitors are to each other, through the whole door: groups and parents.

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "base/crypto.h"
#include "base/fake_clock.h"
#include "intake/intake.h"
#include "store/event_store.h"
#include "store/history_store.h"
#include "store/monitor_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/state_store.h"

namespace pharos::intake {
namespace {

using model::Status;

class IntakeLinksTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = store::OpenSqliteStore({.path = ":memory:"}, clock_, metrics_).value();
    Restart();
  }
  void TearDown() override { intake_->Stop(); }

  void Restart() {
    if (intake_ != nullptr) intake_->Stop();
    intake_ =
        Intake::Start(settings_, *store_, directory_, overlays_, board_, clock_, metrics_).value();
  }

  model::Monitor Add(const std::string& tag,
                     const std::function<void(model::Monitor&)>& change = {}) {
    model::Monitor m;
    m.uid = RandomUuid();
    m.org = model::OrgId(1);
    m.tag = m.name = tag;
    m.kind = "http";
    m.spec = Value(Value::Object{});
    m.schedule = {model::Schedule::Kind::kInterval, Minutes(1), "", ""};
    if (change) change(m);
    EXPECT_TRUE(store_->Write([&](store::Transaction& tx) -> pharos::Status {
      PHAROS_ASSIGN_OR_RETURN(m, store_->monitors().Insert(tx, m));
      return Ok();
    }));
    directory_.Put(m);
    return m;
  }
  model::Monitor AddGroup(const std::string& tag, const std::vector<std::string>& members) {
    return Add(tag, [&](model::Monitor& m) {
      m.kind = "group";
      Value::List list;
      for (const std::string& member : members) {
        Value one;
        one.Set("tag", member);
        list.push_back(std::move(one));
      }
      m.spec.Set("members", std::move(list));
    });
  }

  std::future<pharos::Status> Submit(model::CheckResult result) {
    auto promise = std::make_shared<std::promise<pharos::Status>>();
    auto future = promise->get_future();
    EXPECT_TRUE(intake_->Submit(std::move(result),
                                [promise](pharos::Status s) { promise->set_value(std::move(s)); }));
    return future;
  }
  static model::CheckResult ResultOf(const model::Monitor& monitor, Timestamp at, Status status) {
    model::CheckResult result;
    result.monitor = monitor.id;
    result.at = result.finished_at = at;
    result.observed = status;
    result.latency_ms = 20;
    return result;
  }
  void Report(const model::Monitor& monitor, Status status) {
    EXPECT_TRUE(Submit(ResultOf(monitor, clock_.Now(), status)).get());
  }
  void Tick(const model::Monitor& monitor) {
    model::CheckResult tick;
    tick.monitor = monitor.id;
    tick.at = clock_.Now();
    tick.source = model::ResultSource::kTick;
    tick.outcome = model::CheckOutcome::kNone;
    EXPECT_TRUE(Submit(tick).get());
  }
  model::MonitorState StateOf(const model::Monitor& monitor) {
    return intake_->states().Find(monitor.id).value_or(model::MonitorState{});
  }
  std::vector<model::Sample> Samples(const model::Monitor& monitor) {
    auto session = store_->Read().value();
    return store_->history()
        .Read(*session, monitor.id, FromUnixSeconds(0), clock_.Now() + Days(1))
        .value();
  }
  // "tag:to" of each event that people are told of; notices with their kind.
  std::vector<std::string> Told() {
    auto session = store_->Read().value();
    std::vector<std::string> told;
    const std::vector<model::Event> events =
        store_->events().ListAfter(*session, model::EventId(), 1'000).value();
    for (const model::Event& event : events) {
      if (!event.data.BoolOr("alert", false)) continue;
      std::string text = event.data.StringOr("tag", "") + ":" + event.data.StringOr("to", "");
      if (event.kind == model::kMonitorNotice) text += ":" + event.data.StringOr("notice", "");
      told.push_back(std::move(text));
    }
    return told;
  }

  FakeClock clock_;
  Metrics metrics_;
  IntakeSettings settings_;
  std::unique_ptr<store::Store> store_;
  store::MonitorDirectory directory_;
  OverlayBoard overlays_;
  notices::Board board_;
  std::unique_ptr<Intake> intake_;
};

using Lines = std::vector<std::string>;

// product.md 15.2, check 8, and 2.11.
TEST_F(IntakeLinksTest, Product152Check8AGroupFollowsItsMembersAtOnce) {
  std::vector<model::Monitor> members;
  for (const char* tag : {"a", "b", "c"}) members.push_back(Add(tag));
  const model::Monitor group = AddGroup("all", {"a", "b", "c"});
  for (const model::Monitor& member : members) Report(member, Status::kUp);
  EXPECT_EQ(StateOf(group).shown, Status::kUp);
  clock_.Advance(Minutes(1));
  Report(members[0], Status::kDown);
  EXPECT_EQ(StateOf(group).shown, Status::kDegraded);
  EXPECT_EQ(StateOf(group).message, "Down: a");
  EXPECT_EQ(StateOf(group).latency_ms, 20);
  Report(members[1], Status::kDown);
  Report(members[2], Status::kDown);
  EXPECT_EQ(StateOf(group).shown, Status::kDown);
  clock_.Advance(Minutes(1));
  for (const model::Monitor& member : members) Report(member, Status::kUp);
  EXPECT_EQ(StateOf(group).shown, Status::kUp);
}

TEST_F(IntakeLinksTest, ATickJudgesTheGroupAndItsHistoryHasEveryMinute) {
  const model::Monitor a = Add("a");
  Add("b");
  const model::Monitor group = AddGroup("all", {"a", "b"});
  Tick(group);
  EXPECT_EQ(StateOf(group).shown, Status::kNoData);
  EXPECT_EQ(StateOf(group).message, "No member has data");
  Report(a, Status::kUp);
  for (int n = 0; n < 3; ++n) {
    clock_.Advance(Minutes(1));
    Tick(group);
  }
  EXPECT_EQ(StateOf(group).shown, Status::kUp);
  EXPECT_EQ(Samples(group).size(), 4U);
}

TEST_F(IntakeLinksTest, GroupsWaitForConfirmationAndObeyOverlaysAndDefaults) {
  const model::Monitor a = Add("a");
  const model::Monitor slow = Add("slow", [](model::Monitor& m) {
    m.kind = "group";
    m.confirmation_threshold = 3;
    m.spec.Set("members", Value::List{[] {
                 Value one;
                 one.Set("tag", "a");
                 return one;
               }()});
  });
  Report(a, Status::kUp);
  Tick(slow);
  clock_.Advance(Minutes(1));
  Report(a, Status::kDown);
  Tick(slow);
  EXPECT_EQ(StateOf(slow).shown, Status::kUp) << "two looks in one minute count once";
  clock_.Advance(Minutes(1));
  Tick(slow);
  EXPECT_EQ(StateOf(slow).shown, Status::kUp);
  clock_.Advance(Minutes(1));
  Tick(slow);
  EXPECT_EQ(StateOf(slow).shown, Status::kDown);
}

TEST_F(IntakeLinksTest, PausedAndUnknownMembersAreLeftOut) {
  const model::Monitor a = Add("a");
  model::Monitor b = Add("b");
  const model::Monitor group = AddGroup("all", {"a", "b", "ghost"});
  Report(a, Status::kDown);
  Report(b, Status::kUp);
  EXPECT_EQ(StateOf(group).shown, Status::kDegraded);
  b.active = false;
  ++b.revision;
  directory_.Put(b);
  clock_.Advance(Minutes(1));
  Tick(group);
  EXPECT_EQ(StateOf(group).shown, Status::kDown);
}

// A hundred members that change together are one verdict, not a hundred.
TEST_F(IntakeLinksTest, AStormOfMembersIsOneVerdictPerBatch) {
  std::vector<model::Monitor> members;
  std::vector<std::string> tags;
  for (int i = 0; i < 100; ++i) {
    tags.push_back("m" + std::to_string(i));
    members.push_back(Add(tags.back()));
  }
  const model::Monitor group = AddGroup("all", tags);
  for (int round = 0; round < 2; ++round) {
    clock_.Advance(Minutes(1));
    std::vector<std::future<pharos::Status>> done;
    for (const model::Monitor& member : members) {
      done.push_back(
          Submit(ResultOf(member, clock_.Now(), round == 0 ? Status::kUp : Status::kDown)));
    }
    for (auto& one : done) EXPECT_TRUE(one.get());
  }
  EXPECT_EQ(StateOf(group).shown, Status::kDown);
  EXPECT_EQ(Samples(group).size(), 2U);
  EXPECT_LE(StateOf(group).transitions, 3 + 200) << "bounded by the batches";
}

TEST_F(IntakeLinksTest, AChildFailsAfterItsParent) {
  const model::Monitor router = Add("router");
  const model::Monitor shop = Add("shop", [&](model::Monitor& m) { m.parents = {router.id}; });
  Report(router, Status::kUp);
  Report(shop, Status::kUp);
  clock_.Advance(Minutes(1));
  Report(router, Status::kDown);
  Report(shop, Status::kDown);
  EXPECT_EQ(StateOf(shop).shown, Status::kNoData);
  EXPECT_EQ(StateOf(shop).message, "Unreachable: router is down");
  clock_.Advance(Minutes(1));
  Report(router, Status::kUp);
  Report(shop, Status::kUp);
  EXPECT_EQ(StateOf(shop).shown, Status::kUp);
  EXPECT_EQ(Told(), (Lines{"router:down", "router:up"}));
}

TEST_F(IntakeLinksTest, AChildFailsBeforeItsParentIsLookedAt) {
  const model::Monitor router = Add("router");
  const model::Monitor shop = Add("shop", [&](model::Monitor& m) { m.parents = {router.id}; });
  Report(router, Status::kUp);
  clock_.Advance(Seconds(20));
  Report(shop, Status::kUp);
  clock_.Advance(Seconds(60));
  Report(shop, Status::kDown);
  EXPECT_EQ(StateOf(shop).shown, Status::kDown);
  EXPECT_TRUE(Told().empty()) << "the router was not looked at since";
  clock_.Advance(Seconds(10));
  Report(router, Status::kDown);
  EXPECT_EQ(StateOf(shop).shown, Status::kNoData) << "in the same transaction as the parent";
  EXPECT_EQ(Told(), (Lines{"router:down"}));
  EXPECT_EQ(Samples(shop).back().status, Status::kNoData);
  EXPECT_EQ(Samples(shop).back().observed, Status::kDown);
}

TEST_F(IntakeLinksTest, AFailureOfTheChildAloneIsToldWhenTheParentIsFoundUp) {
  const model::Monitor router = Add("router");
  const model::Monitor shop = Add("shop", [&](model::Monitor& m) { m.parents = {router.id}; });
  Report(router, Status::kUp);
  clock_.Advance(Seconds(20));
  Report(shop, Status::kUp);
  clock_.Advance(Seconds(60));
  Report(shop, Status::kDown);
  Restart();
  EXPECT_NE(StateOf(shop).doubted_at, Timestamp{}) << "what waits survives a restart";
  clock_.Advance(Seconds(10));
  Report(router, Status::kUp);
  EXPECT_EQ(Told(), (Lines{"shop:down:late"}));
  EXPECT_EQ(StateOf(shop).doubted_at, Timestamp{});
}

TEST_F(IntakeLinksTest, ChainsAndSeveralWays) {
  const model::Monitor core = Add("core");
  const model::Monitor edge = Add("edge", [&](model::Monitor& m) { m.parents = {core.id}; });
  const model::Monitor backup = Add("backup");
  const model::Monitor shop =
      Add("shop", [&](model::Monitor& m) { m.parents = {edge.id, backup.id}; });
  for (const model::Monitor& one : {core, edge, backup, shop}) Report(one, Status::kUp);
  clock_.Advance(Minutes(1));
  Report(core, Status::kDown);
  Report(edge, Status::kDown);
  Report(backup, Status::kUp);
  Report(shop, Status::kDown);
  EXPECT_EQ(StateOf(edge).shown, Status::kNoData);
  EXPECT_EQ(StateOf(shop).shown, Status::kDown) << "the backup way was open";
  clock_.Advance(Minutes(1));
  Report(shop, Status::kUp);
  clock_.Advance(Minutes(1));
  Report(backup, Status::kDown);
  Report(shop, Status::kDown);
  EXPECT_EQ(StateOf(shop).shown, Status::kNoData) << "edge is unreachable, backup is down";
}

TEST_F(IntakeLinksTest, ParentsOfOtherOrganisationsAndPausedOnesSayNothing) {
  model::Monitor foreign = Add("foreign");
  model::Monitor shop = Add("shop", [&](model::Monitor& m) { m.parents = {foreign.id}; });
  Report(foreign, Status::kDown);
  foreign.active = false;
  ++foreign.revision;
  directory_.Put(foreign);
  Report(shop, Status::kDown);
  EXPECT_EQ(StateOf(shop).shown, Status::kDown);
}

// A cycle cannot be saved; should one stand in an image all the same, nothing runs away.
TEST_F(IntakeLinksTest, CyclesEnd) {
  model::Monitor a = Add("a");
  model::Monitor b = Add("b", [&](model::Monitor& m) { m.parents = {a.id}; });
  a.parents = {b.id};
  ++a.revision;
  directory_.Put(a);
  for (int n = 0; n < 3; ++n) {
    clock_.Advance(Minutes(1));
    Report(a, Status::kDown);
    Report(b, Status::kDown);
  }
  clock_.Advance(Minutes(1));
  Report(a, Status::kUp);
  Report(b, Status::kUp);
  EXPECT_EQ(StateOf(a).shown, Status::kUp);
  EXPECT_EQ(StateOf(b).shown, Status::kUp);
}

}  // namespace
}  // namespace pharos::intake
