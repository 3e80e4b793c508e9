#include "service/designs.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "service/pages.h"
#include "service/testing_house.h"

namespace pharos::service {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

class DesignServiceTest : public testing::Test {
 protected:
  DesignServiceTest() {
    model::Page draft;
    draft.path = "partners";
    draft.title = "Partners";
    page_ = pages_.Create(house_.who, draft).value();
  }
  Result<DesignService::Saved> Put(std::string_view json) {
    return designs_.PutDraft(house_.who, page_, Json(json));
  }

  TestHouse house_;
  PageService pages_{*house_.context};
  DesignService designs_{*house_.context};
  model::Page page_;
};

TEST_F(DesignServiceTest, OneDraftThatKeepsItsId) {
  const auto first = Put(R"({"theme_tokens":{"brand":{"primary":"#112233"}}})").value().draft;
  const auto again = Put(R"({"summary":"Darker"})").value().draft;
  EXPECT_EQ(first.uid, again.uid);
  EXPECT_EQ(again.number, 1);
  EXPECT_EQ(again.summary, "Darker");
  EXPECT_EQ(again.theme_tokens, Json(R"({"brand":{"primary":"#112233"}})"));
  const auto overview = designs_.Overview(house_.who, page_).value();
  EXPECT_FALSE(overview.current);
  EXPECT_EQ(overview.draft->uid, first.uid);
}

TEST_F(DesignServiceTest, PublishingMovesThePointerAndThePage) {
  const auto draft = Put(R"({"theme_tokens":{"brand":{"primary":"#112233"},"font":{"family":"mono"},
      "logo_url":"/logo.svg"},"layout":{"sections":[{"type":"header"},
      {"type":"subscribe_panel","enabled":false}]}})")
                         .value()
                         .draft;
  EXPECT_EQ(designs_.Publish(house_.who, page_, "other").error().kind, ErrorKind::kConflict);
  const auto published = designs_.Publish(house_.who, page_, draft.uid);
  ASSERT_TRUE(published) << published.error().message;
  EXPECT_EQ(published->state, DesignState::kPublished);
  const model::Page page = pages_.Get(house_.who, page_.id).value();
  EXPECT_EQ(page.look.StringOr("primary_color", ""), "#112233");
  EXPECT_EQ(page.look.StringOr("font_family", ""), "jetbrains-mono");
  EXPECT_FALSE(page.look.BoolOr("show_subscribe_form", true));
  EXPECT_EQ(page.logo, "/logo.svg");
  EXPECT_EQ(designs_.Publish(house_.who, page_, draft.uid).error().kind, ErrorKind::kNotFound);

  const auto second = Put(R"({"summary":"Next"})").value().draft;
  EXPECT_EQ(second.number, 2);
  EXPECT_EQ(second.base, draft.uid);
  EXPECT_EQ(second.theme_tokens, published->theme_tokens);
  ASSERT_TRUE(designs_.Publish(house_.who, page_, second.uid));
  const auto versions = designs_.List(house_.who, page_, 10).value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].state, DesignState::kPublished);
  EXPECT_EQ(versions[1].state, DesignState::kArchived);
}

TEST_F(DesignServiceTest, FormIsChecked) {
  struct Row {
    const char* design;
    const char* path;
  };
  std::string sections = R"({"layout":{"sections":[)";
  for (int i = 0; i < 21; ++i)
    sections += i == 0 ? R"({"type":"header"})" : R"(,{"type":"footer"})";
  sections += "]}}";
  const Row rows[] = {
      {R"({"theme_tokens":{"brand":{"tertiary":"#112233"}}})", "theme_tokens.brand.tertiary"},
      {R"({"theme_tokens":{"brand":{"primary":"red"}}})", "theme_tokens.brand.primary"},
      {R"({"theme_tokens":{"font":{"family":"comic"}}})", "theme_tokens.font.family"},
      {R"({"theme_tokens":{"colour":1}})", "theme_tokens.colour"},
      {R"({"layout":{"sections":[{"type":"advert"}]}})", "layout.sections[0].type"},
      {R"({"layout":{"sections":[{"type":"header","size":1}]}})", "layout.sections[0].size"},
      {sections.c_str(), "layout.sections"},
      {R"({"template":"<script>1</script>"})", "template"},
      {R"({"template_mode":"wild"})", "template_mode"},
      {R"({"summary":""})", "summary"},
      {R"({"name":"x"})", "name"},
  };
  for (const Row& row : rows) {
    const auto findings = CheckDesign(Json(row.design));
    ASSERT_FALSE(findings.errors.empty()) << row.design;
    EXPECT_EQ(findings.errors[0].path, row.path);
    EXPECT_EQ(Put(row.design).error().kind, ErrorKind::kInvalid);
  }
  EXPECT_TRUE(designs_.Check(house_.who, page_, Value()).value().errors.empty());
  EXPECT_FALSE(designs_.Check(house_.who, page_, Json(R"({"summary":""})")).value().errors.empty());
}

TEST_F(DesignServiceTest, VersionsOfOtherPagesAreNotFound) {
  const auto draft = Put(R"({"summary":"x"})").value().draft;
  model::Page other;
  other.path = "other";
  other.title = "Other";
  other = pages_.Create(house_.who, other).value();
  EXPECT_TRUE(designs_.Get(house_.who, page_, draft.uid));
  EXPECT_EQ(designs_.Get(house_.who, other, draft.uid).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace pharos::service
