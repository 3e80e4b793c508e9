#include "service/monitor_actions.h"

#include <gtest/gtest.h>

#include "notify/catalog.h"
#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

using Kind = MonitorAction::Kind;
using Outcome = ActionOutcome::Kind;

class MonitorActionsTest : public testing::Test {
 protected:
  MonitorActionsTest() {
    model::Organisation other;
    other.name = "other";
    EXPECT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(other, house_.store->organisations().Insert(tx, other));
      return Ok();
    }));
    them_ = house_.who;
    them_.org = other.id;
  }
  MonitorPtr Make(const model::Principal& who, const std::string& tag,
                  const std::string& category = "") {
    model::Monitor draft;
    draft.tag = tag;
    draft.name = "Name of " + tag;
    draft.kind = "http";
    draft.category = category;
    draft.spec.Set("url", "https://" + tag + ".example.net/");
    draft.schedule.kind = model::Schedule::Kind::kInterval;
    draft.schedule.interval = Seconds(60);
    auto made = monitors_.Create(who, draft);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  // "tag:d tag:u" by the outcomes.
  std::string All(const model::Principal& who, const MonitorSelection& selection,
                  const MonitorAction& action) {
    const auto outcomes = actions_.ApplyToAll(who, selection, action);
    if (!outcomes) return outcomes.error().message;
    std::string text;
    for (const ActionOutcome& outcome : *outcomes) {
      text += outcome.tag + ":" + "dunr"[static_cast<size_t>(outcome.kind)] + " ";
    }
    return text;
  }

  TestHouse house_;
  model::Principal them_;
  notify::Catalog kinds_{notify::Addresses{}};
  MonitorService monitors_{*house_.context};
  CheckService checks_{*house_.context, probe::Tools{}};
  ChannelService channels_{*house_.context, kinds_, notify::Tools{}};
  PageService pages_{*house_.context};
  MonitorActions actions_{*house_.context, monitors_, checks_, channels_, pages_};
};

TEST_F(MonitorActionsTest, PauseAndResumeAndShowAndHide) {
  Make(house_.who, "a");
  EXPECT_FALSE(actions_.Apply(house_.who, "a", {.kind = Kind::kPause}).value()->active);
  const auto again = actions_.Apply(house_.who, "a", {.kind = Kind::kPause}).value();
  EXPECT_FALSE(again->active);
  EXPECT_TRUE(actions_.Apply(house_.who, "a", {.kind = Kind::kResume}).value()->active);
  EXPECT_TRUE(actions_.Apply(house_.who, "a", {.kind = Kind::kHide}).value()->hidden);
  EXPECT_FALSE(actions_.Apply(house_.who, "a", {.kind = Kind::kShow}).value()->hidden);
  EXPECT_EQ(actions_.Apply(house_.who, "b", {.kind = Kind::kShow}).error().kind,
            ErrorKind::kNotFound);
  const auto session = house_.store->Read().value();
  const auto entries = house_.store->audit().List(*session, house_.who.org, {}).value();
  EXPECT_EQ(entries.size(), 5u) << "a creation and four changes; what changes nothing says nothing";
}

TEST_F(MonitorActionsTest, AnotherOrganisationsMonitorsAreNotThere) {
  const MonitorPtr ours = Make(house_.who, "a", "web");
  Make(them_, "b", "web");
  EXPECT_EQ(actions_.Apply(them_, "a", {.kind = Kind::kPause}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(actions_.Clone(them_, "a", "", "").error().kind, ErrorKind::kNotFound);
  for (const Kind kind : {Kind::kPause, Kind::kDelete, Kind::kCheck, Kind::kSetCategory}) {
    MonitorSelection selection{{"a"}, {ours->id}, ""};
    EXPECT_EQ(All(them_, selection, {.kind = kind}),
              "a:n " + std::to_string(ours->id.value()) + ":n ");
  }
  EXPECT_EQ(All(them_, {{}, {}, "web"}, {.kind = Kind::kPause}), "b:d ");
  EXPECT_TRUE(monitors_.FindByTag(house_.who, "a")->active);
}

TEST_F(MonitorActionsTest, AClonesPagesAndChannelsAreThoseOfTheOriginal) {
  const MonitorPtr first = Make(house_.who, "shop", "web");
  const MonitorPtr last = Make(house_.who, "zoo");
  model::Page page;
  page.path = "one";
  page.title = "One";
  page.monitors = {first->id, last->id};
  const auto with = pages_.Create(house_.who, page);
  ASSERT_TRUE(with) << with.error().message;
  page.path = "two";
  page.monitors = {last->id};
  const auto without = pages_.Create(house_.who, page);
  ASSERT_TRUE(without);
  model::Channel channel;
  channel.kind = "webhook";
  channel.name = "hook";
  channel.scope = model::ChannelScope::kLinked;
  channel.config.Set("url", "https://hook.example.net/");
  channel.config.Set("format", "pharos");
  channel.monitors = {first->id};
  const auto hook = channels_.Create(house_.who, channel);
  ASSERT_TRUE(hook) << hook.error().message;

  const auto made = actions_.Clone(house_.who, "shop", "", "");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*made)->tag, "shop-2");
  EXPECT_EQ((*made)->name, "Name of shop (copy)");
  EXPECT_EQ((*made)->spec, first->spec);
  EXPECT_EQ((*made)->schedule, first->schedule);
  EXPECT_EQ((*made)->category, "web");
  EXPECT_NE((*made)->uid, first->uid);
  const model::MonitorId id = (*made)->id;
  EXPECT_EQ(pages_.Get(house_.who, with->id)->monitors,
            (std::vector<model::MonitorId>{first->id, id, last->id}));
  EXPECT_EQ(pages_.Get(house_.who, without->id)->monitors.size(), 1u);
  EXPECT_EQ(channels_.Get(house_.who, hook->id)->monitors,
            (std::vector<model::MonitorId>{first->id, id}));

  const auto second = actions_.Clone(house_.who, "shop", "shop-eu", "Shop EU");
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->tag, "shop-eu");
  EXPECT_EQ((*second)->name, "Shop EU");
  EXPECT_EQ(actions_.Clone(house_.who, "shop", "zoo", "").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(actions_.Clone(house_.who, "shop", "", "").value()->name, "Name of shop (copy 2)");
}

