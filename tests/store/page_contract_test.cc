#include "store/page_store.h"

#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::OrgId;

model::Page MakePage(OrgId org, const std::string& path) {
  model::Page page;
  page.org = org;
  page.uid = "uid-" + path;
  page.path = path;
  page.title = "Title";
  page.header = "Header";
  page.subheader = "Below";
  page.logo = "/logo.svg";
  page.visibility = model::PageVisibility::kPassword;
  page.password_hash = "$argon2id$x";
  page.password_hint = "pet";
  page.settings.Set("days", 90);
  page.look.Set("theme", "dark");
  page.notes.Set("kodo", true);
  page.created_at = At(1, 0);
  page.updated_at = At(1, 1);
  return page;
}

class PageContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    other_ = PutOrg("other");
  }
  PageStore& port() { return store_->pages(); }
  model::Page PutPage(const model::Page& page) {
    return Put<model::Page>([&](Transaction& tx) { return port().Insert(tx, page); });
  }
  // The field that an insertion fails on.
  std::string TakenField(const model::Page& page) {
    const Status status = store_->Write([&](Transaction& tx) -> Status {
      PHAROS_RETURN_IF_ERROR(port().Insert(tx, page));
      return Ok();
    });
    if (status || status.error().kind != ErrorKind::kConflict) return "";
    return status.error().fields.empty() ? "?" : status.error().fields[0].field;
  }

  OrgId other_;
};

INSTANTIATE_TEST_SUITE_P(Stores, PageContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

void ExpectEqual(const model::Page& a, const model::Page& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.org, b.org);
  EXPECT_EQ(a.uid, b.uid);
  EXPECT_EQ(a.path, b.path);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.header, b.header);
  EXPECT_EQ(a.subheader, b.subheader);
  EXPECT_EQ(a.logo, b.logo);
  EXPECT_EQ(a.is_default, b.is_default);
  EXPECT_EQ(a.all_monitors, b.all_monitors);
  EXPECT_EQ(a.monitors, b.monitors);
  EXPECT_EQ(a.visibility, b.visibility);
  EXPECT_EQ(a.password_hash, b.password_hash);
  EXPECT_EQ(a.password_hint, b.password_hint);
  EXPECT_EQ(a.custom_domain, b.custom_domain);
  EXPECT_EQ(a.settings, b.settings);
  EXPECT_EQ(a.look, b.look);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
}

TEST_P(PageContract, EveryOrganisationHasAHomePage) {
  const auto session = Read();
  EXPECT_EQ(Value(port().ListAll(*session)).size(), 2U);
  for (const OrgId org : {kDefaultOrg, other_}) {
    const auto pages = Value(port().List(*session, org));
    ASSERT_EQ(pages.size(), 1U);
    EXPECT_EQ(pages[0].org, org);
    EXPECT_EQ(pages[0].uid.size(), 36U);
    EXPECT_EQ(pages[0].path, "");
    EXPECT_EQ(pages[0].title, "Status");
    EXPECT_EQ(pages[0].header, "Status");
    EXPECT_TRUE(pages[0].is_default);
    EXPECT_TRUE(pages[0].all_monitors);
    EXPECT_EQ(pages[0].visibility, model::PageVisibility::kPublic);
    ExpectEqual(*Value(port().FindByPath(*session, org, "")), pages[0]);
  }
}

TEST_P(PageContract, RoundTripAndUpdate) {
  const auto shop = PutMonitor(kDefaultOrg, "shop");
  const auto mail = PutMonitor(kDefaultOrg, "mail");
  model::Page page = MakePage(kDefaultOrg, "shops");
  page.monitors = {mail.id, shop.id};
  page.custom_domain = "status.shop.example";
  page = PutPage(page);
  ASSERT_TRUE(page.id.IsSet());
  auto session = Read();
  ExpectEqual(*Value(port().Find(*session, kDefaultOrg, page.id)), page);
  ExpectEqual(*Value(port().FindByUid(*session, kDefaultOrg, page.uid)), page);
  ExpectEqual(*Value(port().FindByPath(*session, kDefaultOrg, "shops")), page);
  ExpectEqual(Value(port().List(*session, kDefaultOrg)).back(), page);

  model::Page change = page;
  change.uid = "other";
  change.created_at = At(9, 9);
  change.path = "stores";
  change.subheader = std::nullopt;
  change.logo = std::nullopt;
  change.monitors = {shop.id};
  change.custom_domain.clear();
  change.visibility = model::PageVisibility::kInternal;
  Write([&](Transaction& tx) { return port().Update(tx, change); });
  change.uid = page.uid;
  change.created_at = page.created_at;
  session = Read();
  ExpectEqual(*Value(port().Find(*session, kDefaultOrg, page.id)), change);
}

TEST_P(PageContract, PathsAreUniquePerOrganisationAndDomainsOverAll) {
  model::Page mine = MakePage(kDefaultOrg, "shops");
  mine.custom_domain = "status.shop.example";
  mine = PutPage(mine);
  model::Page again = MakePage(kDefaultOrg, "shops");
  EXPECT_EQ(TakenField(again), "path");
  again.org = other_;
  again.custom_domain = mine.custom_domain;
  EXPECT_EQ(TakenField(again), "custom_domain");
  again.custom_domain.clear();
  again = PutPage(again);
  again.path = "";
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Update(tx, again); }),
            ErrorKind::kConflict);
  again.path = "shops";
  again.custom_domain = mine.custom_domain;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Update(tx, again); }),
            ErrorKind::kConflict);
}

TEST_P(PageContract, OtherOrganisationsSeeAndChangeNothing) {
  const model::Page mine = PutPage(MakePage(kDefaultOrg, "shops"));
  const auto session = Read();
  EXPECT_FALSE(Value(port().Find(*session, other_, mine.id)));
  EXPECT_FALSE(Value(port().FindByUid(*session, other_, mine.uid)));
  EXPECT_FALSE(Value(port().FindByPath(*session, other_, mine.path)));
  EXPECT_EQ(Value(port().List(*session, other_)).size(), 1U);
  model::Page stolen = mine;
  stolen.org = other_;
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Update(tx, stolen); }),
            ErrorKind::kNotFound);
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return port().Delete(tx, other_, mine.id); }),
            ErrorKind::kNotFound);
  Write([&](Transaction& tx) { return port().Delete(tx, kDefaultOrg, mine.id); });
  const auto after = Read();
  EXPECT_FALSE(Value(port().Find(*after, kDefaultOrg, mine.id)));
  EXPECT_EQ(Value(port().ListAll(*after)).size(), 2U);
}

}  // namespace
}  // namespace pharos::store
