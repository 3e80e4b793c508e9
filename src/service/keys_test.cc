#include "service/keys.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "service/testing_house.h"
#include "store/key_store.h"

namespace pharos::service {
namespace {

class KeysTest : public testing::Test {
 protected:
  TestHouse house_;
  KeyService keys_{*house_.store, house_.clock};
  KeyVerifier verifier_{*house_.store, house_.clock};
  const model::OrgId org_{1};
};

TEST_F(KeysTest, ATextIsMadeOnceAndFoundByItsHash) {
  const CreatedKey created = keys_.Create(org_, "cli", {"kener_v4", "ops", {}, {}}).value();
  const std::string& text = created.text.Reveal();
  EXPECT_EQ(text.size(), 70u);
  EXPECT_TRUE(text.starts_with("kener_"));
  ASSERT_TRUE(verifier_.Reload());
  const auto found = verifier_.Find(text);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->principal.name, "ops");
  EXPECT_TRUE(found->principal.Has("monitors:write"));
  EXPECT_EQ(verifier_.Find(text + "0"), nullptr);
  EXPECT_EQ(verifier_.Find(""), nullptr);
  EXPECT_EQ(verifier_.Find(std::string(10'000, 'x')), nullptr);
}

TEST_F(KeysTest, TheStoreNeverHoldsTheText) {
  const CreatedKey created = keys_.Create(org_, "cli", {"kener_v4", "ops", {}, {}}).value();
  auto session = house_.store->Read().value();
  const auto stored = house_.store->keys().ListAll(*session).value();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].sha256.size(), 32u);
  EXPECT_EQ(stored[0].prefix, created.text.Reveal().substr(0, 10));
}

TEST_F(KeysTest, RevokedDisabledAndExpiredKeysAreFoundButNotUsable) {
  const Timestamp now = house_.clock.Now();
  VerifiedKey key;
  EXPECT_TRUE(KeyVerifier::CheckUsable(key, now));
  key.key.expires_at = now;
  EXPECT_EQ(KeyVerifier::CheckUsable(key, now).error().kind, ErrorKind::kKeyExpired);
  EXPECT_TRUE(KeyVerifier::CheckUsable(key, now - Duration(1)));
  key.key.disabled_at = now;
  EXPECT_EQ(KeyVerifier::CheckUsable(key, now).error().kind, ErrorKind::kKeyDisabled);
  key.key.revoked_at = now;
  EXPECT_EQ(KeyVerifier::CheckUsable(key, now).error().kind, ErrorKind::kKeyRevoked);
}

TEST_F(KeysTest, RevokesByNameOrIdWithinTheOrganisation) {
  const CreatedKey created = keys_.Create(org_, "cli", {"kener_v4", "ops", {}, {}}).value();
  EXPECT_FALSE(keys_.Revoke(model::OrgId(2), "cli", "", "ops"));
  EXPECT_FALSE(keys_.Revoke(org_, "cli", "kodo", "ops"));
  ASSERT_TRUE(keys_.Revoke(org_, "cli", "", std::to_string(created.key.id.value())));
  EXPECT_FALSE(keys_.Revoke(org_, "cli", "", "ops"));
  ASSERT_TRUE(verifier_.Reload());
  EXPECT_FALSE(
      KeyVerifier::CheckUsable(*verifier_.Find(created.text.Reveal()), house_.clock.Now()));
  // The name is free again.
  EXPECT_TRUE(keys_.Create(org_, "cli", {"kener_v4", "ops", {}, {}}));
}

TEST_F(KeysTest, WrongKeysAskTheStoreFiftyTimesASecondAtMost) {
  EXPECT_TRUE(verifier_.MayLookAgain());
  EXPECT_FALSE(verifier_.MayLookAgain());
  house_.clock.Advance(Milliseconds(19));
  EXPECT_FALSE(verifier_.MayLookAgain());
  house_.clock.Advance(Milliseconds(1));
  EXPECT_TRUE(verifier_.MayLookAgain());
}

TEST_F(KeysTest, BadWishesNameTheField) {
  EXPECT_EQ(keys_.Create(org_, "cli", {"kener_v5", "ops", {}, {}}).error().fields[0].field,
            "dialect");
  EXPECT_EQ(keys_.Create(org_, "cli", {"kodo", " ", {}, {}}).error().fields[0].field, "name");
  EXPECT_EQ(keys_.Create(org_, "cli", {"kodo", "x", {"all"}, {}}).error().fields[0].field,
            "scopes");
  for (const char* name : {"two\nlines", "\x1b[31mred", "not utf-8: \xff"}) {
    EXPECT_EQ(keys_.Create(org_, "cli", {"kodo", name, {}, {}}).error().fields[0].field, "name");
  }
  ASSERT_TRUE(keys_.Create(org_, "cli", {"kodo", "x", {"monitors:read"}, {}}));
  EXPECT_EQ(keys_.Create(org_, "cli", {"kodo", "x", {}, {}}).error().kind, ErrorKind::kConflict);
}

TEST(Scopes, FormAndMatching) {
  for (const char* good : {"*:*", "monitors:read", "status_pages:write", "*:read"}) {
    EXPECT_TRUE(IsValidScope(good)) << good;
  }
  for (const char* bad : {"", ":", "a", "a:", ":b", "A:b", "a:b:c", "a b:c"}) {
    EXPECT_FALSE(IsValidScope(bad)) << bad;
  }
  model::Principal who;
  who.scopes = {"monitors:*", "site:read"};
  EXPECT_TRUE(who.Has("monitors:write"));
  EXPECT_TRUE(who.Has("site:read"));
  EXPECT_FALSE(who.Has("site:write"));
  EXPECT_FALSE(who.Has("monitors"));
}

// At shutdown the verifier goes before the store has drained its queue.
TEST_F(KeysTest, ANotedUseOutlivesTheVerifier) {
  const CreatedKey created = keys_.Create(org_, "cli", {"kener_v4", "ops", {}, {}}).value();
  std::promise<void> release;
  house_.store->WriteAsync(
      [released = release.get_future().share()](store::Transaction&) {
        released.wait();
        return Ok();
      },
      [](Status) {});
  auto verifier = std::make_unique<KeyVerifier>(*house_.store, house_.clock);
  ASSERT_TRUE(verifier->Reload());
  verifier->NoteUse(*verifier->Find(created.text.Reveal()));
  verifier.reset();
  release.set_value();
  ASSERT_TRUE(house_.store->Write([](store::Transaction&) { return Ok(); }));
  EXPECT_EQ(keys_.List(org_).value().at(0).last_used_at, house_.clock.Now());
}

}  // namespace
}  // namespace pharos::service
