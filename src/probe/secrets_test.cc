#include "probe/secrets.h"

#include <gtest/gtest.h>

namespace pharos::probe {
namespace {

std::optional<std::string> LookUp(std::string_view name) {
  if (name == "TOKEN") return "s3cr3t/value";
  if (name == "TOKEN_2") return "s3cr3t/value-longer";
  if (name == "SHORT") return "abc";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

TEST(SecretExpander, ReplacesKnownNames) {
  SecretExpander expander(LookUp);
  EXPECT_EQ(expander.Expand("Bearer $TOKEN"), "Bearer s3cr3t/value");
  EXPECT_EQ(expander.Expand("${TOKEN}x$TOKEN_2"), "s3cr3t/valuexs3cr3t/value-longer");
  EXPECT_EQ(expander.Expand("$EMPTY|$SHORT"), "|abc");
}

TEST(SecretExpander, LeavesEverythingElseAsWritten) {
  SecretExpander expander(LookUp);
  for (const char* text : {"", "$", "$$", "cost: $5", "$UNKNOWN", "${TOKEN", "${}", "$-x", "a$",
                           "${TO KEN}", "^ok$"}) {
    EXPECT_EQ(expander.Expand(text), text);
  }
  EXPECT_EQ(SecretExpander(nullptr).Expand("$TOKEN"), "$TOKEN");
}

TEST(SecretExpander, ValuesAreNotExpandedAgain) {
  SecretExpander expander([](std::string_view) { return std::optional<std::string>("$TOKEN"); });
  EXPECT_EQ(expander.Expand("$A"), "$TOKEN");
}

TEST(SecretExpander, RedactsWhatWasPutIn) {
  SecretExpander expander(LookUp);
  expander.Expand("$TOKEN $TOKEN_2 $SHORT");
  EXPECT_EQ(expander.Redact("got s3cr3t/value-longer and s3cr3t/value, abc"),
            "got $TOKEN_2 and $TOKEN, abc");
  EXPECT_EQ(expander.Redact("http://h/?k=s3cr3t%2Fvalue"), "http://h/?k=$TOKEN");
}

TEST(SecretExpander, WhatWasNotUsedIsNotRedacted) {
  SecretExpander expander(LookUp);
  expander.Expand("plain");
  EXPECT_EQ(expander.Redact("s3cr3t/value"), "s3cr3t/value");
}

TEST(SecretExpander, RedactsTheFormsInWhichTargetsAnswer) {
  const std::string value = "Ab/\"<c>&d Zz";
  SecretExpander secrets([&](std::string_view) { return std::optional<std::string>(value); });
  (void)secrets.Expand("$TOKEN");
  for (const std::string& form : FormsOf(value)) {
    EXPECT_EQ(secrets.Redact("<" + form + ">"), "<$TOKEN>") << form;
  }
  EXPECT_EQ(secrets.Redact("cut: " + value.substr(0, 8)), "cut: $TOKEN");
  EXPECT_EQ(secrets.Redact("cut: Ab/"), "cut: Ab/") << "too little to tell";
  EXPECT_EQ(secrets.Redact(R"(PHP: "Ab\/\"<c>&d Zz")"), R"(PHP: "$TOKEN")");
  EXPECT_EQ(secrets.Redact("form: Ab%2F%22%3Cc%3E%26d+Zz"), "form: $TOKEN");
}

TEST(SecretExpander, RedactsWhatIsCutInTheMiddleOfAText) {
  SecretExpander expander(LookUp);
  expander.Expand("$TOKEN");
  EXPECT_EQ(expander.Redact(R"(the last was "s3cr3t/va..." and "s3cr3t/...".)"),
            R"(the last was "$TOKEN..." and "$TOKEN...".)");
  EXPECT_EQ(expander.Redact("..."), "...");
  EXPECT_EQ(expander.Redact("s3cr3t/..."), "$TOKEN...");
  EXPECT_EQ(expander.Redact("wait... s3cr3 ..."), "wait... s3cr3 ...");
}

TEST(SecretExpander, ATextOfNothingButReferencesStaysSmall) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "$A";
  size_t asked = 0;
  const auto look_up = [&asked](size_t bytes) {
    return [&asked, bytes](std::string_view) {
      ++asked;
      return std::optional(std::string(bytes, 'x'));
    };
  };
  SecretExpander many(look_up(5));
  const std::string put_in = many.Expand(text);
  EXPECT_EQ(asked, kMaxSecretsOfCheck);
  EXPECT_TRUE(put_in.starts_with(std::string(5 * kMaxSecretsOfCheck, 'x') + "$A$A"));
  EXPECT_EQ(many.Expand("$A"), "$A");
  SecretExpander large(look_up(16 * 1024));
  EXPECT_LE(large.Expand(text).size(), kMaxSecretBytesOfCheck + text.size());
}

TEST(SecretExpander, RedactsAValueWithoutTheSpaceAroundIt) {
  SecretExpander expander([](std::string_view) { return std::optional<std::string>(" tok-en\n"); });
  expander.Expand("$TOKEN");
  EXPECT_EQ(expander.Redact("got tok-en."), "got $TOKEN.");
}

TEST(BindSecrets, ACheckFindsThoseOfItsOrganisationAlone) {
  class TwoOrganisations : public SecretSource {
   public:
    std::optional<std::string> Find(model::OrgId org, std::string_view name) const override {
      return std::string(name) + " of " + std::to_string(org.value());
    }
  };
  const TwoOrganisations source;
  Tools tools;
  tools.secret_source = &source;
  EXPECT_EQ(BindSecrets(tools, model::OrgId(1)).secrets("A"), "A of 1");
  EXPECT_EQ(BindSecrets(tools, model::OrgId(2)).secrets("A"), "A of 2");
  EXPECT_FALSE(BindSecrets(Tools{}, model::OrgId(1)).secrets);
}

TEST(MayExpand, SeesReferences) {
  EXPECT_TRUE(MayExpand("http://$HOST/"));
  EXPECT_TRUE(MayExpand("${A}"));
  EXPECT_FALSE(MayExpand("http://host/?q=$"));
  EXPECT_FALSE(MayExpand("plain"));
}

}  // namespace
}  // namespace pharos::probe
