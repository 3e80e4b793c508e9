#include "store/monitor_directory.h"

#include <gtest/gtest.h>

#include <thread>

namespace pharos::store {
namespace {

model::Monitor MakeMonitor(int64_t id, int64_t org, const std::string& tag, int64_t revision = 1) {
  model::Monitor monitor;
  monitor.id = model::MonitorId(id);
  monitor.org = model::OrgId(org);
  monitor.tag = tag;
  monitor.name = "Monitor " + tag;
  monitor.revision = revision;
  return monitor;
}

struct Recorder {
  std::vector<int64_t> ids;
  MonitorDirectory::Listener Listen() {
    return [this](model::MonitorId id) { ids.push_back(id.value()); };
  }
};

TEST(MonitorDirectory, FindsByIdAndTag) {
  MonitorDirectory directory;
  directory.Put(MakeMonitor(1, 1, "shop"));
  directory.Put(MakeMonitor(2, 2, "shop"));
  EXPECT_EQ(directory.Find(model::MonitorId(1))->tag, "shop");
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "shop")->id, model::MonitorId(1));
  EXPECT_EQ(directory.FindByTag(model::OrgId(2), "shop")->id, model::MonitorId(2));
  EXPECT_EQ(directory.FindByTag(model::OrgId(3), "shop"), nullptr);
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "sho"), nullptr);
  EXPECT_EQ(directory.Find(model::MonitorId(9)), nullptr);
}

TEST(MonitorDirectory, FindsByUidWithinTheOrganisation) {
  MonitorDirectory directory;
  model::Monitor shop = MakeMonitor(1, 1, "shop");
  shop.uid = "uid-1";
  directory.Put(shop);
  directory.Put(MakeMonitor(2, 1, "nameless"));
  EXPECT_EQ(directory.FindByUid(model::OrgId(1), "uid-1")->id, model::MonitorId(1));
  EXPECT_EQ(directory.FindByUid(model::OrgId(2), "uid-1"), nullptr);
  EXPECT_EQ(directory.FindByUid(model::OrgId(1), ""), nullptr);
  directory.Remove(model::MonitorId(1));
  EXPECT_EQ(directory.FindByUid(model::OrgId(1), "uid-1"), nullptr);
}

TEST(MonitorDirectory, ListsTheFollowersOfAService) {
  MonitorDirectory directory;
  const auto put = [&](int64_t id, int64_t org, int64_t service, int64_t revision = 1) {
    model::Monitor monitor = MakeMonitor(id, org, "m" + std::to_string(id), revision);
    monitor.service = model::MonitorId(service);
    directory.Put(monitor);
  };
  const auto followers = [&](int64_t org, int64_t service) {
    std::vector<int64_t> ids;
    for (const MonitorPtr& m :
         directory.ListByService(model::OrgId(org), model::MonitorId(service))) {
      ids.push_back(m->id.value());
    }
    return ids;
  };
  put(1, 1, 0);
  put(5, 1, 1);
  put(3, 1, 1);
  put(4, 1, 2);
  put(6, 2, 1);
  using Ids = std::vector<int64_t>;
  EXPECT_EQ(followers(1, 1), (Ids{3, 5}));
  EXPECT_EQ(followers(2, 1), (Ids{6}));
  EXPECT_EQ(followers(1, 2), (Ids{4}));
  EXPECT_TRUE(followers(1, 0).empty());
  put(3, 1, 2, 2);
  directory.Remove(model::MonitorId(5));
  EXPECT_TRUE(followers(1, 1).empty());
  EXPECT_EQ(followers(1, 2), (Ids{3, 4}));
  directory.Reset({MakeMonitor(3, 1, "m3", 3)});
  EXPECT_TRUE(followers(1, 2).empty());
}

TEST(MonitorDirectory, ListsByOrganisationAscending) {
  MonitorDirectory directory;
  for (const int64_t id : {5, 3, 9}) directory.Put(MakeMonitor(id, 1, "m" + std::to_string(id)));
  directory.Put(MakeMonitor(4, 2, "other"));
  const std::vector<MonitorPtr> mine = directory.List(model::OrgId(1));
  ASSERT_EQ(mine.size(), 3U);
  EXPECT_EQ(mine[0]->id, model::MonitorId(3));
  EXPECT_EQ(mine[2]->id, model::MonitorId(9));
  EXPECT_EQ(directory.List(model::OrgId(3)).size(), 0U);
  const std::vector<MonitorPtr> all = directory.ListAll();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[1]->id, model::MonitorId(4));
  EXPECT_EQ(directory.Size(), 4U);
}

