#include "service/monitors.h"

#include <gtest/gtest.h>

#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

model::Monitor Draft(const std::string& tag) {
  model::Monitor m;
  m.tag = tag;
  m.name = " Web shop ";
  m.kind = "http";
  m.spec.Set("url", "http://127.0.0.1:1/");
  m.schedule = {model::Schedule::Kind::kInterval, Seconds(5), "", ""};
  return m;
}

class MonitorServiceTest : public testing::Test {
 protected:
  TestHouse house_;
  MonitorService service_{*house_.context};
};

TEST_F(MonitorServiceTest, CreatesTrimsFillsDefaultsAndAudits) {
  const auto created = service_.Create(house_.who, Draft("web-shop"));
  ASSERT_TRUE(created) << created.error().message;
  const model::Monitor& m = **created;
  EXPECT_TRUE(m.id.IsSet());
  EXPECT_EQ(m.name, "Web shop");
  EXPECT_FALSE(m.uid.empty());
  EXPECT_EQ(m.spec.IntOr("timeout_ms", 0), 10'000);
  EXPECT_EQ(service_.FindByTag(house_.who, "web-shop")->id, m.id);
  auto session = house_.store->Read().value();
  const auto audit = house_.store->audit().List(*session, house_.who.org, {}).value();
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0].action, "monitor.created");
  EXPECT_EQ(audit[0].actor, "tester");
}

TEST_F(MonitorServiceTest, NamesEveryBadField) {
  model::Monitor bad = Draft("Web Shop");
  bad.name = "  ";
  bad.schedule = {model::Schedule::Kind::kCron, {}, "61 * * * *", "Mars/Olympus"};
  bad.confirmation_threshold = 61;
  bad.spec.Set("method", "FETCH");
  const auto refused = service_.Create(house_.who, bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  std::vector<std::string> fields;
  for (const FieldError& f : refused.error().fields) fields.push_back(f.field);
  EXPECT_EQ(fields,
            (std::vector<std::string>{"tag", "name", "confirmation_threshold", "schedule.cron",
                                      "schedule.time_zone", "spec.method"}));
  EXPECT_TRUE(service_.List(house_.who).empty());
}

TEST_F(MonitorServiceTest, TagsAreUniqueWithinAnOrganisationOnly) {
  ASSERT_TRUE(service_.Create(house_.who, Draft("web-shop")));
  EXPECT_EQ(service_.Create(house_.who, Draft("web-shop")).error().kind, ErrorKind::kConflict);
  model::Organisation other;
  ASSERT_TRUE(house_.store->Write([&](store::Transaction& tx) -> Status {
    model::Organisation wanted;
    wanted.name = "other";
    PHAROS_ASSIGN_OR_RETURN(other, house_.store->organisations().Insert(tx, wanted));
    return Ok();
  }));
  model::Principal stranger = house_.who;
  stranger.org = other.id;
  EXPECT_EQ(service_.FindByTag(stranger, "web-shop"), nullptr);
  EXPECT_EQ(service_.Delete(stranger, "web-shop").error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(service_.Create(stranger, Draft("web-shop")));
  EXPECT_EQ(service_.List(stranger).size(), 1u);
  EXPECT_EQ(service_.List(house_.who).size(), 1u);
}

TEST_F(MonitorServiceTest, UpdateKeepsWhatMayNotChange) {
  const MonitorPtr before = service_.Create(house_.who, Draft("web-shop")).value();
  house_.clock.Advance(Seconds(3));
  const auto after = service_.Update(house_.who, "web-shop", [](model::Monitor& m) -> Status {
    m.tag = "renamed";
    m.uid = "x";
    m.org = model::OrgId(9);
    m.name = "New";
    return Ok();
  });
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->tag, "web-shop");
  EXPECT_EQ((*after)->uid, before->uid);
  EXPECT_EQ((*after)->org, before->org);
  EXPECT_EQ((*after)->name, "New");
  EXPECT_EQ((*after)->created_at, before->created_at);
  EXPECT_EQ((*after)->updated_at, before->updated_at + Seconds(3));
  EXPECT_GT((*after)->revision, before->revision);
}

TEST_F(MonitorServiceTest, AFailedUpdateChangesNothing) {
  ASSERT_TRUE(service_.Create(house_.who, Draft("web-shop")));
  const auto refused = service_.Update(house_.who, "web-shop", [](model::Monitor& m) -> Status {
    m.name = "half";
    m.confirmation_threshold = 0;
    return Ok();
  });
  EXPECT_FALSE(refused);
  EXPECT_EQ(service_.FindByTag(house_.who, "web-shop")->name, "Web shop");
  EXPECT_EQ(
      service_.Update(house_.who, "nobody", [](model::Monitor&) { return Ok(); }).error().kind,
      ErrorKind::kNotFound);
}

TEST_F(MonitorServiceTest, DeletingAMemberRebalancesItsGroupsAndPausesThoseTooSmall) {
  for (const char* tag : {"a", "b", "c"}) ASSERT_TRUE(service_.Create(house_.who, Draft(tag)));
  model::Monitor group = Draft("all");
  group.kind = "group";
  Value::List members;
  for (const char* tag : {"a", "b", "c"}) {
    Value member;
    member.Set("tag", tag);
    member.Set("weight", 1.0 / 3);
    members.push_back(std::move(member));
  }
  group.spec = Value(Value::Object{});
  group.spec.Set("members", std::move(members));
  ASSERT_TRUE(service_.Create(house_.who, group));
  ASSERT_TRUE(service_.Delete(house_.who, "c"));
  MonitorPtr stored = service_.FindByTag(house_.who, "all");
  ASSERT_EQ(stored->spec.Find("members")->AsList().size(), 2u);
  EXPECT_EQ(stored->spec.Find("members")->AsList()[0].DoubleOr("weight", 0), 0.5);
  EXPECT_TRUE(stored->active);
  ASSERT_TRUE(service_.Delete(house_.who, "a"));
  stored = service_.FindByTag(house_.who, "all");
  EXPECT_FALSE(stored->active);
  EXPECT_EQ(stored->spec.Find("members")->AsList()[0].DoubleOr("weight", 0), 1.0);
}

TEST_F(MonitorServiceTest, OnlyAServiceOfTheSameOrganisationIsFollowed) {
  model::Monitor foreign = Draft("theirs");
  foreign.id = model::MonitorId(500);
  foreign.org = model::OrgId(2);
  foreign.uid = "theirs";
  house_.directory.Put(foreign);
  model::Monitor follower = Draft("web-shop");
  follower.service = foreign.id;
  const auto refused = service_.Create(house_.who, follower);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.at(0).field, "service");
  ASSERT_TRUE(service_.Create(house_.who, Draft("web-shop")));
  EXPECT_FALSE(service_.Update(house_.who, "web-shop", [&](model::Monitor& m) -> Status {
    m.service = foreign.id;
    return Ok();
  }));
}

