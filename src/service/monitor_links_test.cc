#include "service/monitor_links.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/one_shot.h"
#include "service/heartbeats.h"
#include "service/monitors.h"
#include "service/testing_house.h"

namespace pharos::service {
namespace {

class MonitorLinksTest : public testing::Test {
 protected:
  static model::Monitor Draft(const std::string& tag) {
    model::Monitor m;
    m.tag = m.name = tag;
    m.kind = "http";
    m.spec.Set("url", "http://127.0.0.1:1/");
    return m;
  }
  static model::Monitor Group(const std::string& tag, std::string_view spec) {
    model::Monitor m = Draft(tag);
    m.kind = "group";
    m.spec = ParseJson(spec).value();
    return m;
  }
  MonitorPtr Make(model::Monitor draft) {
    auto made = service_.Create(house_.who, std::move(draft));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
  }
  // "field: message" of a refusal, "" when it is fine.
  static std::string Why(const Result<MonitorPtr>& result) {
    if (result) return "";
    const Error& error = result.error();
    return error.fields.empty() ? error.message
                                : error.fields[0].field + ": " + error.fields[0].message;
  }
  std::string WhyNotParents(const std::string& tag, std::vector<model::MonitorId> parents) {
    return Why(service_.Update(house_.who, tag, [&](model::Monitor& m) {
      m.parents = parents;
      return Ok();
    }));
  }

  TestHouse house_;
  MonitorService service_{*house_.context};
};

// product.md 2.11
TEST_F(MonitorLinksTest, MembersExistAndAreNoGroups) {
  Make(Draft("a"));
  Make(Draft("b"));
  model::Monitor paused = Draft("paused");
  paused.active = false;
  Make(paused);
  Make(Group("fine", R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.5}]})"));
  const std::pair<const char*, const char*> rows[] = {
      {R"({"members":[{"tag":"a"}]})", "spec.members: a group needs at least two members"},
      {R"({"members":[{"tag":"a"},{"tag":"ghost"}]})", "spec.members: there is no monitor 'ghost'"},
      {R"({"members":[{"tag":"a"},{"tag":"paused"}]})", ""},
      {R"({"members":[{"tag":"a"},{"tag":"fine"}]})",
       "spec.members: 'fine' is a group itself; name its members instead"},
      {R"({"members":[{"tag":"a","weight":0.5},{"tag":"b","weight":0.4}]})",
       "spec.members: must have weights that sum to 1"},
  };
  for (const auto& [spec, why] : rows) {
    EXPECT_EQ(Why(service_.Create(house_.who, Group("another", spec))), why);
  }
  EXPECT_EQ(Why(service_.Create(house_.who, Group("empty", "{}"))), "") << "legal, has no data";
  ASSERT_TRUE(service_.Update(house_.who, "b", [](model::Monitor& m) {
    m.active = false;
    return Ok();
  }));
  EXPECT_EQ(Why(service_.Update(house_.who, "fine",
                                [](model::Monitor& m) {
                                  m.name = "Renamed";
                                  return Ok();
                                })),
            "")
      << "a member that was paused since does not stand in the way";
}

TEST_F(MonitorLinksTest, ParentsAreCheckedAndCyclesRefused) {
  const MonitorPtr a = Make(Draft("a"));
  const MonitorPtr b = Make(Draft("b"));
  const MonitorPtr c = Make(Draft("c"));
  EXPECT_EQ(WhyNotParents("b", {a->id}), "");
  EXPECT_EQ(WhyNotParents("c", {b->id, a->id}), "");
  EXPECT_EQ(WhyNotParents("a", {a->id}), "parents: a monitor cannot be behind itself");
  EXPECT_EQ(WhyNotParents("a", {b->id}), "parents: a monitor cannot be behind itself");
  EXPECT_EQ(WhyNotParents("a", {c->id}), "parents: a monitor cannot be behind itself");
  EXPECT_EQ(WhyNotParents("a", {model::MonitorId(99)}), "parents: there is no such monitor");
  EXPECT_EQ(WhyNotParents("c", {a->id, a->id}), "parents: the same parent is named twice");
  std::vector<model::MonitorId> many(9, a->id);
  EXPECT_EQ(WhyNotParents("c", many), "parents: a monitor may have at most 8 parents");
  model::Monitor foreign = Draft("theirs");
  foreign.id = model::MonitorId(500);
  foreign.org = model::OrgId(2);
  foreign.uid = "theirs";
  house_.directory.Put(foreign);
  EXPECT_EQ(WhyNotParents("c", {foreign.id}), "parents: there is no such monitor");
  EXPECT_EQ(service_.FindByTag(house_.who, "c")->parents,
            (std::vector<model::MonitorId>{b->id, a->id}));
}

TEST_F(MonitorLinksTest, ParentsAreSixteenDeepAtMost) {
  MonitorPtr last = Make(Draft("m0"));
  for (int n = 1; n <= model::kMaxParentDepth; ++n) {
    model::Monitor next = Draft("m" + std::to_string(n));
    next.parents = {last->id};
    last = Make(next);
  }
  model::Monitor deeper = Draft("deeper");
  deeper.parents = {last->id};
  EXPECT_EQ(Why(service_.Create(house_.who, deeper)),
            "parents: there are too many parents behind the parents");
}

