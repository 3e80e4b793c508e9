#include "store/secret_store.h"
#include "store_fixture.h"

namespace pharos::store {
namespace {

using model::OrgId;
using model::StoredSecret;

class SecretContract : public StoreContract {
 protected:
  SecretStore& secrets() { return store_->secrets(); }
  static StoredSecret Make(OrgId org, const std::string& name, const std::string& sealed,
                           Timestamp at = At(1, 0)) {
    StoredSecret secret;
    secret.org = org;
    secret.name = name;
    secret.key_mark = std::string("\0\xff\x01", 3);
    secret.sealed = sealed;
    secret.created_at = secret.updated_at = at;
    return secret;
  }
  void Set(const StoredSecret& secret) {
    Write([&](Transaction& tx) { return secrets().Upsert(tx, secret); });
  }
  std::string Names(OrgId org) {
    const auto session = Read();
    std::string names;
    for (const StoredSecret& secret : Value(secrets().List(*session, org))) {
      EXPECT_EQ(secret.org, org);
      names += secret.name + " ";
    }
    return names;
  }
};

TEST_P(SecretContract, KeepsBytesAndTimes) {
  const std::string bytes("\0\x01\xfe sealed \0", 12);
  Set(Make(kDefaultOrg, "TOKEN", bytes, At(1, 0)));
  Set(Make(kDefaultOrg, "TOKEN", bytes + "2", At(2, 0)));
  const auto session = Read();
  const auto found = Value(secrets().Find(*session, kDefaultOrg, "TOKEN"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sealed, bytes + "2");
  EXPECT_EQ(found->key_mark, std::string("\0\xff\x01", 3));
  EXPECT_EQ(found->created_at, At(1, 0));
  EXPECT_EQ(found->updated_at, At(2, 0));
  EXPECT_FALSE(Value(secrets().Find(*session, kDefaultOrg, "token")));
}

TEST_P(SecretContract, OrganisationsHaveNamesOfTheirOwn) {
  const OrgId other = PutOrg("other");
  Set(Make(kDefaultOrg, "B", "1"));
  Set(Make(kDefaultOrg, "A", "2"));
  Set(Make(other, "A", "3"));
  EXPECT_EQ(Names(kDefaultOrg), "A B ");
  EXPECT_EQ(Names(other), "A ");
  Write([&](Transaction& tx) { return secrets().Delete(tx, other, "A"); });
  EXPECT_EQ(Names(other), "");
  EXPECT_EQ(Names(kDefaultOrg), "A B ");
  EXPECT_EQ(FailureOf([&](Transaction& tx) { return secrets().Delete(tx, other, "A"); }),
            ErrorKind::kNotFound);
  const auto session = Read();
  EXPECT_EQ(Value(secrets().ListAll(*session)).size(), 2u);
}

TEST_P(SecretContract, StayWhereTheStoreIsDurable) {
  if (!factory_->IsDurable()) return;
  Set(Make(kDefaultOrg, "A", "1"));
  Open();
  EXPECT_EQ(Names(kDefaultOrg), "A ");
}

INSTANTIATE_TEST_SUITE_P(Stores, SecretContract, testing::ValuesIn(AllStoreKinds()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace pharos::store
