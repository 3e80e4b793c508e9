#include "service/secrets.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "service/testing_house.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"
#include "store/secret_store.h"

namespace pharos::service {
namespace {

class KeysInMemory : public SecretKeys {
 public:
  Result<std::vector<Secret>> Load() override { return keys; }
  Status Save(const std::vector<Secret>& given) override {
    ++saves;
    if (saves == fail_at) return Error::Internal("no space left");
    keys = given;
    return Ok();
  }
  std::string Place() const override { return "keys"; }

  std::vector<Secret> keys;
  int saves = 0;
  int fail_at = 0;
};

class SecretsTest : public testing::Test {
 protected:
  SecretsTest() {
    model::Organisation other;
    other.name = "other";
    const Status made = house_.store->Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(other, house_.store->organisations().Insert(tx, other));
      return Ok();
    });
    EXPECT_TRUE(made);
    them_ = house_.who;
    them_.org = other.id;
    EXPECT_TRUE(vault_.Reload());
  }
  Status Set(const model::Principal& who, std::string_view name, std::string value) {
    const auto set = service_.Set(who, name, Secret(std::move(value)));
    return set ? Ok() : Status(set.error());
  }
  std::string Find(const model::Principal& who, std::string_view name) {
    return vault_.Find(who.org, name).value_or("-");
  }
  std::vector<model::StoredSecret> Rows() {
    const auto session = house_.store->Read().value();
    return house_.store->secrets().ListAll(*session).value();
  }
  void Write(const std::function<Status(store::Transaction&)>& write) {
    ASSERT_TRUE(house_.store->Write(write));
  }

  TestHouse house_;
  model::Principal them_;
  KeysInMemory keys_;
  SecretVault vault_{*house_.store, keys_, [](std::string_view name) {
                       return name.starts_with("MONITOR_") ? std::optional<std::string>("from env")
                                                           : std::nullopt;
                     }};
  SecretService service_{*house_.store, house_.clock, keys_, &vault_};
};

TEST_F(SecretsTest, AnOrganisationFindsItsOwnAlone) {
  ASSERT_TRUE(Set(house_.who, "TOKEN", "ours-0123"));
  EXPECT_EQ(Find(house_.who, "TOKEN"), "ours-0123");
  EXPECT_EQ(Find(them_, "TOKEN"), "-");
  ASSERT_TRUE(Set(them_, "TOKEN", "theirs-4567"));
  EXPECT_EQ(Find(house_.who, "TOKEN"), "ours-0123");
  EXPECT_EQ(Find(them_, "TOKEN"), "theirs-4567");
  ASSERT_TRUE(service_.Delete(house_.who, "TOKEN"));
  EXPECT_EQ(Find(house_.who, "TOKEN"), "-");
  EXPECT_EQ(Find(them_, "TOKEN"), "theirs-4567");
  EXPECT_EQ(service_.Delete(house_.who, "TOKEN").error().kind, ErrorKind::kNotFound);
}

TEST_F(SecretsTest, ARowThatIsMovedToAnotherPlaceDoesNotOpen) {
  ASSERT_TRUE(Set(house_.who, "TOKEN", "ours-0123"));
  model::StoredSecret stolen = Rows().front();
  stolen.org = them_.org;
  Write([&](store::Transaction& tx) { return house_.store->secrets().Upsert(tx, stolen); });
  stolen.org = house_.who.org;
  stolen.name = "OTHER";
  Write([&](store::Transaction& tx) { return house_.store->secrets().Upsert(tx, stolen); });
  ASSERT_TRUE(vault_.Reload());
  EXPECT_EQ(Find(them_, "TOKEN"), "-");
  EXPECT_EQ(Find(house_.who, "OTHER"), "-");
  EXPECT_EQ(Find(house_.who, "TOKEN"), "ours-0123");
}

