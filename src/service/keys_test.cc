#include "service/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
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

TEST_F(KeysTest, EachDialectHasItsForm) {
  const CreatedKey kodo = keys_.Create(org_, "cli", {"kodo", "a", {}, {}}).value();
  const std::string& kodo_text = kodo.text.Reveal();
  EXPECT_EQ(kodo_text.size(), 45u);
  EXPECT_EQ(kodo.key.prefix, kodo_text.substr(0, 11) + "..");
  const CreatedKey is0k = keys_.Create(org_, "cli", {"is0k", "a", {}, {}}).value();
  const std::string& is0k_text = is0k.text.Reveal();
  EXPECT_EQ(is0k_text.size(), 42u);
  EXPECT_TRUE(is0k_text.starts_with("is0k_live_"));
  EXPECT_EQ(is0k.key.prefix, "is0k_live_..." + is0k_text.substr(38));
  EXPECT_TRUE(std::all_of(is0k_text.begin() + 10, is0k_text.end(),
                          [](unsigned char c) { return std::isalnum(c) != 0; }));
}

TEST_F(KeysTest, AChangedKeyIsKnownAtOnce) {
  KeyService keys(*house_.store, house_.clock, &verifier_);
  const CreatedKey created = keys.Create(house_.who, {"kodo", "ops", {}, {}, "strict"}).value();
  const std::string& text = created.text.Reveal();
  ASSERT_NE(verifier_.Find(text), nullptr);
  EXPECT_EQ(verifier_.Find(text)->key.rate_class, "strict");
  KeyChange change;
  change.enabled = false;
  change.name = " new name ";
  change.scopes = {"monitors:read"};
  change.expires_at = house_.clock.Now() + Minutes(1);
  const model::ApiKey changed = keys.Update(house_.who, created.key.uid, change).value();
  EXPECT_EQ(changed.name, "new name");
  EXPECT_EQ(changed.disabled_at, house_.clock.Now());
  EXPECT_EQ(KeyVerifier::CheckUsable(*verifier_.Find(text), house_.clock.Now()).error().kind,
            ErrorKind::kKeyDisabled);
  EXPECT_FALSE(verifier_.Find(text)->principal.Has("monitors:write"));
  KeyChange back;
  back.enabled = true;
  back.expires_at = std::optional<Timestamp>();
  EXPECT_EQ(keys.Update(house_.who, created.key.uid, back).value().expires_at, std::nullopt);
  EXPECT_TRUE(KeyVerifier::CheckUsable(*verifier_.Find(text), house_.clock.Now()));
  EXPECT_EQ(keys.Find(org_, created.key.uid).value().name, "new name");
  ASSERT_TRUE(keys.Delete(house_.who, created.key.uid));
  EXPECT_EQ(verifier_.Find(text), nullptr);
  EXPECT_EQ(keys.Delete(house_.who, created.key.uid).error().kind, ErrorKind::kNotFound);
}

TEST_F(KeysTest, ChangesStayWithinTheOrganisationAndNeedSense) {
  const CreatedKey created = keys_.Create(org_, "cli", {"kodo", "ops", {}, {}}).value();
  ASSERT_TRUE(keys_.Create(org_, "cli", {"kodo", "taken", {}, {}}));
  model::Principal stranger = house_.who;
  stranger.org = model::OrgId(2);
  const std::string& uid = created.key.uid;
  KeyChange change;
  change.name = "mine";
  EXPECT_EQ(keys_.Update(stranger, uid, change).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(keys_.Delete(stranger, uid).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(keys_.Find(stranger.org, uid).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(keys_.Find(org_, "").error().kind, ErrorKind::kNotFound);
  change.name = "";
  EXPECT_EQ(keys_.Update(house_.who, uid, change).error().fields[0].field, "name");
  change.name = "taken";
  EXPECT_EQ(keys_.Update(house_.who, uid, change).error().kind, ErrorKind::kConflict);
  KeyChange scopes;
  scopes.scopes = {"all"};
  EXPECT_EQ(keys_.Update(house_.who, uid, scopes).error().fields[0].field, "scopes");
  scopes.scopes = std::vector<std::string>();  // nothing must not become everything
  EXPECT_EQ(keys_.Update(house_.who, uid, scopes).error().fields[0].field, "scopes");
  KeyChange rate;
  rate.rate_class = "No Word";
  EXPECT_EQ(keys_.Update(house_.who, uid, rate).error().fields[0].field, "rate_class");
}

TEST_F(KeysTest, FindsByWordTheLivingOneFirst) {
  const CreatedKey old = keys_.Create(org_, "cli", {"kodo", "ops", {}, {}}).value();
  ASSERT_TRUE(keys_.Revoke(org_, "cli", "kodo", "ops"));
  EXPECT_EQ(keys_.FindByWord(org_, "", "ops").value().id, old.key.id);
  const CreatedKey fresh = keys_.Create(org_, "cli", {"kodo", "ops", {}, {}}).value();
  EXPECT_EQ(keys_.FindByWord(org_, "kodo", "ops").value().id, fresh.key.id);
  EXPECT_EQ(keys_.FindByWord(org_, "", old.key.uid).value().id, old.key.id);
  EXPECT_EQ(keys_.FindByWord(org_, "is0k", "ops").error().kind, ErrorKind::kNotFound);
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