TEST_F(MonitorActionsTest, AClonedHeartbeatHasASecretOfItsOwn) {
  model::Monitor draft;
  draft.tag = draft.name = "job";
  draft.kind = "heartbeat";
  draft.spec.Set("secret", "known-to-the-job");
  draft.spec.Set("interval_s", 60);
  ASSERT_TRUE(monitors_.Create(house_.who, draft));
  const auto made = actions_.Clone(house_.who, "job", "", "");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE((*made)->spec.StringOr("secret", ""), "known-to-the-job");
  EXPECT_EQ((*made)->spec.StringOr("secret", "").size(), 32u);
}

TEST_F(MonitorActionsTest, ASelectionNamesEachOnce) {
  const MonitorPtr a = Make(house_.who, "a", "web");
  Make(house_.who, "b", "web");
  Make(house_.who, "c", "db");
  MonitorSelection selection{{"a", "nope", "a"}, {a->id, model::MonitorId(999)}, "web"};
  EXPECT_EQ(All(house_.who, selection, {.kind = Kind::kPause}), "a:d nope:n 999:n b:d ");
  EXPECT_EQ(All(house_.who, {{"a"}, {}, ""}, {.kind = Kind::kPause}), "a:u ");
  EXPECT_TRUE(monitors_.FindByTag(house_.who, "c")->active);
  EXPECT_NE(All(house_.who, {}, {.kind = Kind::kPause}).find("choose monitors"), std::string::npos);
  EXPECT_EQ(All(house_.who, {{"a", "b"}, {}, ""}, {.kind = Kind::kDelete}), "a:d b:d ");
  EXPECT_EQ(monitors_.List(house_.who).size(), 1u);
}

TEST_F(MonitorActionsTest, OneThatIsRefusedDoesNotStopTheOthers) {
  Make(house_.who, "a");
  Make(house_.who, "b");
  MonitorAction action{.kind = Kind::kSetSchedule};
  action.schedule.kind = model::Schedule::Kind::kInterval;
  action.schedule.interval = Seconds(30);
  EXPECT_EQ(All(house_.who, {{"a", "b"}, {}, ""}, action), "a:d b:d ");
  EXPECT_EQ(monitors_.FindByTag(house_.who, "b")->schedule.interval, Seconds(30));
  action.schedule.interval = Days(31);
  EXPECT_EQ(All(house_.who, {{"a", "b"}, {}, ""}, action), "a:r b:r ");
  EXPECT_EQ(monitors_.FindByTag(house_.who, "a")->schedule.interval, Seconds(30));
}

TEST_F(MonitorActionsTest, SelectionsAreBounded) {
  MonitorSelection selection;
  for (size_t i = 0; i <= kMaxSelected; ++i) selection.tags.push_back("t" + std::to_string(i));
  EXPECT_NE(All(house_.who, selection, {.kind = Kind::kPause}).find("at most 10000"),
            std::string::npos);
  selection.tags.resize(kMaxSelectedToDelete + 1);
  EXPECT_NE(All(house_.who, selection, {.kind = Kind::kDelete}).find("at most 1000"),
            std::string::npos);
}

TEST_F(MonitorActionsTest, ManyAtOnce) {
  std::vector<std::string> tags;
  for (int i = 0; i < 450; ++i) tags.push_back(Make(house_.who, "m" + std::to_string(i))->tag);
  const auto outcomes = actions_.ApplyToAll(house_.who, {tags, {}, ""}, {.kind = Kind::kHide});
  ASSERT_TRUE(outcomes);
  for (const ActionOutcome& outcome : *outcomes) EXPECT_EQ(outcome.kind, Outcome::kDone);
  for (const MonitorPtr& monitor : monitors_.List(house_.who)) EXPECT_TRUE(monitor->hidden);
}

}  // namespace
}  // namespace pharos::service