// Else the next change of such a monitor would still be taken for one of the deleted service.
TEST_F(MonitorServiceTest, WhoFollowedADeletedServiceFollowsNothing) {
  model::Monitor shop = Draft("shop");
  shop.kind = "manual";
  shop.spec = Value(Value::Object{});
  shop.schedule = {};
  const auto service = service_.Create(house_.who, shop);
  ASSERT_TRUE(service) << service.error().message;
  model::Monitor draft = Draft("web-shop");
  draft.service = (*service)->id;
  const auto follower = service_.Create(house_.who, draft);
  ASSERT_TRUE(follower) << follower.error().message;
  ASSERT_TRUE(service_.Delete(house_.who, "shop"));
  EXPECT_TRUE(house_.directory.ListByService(house_.who.org, (*service)->id).empty());
  const auto known = service_.FindByTag(house_.who, "web-shop");
  EXPECT_FALSE(known->service.IsSet());
  EXPECT_GT(known->revision, (*follower)->revision);
}

TEST(IsValidTag, Table) {
  for (const char* good : {"a", "0", "web-shop", "a_b", "a--b"})
    EXPECT_TRUE(IsValidTag(good)) << good;
  for (const char* bad : {"", "-a", "a-", "_a", "A", "a b", "a/b", "ä"}) {
    EXPECT_FALSE(IsValidTag(bad)) << bad;
  }
  EXPECT_TRUE(IsValidTag(std::string(255, 'a')));
  EXPECT_FALSE(IsValidTag(std::string(256, 'a')));
}

// Somebody else deletes the monitor between our commit and our answer.
TEST_F(MonitorServiceTest, AMonitorDeletedAtOnceIsStillAnswered) {
  bool armed = true;
  house_.directory.AddListener([&](model::MonitorId id) {
    if (armed) house_.directory.Remove(id);
  });
  const auto created = service_.Create(house_.who, Draft("web-shop"));
  ASSERT_TRUE(created);
  ASSERT_NE(*created, nullptr);
  EXPECT_EQ((*created)->tag, "web-shop");
  const auto updated = service_.Update(house_.who, "web-shop", [](model::Monitor& m) {
    m.name = "Other";
    return Ok();
  });
  ASSERT_TRUE(updated);
  ASSERT_NE(*updated, nullptr);
  EXPECT_EQ((*updated)->name, "Other");
  armed = false;
}

}  // namespace
}  // namespace pharos::service