TEST_F(MonitorLinksTest, ADeletedParentIsNoParentAnyMore) {
  const MonitorPtr a = Make(Draft("a"));
  const MonitorPtr b = Make(Draft("b"));
  model::Monitor child = Draft("c");
  child.parents = {a->id, b->id};
  Make(child);
  ASSERT_TRUE(service_.Delete(house_.who, "a"));
  EXPECT_EQ(service_.FindByTag(house_.who, "c")->parents, std::vector<model::MonitorId>{b->id});
  ASSERT_TRUE(service_.Delete(house_.who, "b"));
  EXPECT_TRUE(service_.FindByTag(house_.who, "c")->parents.empty());
  EXPECT_TRUE(house_.directory.ListByParent(b->id).empty());
}

TEST_F(MonitorLinksTest, LimitsOfFlapping) {
  const struct {
    int low;
    int high;
    bool fine;
  } rows[] = {{20, 40, true},  {0, 1, true},    {99, 100, true}, {40, 40, false},
              {50, 40, false}, {-1, 40, false}, {20, 101, false}};
  int number = 0;
  for (const auto& row : rows) {
    model::Monitor draft = Draft("m" + std::to_string(++number));
    draft.flapping = {true, row.low, row.high};
    EXPECT_EQ(service_.Create(house_.who, draft).has_value(), row.fine) << number;
  }
}

// Reports of push monitors: what they say, what their figures say, what silence says.
class PushTest : public MonitorLinksTest {
 protected:
  void SetUp() override {
    model::Monitor draft = Draft("backup");
    draft.kind = "push";
    draft.spec = ParseJson(R"({"secret":"quiet-harbour","figures":[
        {"name":"age","unit":"h","degraded_above":24,"down_above":48}]})")
                     .value();
    monitor_ = Make(draft);
  }
  std::string Push(HeartbeatService::Signal signal, const std::string& secret = "quiet-harbour") {
    house_.clock.Advance(Minutes(1));
    OneShot<Result<Timestamp>> outcome;
    heartbeats_.RecordWithSecret(
        house_.who.org, "backup", secret, std::move(signal),
        [&](Result<Timestamp> recorded) { outcome.Set(std::move(recorded)); });
    const Result<Timestamp> recorded = outcome.Take();
    return recorded ? "" : recorded.error().message;
  }
  model::MonitorState State() { return *house_.intake->states().Find(monitor_->id); }

  MonitorPtr monitor_;
  HeartbeatService heartbeats_{*house_.context};
};

TEST_F(PushTest, StatusLatencyMessageAndFigures) {
  HeartbeatService::Signal signal;
  signal.latency_ms = 820;
  signal.metrics = ParseJson(R"({"age":3,"size_gb":12.5,"name":"x"})").value();
  ASSERT_EQ(Push(signal), "");
  EXPECT_EQ(State().shown, model::Status::kUp);
  ASSERT_NE(State().facts.Find("metrics"), nullptr);
  EXPECT_EQ(WriteJson(*State().facts.Find("metrics")), R"({"age":3,"size_gb":12.5})");
  signal.metrics = ParseJson(R"({"age":30})").value();
  signal.message = "slow disk";
  ASSERT_EQ(Push(signal), "");
  EXPECT_EQ(State().shown, model::Status::kDegraded);
  EXPECT_EQ(State().message, "age is 30 h, above 24 | slow disk");
  signal.metrics = ParseJson(R"({"age":49})").value();
  ASSERT_EQ(Push(signal), "");
  EXPECT_EQ(State().shown, model::Status::kDown);
  signal = {};
  signal.status = model::Status::kDown;
  signal.message = "backup failed";
  signal.metrics = ParseJson(R"({"age":1})").value();
  ASSERT_EQ(Push(signal), "");
  EXPECT_EQ(State().shown, model::Status::kDown);
  EXPECT_EQ(State().message, "backup failed");
  ASSERT_EQ(Push({}), "");
  EXPECT_EQ(State().shown, model::Status::kUp);
  EXPECT_EQ(WriteJson(*State().facts.Find("metrics")), R"({"age":1})") << "the last ones stay";
}

TEST_F(PushTest, SilenceIsJudgedAsForHeartbeats) {
  EXPECT_EQ(heartbeats_.StatusNow(*monitor_), model::Status::kNoData);
  ASSERT_EQ(Push({}), "");
  house_.clock.Advance(Seconds(301));
  EXPECT_EQ(heartbeats_.StatusNow(*monitor_), model::Status::kDegraded);
  house_.clock.Advance(Seconds(300));
  EXPECT_EQ(heartbeats_.StatusNow(*monitor_), model::Status::kDown);
}

TEST_F(PushTest, OnlyWithTheSecret) {
  EXPECT_EQ(Push({}, "loud-harbour"), "Invalid heartbeat secret");
  EXPECT_EQ(Push({}, ""), "Invalid heartbeat secret");
}

// kodo.md 11.1: heartbeats keep their figures and are not judged by them.
TEST_F(MonitorLinksTest, HeartbeatsKeepTheirFigures) {
  model::Monitor draft = Draft("cron");
  draft.kind = "heartbeat";
  draft.spec = Value(Value::Object{});
  const MonitorPtr monitor = Make(draft);
  HeartbeatService heartbeats(*house_.context);
  HeartbeatService::Signal signal;
  signal.metrics = ParseJson(R"({"rows":1200,"note":"x"})").value();
  OneShot<Result<Timestamp>> outcome;
  heartbeats.Record(*monitor, signal, [&](Result<Timestamp> r) { outcome.Set(std::move(r)); });
  ASSERT_TRUE(outcome.Take());
  const auto state = house_.intake->states().Find(monitor->id);
  EXPECT_EQ(state->shown, model::Status::kUp);
  EXPECT_EQ(WriteJson(*state->facts.Find("metrics")), R"({"rows":1200})");
}

}  // namespace
}  // namespace pharos::service