TEST_F(SecretsTest, TheStoreHoldsNoValue) {
  ASSERT_TRUE(Set(house_.who, "TOKEN", "a-very-plain-value"));
  for (const model::StoredSecret& row : Rows()) {
    EXPECT_EQ(row.sealed.find("plain"), std::string::npos);
  }
  const auto session = house_.store->Read().value();
  const auto entries = house_.store->audit().List(*session, house_.who.org, {}).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries.front().action, "secret.created");
  EXPECT_EQ(entries.front().resource_id, "TOKEN");
  EXPECT_EQ(WriteJson(entries.front().changes).find("plain"), std::string::npos);
}

TEST_F(SecretsTest, StoredOnesWinOverTheEnvironmentOfTheFirstOrganisation) {
  EXPECT_EQ(Find(house_.who, "MONITOR_A"), "from env");
  EXPECT_EQ(Find(them_, "MONITOR_A"), "-");
  EXPECT_EQ(Find(house_.who, "PATH"), "-");
  ASSERT_TRUE(Set(house_.who, "MONITOR_A", "stored"));
  EXPECT_EQ(Find(house_.who, "MONITOR_A"), "stored");
  // What cannot be opened is not replaced by something else of that name.
  model::StoredSecret row = Rows().front();
  row.sealed.back() = static_cast<char>(row.sealed.back() ^ 1);
  Write([&](store::Transaction& tx) { return house_.store->secrets().Upsert(tx, row); });
  ASSERT_TRUE(vault_.Reload());
  EXPECT_EQ(Find(house_.who, "MONITOR_A"), "-");
}

TEST_F(SecretsTest, RefusesWhatIsNoNameOrValue) {
  for (const std::string& name :
       {std::string(), std::string("1A"), std::string("A-B"), std::string("A B"),
        std::string("\xc3\xa4"), std::string(65, 'A'), std::string("A\0B", 3)}) {
    const Status set = Set(house_.who, name, "value");
    ASSERT_FALSE(set) << name;
    EXPECT_EQ(set.error().fields.at(0).field, "name");
  }
  for (const std::string& value :
       {std::string(), std::string("abc"), std::string(16 * 1024 + 1, 'x'), std::string(8, '\0')}) {
    const Status set = Set(house_.who, "A", value);
    ASSERT_FALSE(set) << value.size();
    EXPECT_EQ(set.error().fields.at(0).field, "value");
  }
  EXPECT_TRUE(Set(house_.who, std::string(64, '_'), std::string(16 * 1024, 'x')));
}

TEST_F(SecretsTest, ThereIsALimitForEachOrganisation) {
  ASSERT_TRUE(Set(house_.who, "FIRST", "value"));
  Write([&](store::Transaction& tx) -> Status {
    model::StoredSecret row = Rows().front();
    for (size_t i = 1; i < kMaxSecrets; ++i) {
      row.name = "S" + std::to_string(i);
      PHAROS_RETURN_IF_ERROR(house_.store->secrets().Upsert(tx, row));
    }
    return Ok();
  });
  EXPECT_EQ(Set(house_.who, "ONE_MORE", "value").error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(Set(house_.who, "FIRST", "other"));
  EXPECT_TRUE(Set(them_, "ONE_MORE", "value"));
}

TEST_F(SecretsTest, ListsNamesAndTimes) {
  ASSERT_TRUE(Set(house_.who, "B", "value"));
  house_.clock.Advance(Minutes(1));
  ASSERT_TRUE(Set(house_.who, "A", "value"));
  ASSERT_TRUE(Set(house_.who, "B", "value 2"));
  const auto list = service_.List(house_.who).value();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "A");
  EXPECT_EQ(list[1].name, "B");
  EXPECT_EQ(list[1].updated_at - list[1].created_at, Minutes(1));
  EXPECT_TRUE(service_.List(them_).value().empty());
}

TEST_F(SecretsTest, AnotherProcessIsSeenAfterReload) {
  SecretService beside(*house_.store, house_.clock, keys_);
  ASSERT_TRUE(beside.Set(house_.who, "TOKEN", Secret("from the command line")));
  EXPECT_EQ(Find(house_.who, "TOKEN"), "-");
  ASSERT_TRUE(vault_.Reload());
  EXPECT_EQ(Find(house_.who, "TOKEN"), "from the command line");
}

