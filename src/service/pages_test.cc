#include "service/pages.h"

#include <gtest/gtest.h>

#include "service/testing_house.h"

namespace pharos::service {
namespace {

class PagesTest : public ::testing::Test {
 protected:
  model::Page Draft(std::string path) {
    model::Page page;
    page.path = std::move(path);
    page.title = page.header = "Partners";
    return page;
  }
  TestHouse house_;
  PageService pages_{*house_.context};
};

TEST_F(PagesTest, AHomePageIsThereFromTheStart) {
  const auto all = pages_.List(house_.who);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().path, "");
  EXPECT_TRUE(all->front().is_default);
  EXPECT_TRUE(all->front().all_monitors);
}

TEST_F(PagesTest, PathsAreUniqueAndPlain) {
  ASSERT_TRUE(pages_.Create(house_.who, Draft("partners")));
  const auto again = pages_.Create(house_.who, Draft("partners"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(again.error().fields.front().field, "path");
  for (const char* bad : {"Partners", "a b", "a/b", "ä"}) {
    const auto refused = pages_.Create(house_.who, Draft(bad));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().fields.front().field, "path");
  }
}

TEST_F(PagesTest, MonitorsOfOthersAreRefused) {
  model::Monitor foreign;
  foreign.id = model::MonitorId(5);
  foreign.org = model::OrgId(2);
  foreign.uid = foreign.tag = "theirs";
  house_.directory.Put(foreign);
  model::Page page = Draft("partners");
  page.monitors = {foreign.id};
  EXPECT_EQ(pages_.Create(house_.who, page).error().fields.at(0).field, "monitors");
  page.monitors.clear();
  const auto stored = pages_.Create(house_.who, page).value();
  const auto refused = pages_.Update(house_.who, stored.id, [&](model::Page& changed) -> Status {
    changed.monitors = {foreign.id};
    return Ok();
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.at(0).field, "monitors");
}

TEST_F(PagesTest, TheDefaultMovesAndIsNeverDeleted) {
  const auto home = pages_.List(house_.who)->front();
  EXPECT_EQ(pages_.Delete(house_.who, home.id).error().message,
            "Cannot delete the only status page");
  const auto partners = pages_.Create(house_.who, Draft("partners")).value();
  EXPECT_EQ(pages_.Delete(house_.who, home.id).error().message,
            "Cannot delete the default status page");
  ASSERT_TRUE(pages_.Update(house_.who, partners.id, [](model::Page& page) -> Status {
    page.is_default = true;
    return Ok();
  }));
  EXPECT_FALSE(pages_.Get(house_.who, home.id)->is_default);
  EXPECT_TRUE(pages_.Delete(house_.who, home.id));
}

TEST_F(PagesTest, APasswordPageNeedsOneAndNeverShowsIt) {
  model::Page page = Draft("secret");
  page.visibility = model::PageVisibility::kPassword;
  EXPECT_EQ(pages_.Create(house_.who, page).error().fields.front().field, "password");
  ASSERT_TRUE(PageService::SetPassword(page, "open sesame"));
  const auto stored = pages_.Create(house_.who, page);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->password_hash.find("sesame"), std::string::npos);
  EXPECT_TRUE(PageService::CheckPassword(*stored, "open sesame"));
  EXPECT_FALSE(PageService::CheckPassword(*stored, "open"));
  EXPECT_FALSE(PageService::SetPassword(page, ""));
}

TEST_F(PagesTest, OtherOrganisationsSeeNothing) {
  const auto page = pages_.Create(house_.who, Draft("partners")).value();
  model::Principal stranger = house_.who;
  stranger.org = model::OrgId(2);
  EXPECT_FALSE(pages_.Get(stranger, page.id));
  EXPECT_FALSE(pages_.GetByUid(stranger, page.uid));
  EXPECT_FALSE(pages_.GetByPath(stranger, "partners"));
  EXPECT_FALSE(pages_.Delete(stranger, page.id));
  EXPECT_TRUE(pages_.Get(house_.who, page.id));
}

}  // namespace
}  // namespace pharos::service