TEST(MonitorDirectory, OlderRevisionIsIgnored) {
  MonitorDirectory directory;
  Recorder recorder;
  directory.AddListener(recorder.Listen());
  directory.Put(MakeMonitor(1, 1, "shop", 3));
  model::Monitor late = MakeMonitor(1, 1, "shop", 2);
  late.name = "Late";
  directory.Put(late);
  EXPECT_EQ(directory.Find(model::MonitorId(1))->revision, 3);
  EXPECT_EQ(directory.Find(model::MonitorId(1))->name, "Monitor shop");
  EXPECT_EQ(recorder.ids, (std::vector<int64_t>{1}));
}

TEST(MonitorDirectory, RemoveForgetsEverywhere) {
  MonitorDirectory directory;
  Recorder recorder;
  directory.AddListener(recorder.Listen());
  directory.Put(MakeMonitor(1, 1, "shop"));
  const MonitorPtr held = directory.Find(model::MonitorId(1));
  directory.Remove(model::MonitorId(1));
  directory.Remove(model::MonitorId(1));
  EXPECT_EQ(directory.Find(model::MonitorId(1)), nullptr);
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "shop"), nullptr);
  EXPECT_TRUE(directory.List(model::OrgId(1)).empty());
  EXPECT_EQ(held->tag, "shop");
  EXPECT_EQ(recorder.ids, (std::vector<int64_t>{1, 1}));
}

TEST(MonitorDirectory, RemovingAnOldOwnerKeepsTheNewOwnerOfATag) {
  MonitorDirectory directory;
  directory.Put(MakeMonitor(1, 1, "shop"));
  directory.Put(MakeMonitor(2, 1, "shop"));
  directory.Remove(model::MonitorId(1));
  ASSERT_NE(directory.FindByTag(model::OrgId(1), "shop"), nullptr);
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "shop")->id, model::MonitorId(2));
}

// Two threads commit a change and then a deletion; the image may hear of them the other way round.
TEST(MonitorDirectory, AChangeThatComesAfterTheRemovalIsIgnored) {
  MonitorDirectory directory;
  directory.Put(MakeMonitor(1, 1, "shop"));
  directory.Remove(model::MonitorId(1));
  directory.Put(MakeMonitor(2, 1, "shop"));
  Recorder recorder;
  directory.AddListener(recorder.Listen());
  directory.Put(MakeMonitor(1, 1, "shop", 2));
  EXPECT_EQ(directory.Find(model::MonitorId(1)), nullptr);
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "shop")->id, model::MonitorId(2));
  EXPECT_EQ(directory.Size(), 1U);
  EXPECT_TRUE(recorder.ids.empty());
}

TEST(MonitorDirectory, ResetTellsWhatAppearedChangedAndWent) {
  MonitorDirectory directory;
  directory.Reset({MakeMonitor(1, 1, "a"), MakeMonitor(2, 1, "b"), MakeMonitor(3, 1, "c")});
  Recorder recorder;
  directory.AddListener(recorder.Listen());
  directory.Reset({MakeMonitor(1, 1, "a"), MakeMonitor(2, 1, "b", 2), MakeMonitor(4, 1, "d")});
  EXPECT_EQ(recorder.ids, (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(directory.FindByTag(model::OrgId(1), "c"), nullptr);
  EXPECT_EQ(directory.Size(), 3U);
}

TEST(MonitorDirectory, ListenerMayAskTheDirectory) {
  MonitorDirectory directory;
  std::string seen;
  directory.AddListener([&](model::MonitorId id) { seen = directory.Find(id)->tag; });
  directory.Put(MakeMonitor(1, 1, "shop"));
  EXPECT_EQ(seen, "shop");
}

TEST(MonitorDirectory, ReadersAndWritersMayMeet) {
  MonitorDirectory directory;
  std::thread writer([&] {
    for (int64_t i = 1; i <= 500; ++i) {
      directory.Put(MakeMonitor(1 + i % 7, 1, "m" + std::to_string(i % 7), i));
      if (i % 50 == 0) directory.Remove(model::MonitorId(1 + i % 7));
    }
  });
  for (int i = 0; i < 500; ++i) {
    for (const MonitorPtr& monitor : directory.List(model::OrgId(1))) {
      EXPECT_EQ(monitor->tag, "m" + std::to_string(monitor->id.value() - 1));
    }
  }
  writer.join();
}

}  // namespace
}  // namespace pharos::store