TEST_F(SecretsTest, ALostKeyIsSaidAndHidesNothing) {
  ASSERT_TRUE(Set(house_.who, "TOKEN", "value"));
  const auto kept = keys_.keys;
  keys_.keys.clear();
  Status lost = vault_.Reload();
  ASSERT_FALSE(lost);
  EXPECT_NE(lost.error().message.find("there is no key in 'keys'"), std::string::npos);
  EXPECT_EQ(Find(house_.who, "TOKEN"), "value") << "what was known stays";
  EXPECT_FALSE(Set(house_.who, "NEW", "value")) << "no fresh key beside the lost one";
  EXPECT_TRUE(keys_.keys.empty());
  keys_.keys.emplace_back(std::string(kSealKeyBytes, 'k'));
  lost = vault_.Reload();
  ASSERT_FALSE(lost);
  EXPECT_NE(lost.error().message.find("is not the one"), std::string::npos);
  EXPECT_FALSE(service_.Rotate(house_.who));
  keys_.keys.clear();
  EXPECT_TRUE(service_.Delete(house_.who, "TOKEN")) << "deleting needs no key";
  EXPECT_TRUE(Set(house_.who, "TOKEN", "again"));
  EXPECT_EQ(Find(house_.who, "TOKEN"), "again");
}

TEST_F(SecretsTest, RotationSealsEverythingAnew) {
  ASSERT_TRUE(Set(house_.who, "A", "value a"));
  ASSERT_TRUE(Set(them_, "B", "value b"));
  const auto before = Rows();
  const std::string old = keys_.keys.front().Reveal();
  EXPECT_EQ(service_.Rotate(house_.who).value(), 2u);
  ASSERT_EQ(keys_.keys.size(), 1u);
  EXPECT_NE(keys_.keys.front().Reveal(), old);
  const auto after = Rows();
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_NE(after[i].sealed, before[i].sealed);
    EXPECT_NE(after[i].key_mark, before[i].key_mark);
    EXPECT_EQ(after[i].updated_at, before[i].updated_at);
  }
  EXPECT_EQ(Find(house_.who, "A"), "value a");
  EXPECT_EQ(Find(them_, "B"), "value b");
}

TEST_F(SecretsTest, ARotationThatIsInterruptedLosesNothing) {
  ASSERT_TRUE(Set(house_.who, "A", "value a"));
  for (const int step : {1, 2}) {
    keys_.saves = 0;
    keys_.fail_at = step;
    EXPECT_FALSE(service_.Rotate(house_.who)) << step;
    ASSERT_TRUE(vault_.Reload()) << step;
    EXPECT_EQ(Find(house_.who, "A"), "value a") << step;
  }
  keys_.fail_at = 0;
  EXPECT_EQ(service_.Rotate(house_.who).value(), 1u);
  EXPECT_EQ(keys_.keys.size(), 1u);
  ASSERT_TRUE(vault_.Reload());
  EXPECT_EQ(Find(house_.who, "A"), "value a");
}

TEST_F(SecretsTest, KeysOfRotationsThatFailDoNotPileUp) {
  ASSERT_TRUE(Set(house_.who, "A", "value a"));
  ASSERT_TRUE(Set(house_.who, "B", "value b"));
  model::StoredSecret damaged = Rows().front();
  damaged.sealed.back() = static_cast<char>(damaged.sealed.back() ^ 1);
  Write([&](store::Transaction& tx) { return house_.store->secrets().Upsert(tx, damaged); });
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(service_.Rotate(house_.who));
    EXPECT_EQ(keys_.keys.size(), 2u) << "the one in use and the last fresh one";
  }
  ASSERT_TRUE(service_.Delete(house_.who, damaged.name));
  EXPECT_EQ(service_.Rotate(house_.who).value(), 1u);
  EXPECT_EQ(keys_.keys.size(), 1u);
}

}  // namespace
}  // namespace pharos::service
