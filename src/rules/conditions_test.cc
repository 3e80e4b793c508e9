#include "rules/conditions.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::rules {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

struct Row {
  const char* conditions;
  bool holds;
};

TEST(Conditions, EveryOperator) {
  const Value facts = Json(R"({"severity":"critical","count":12,"service":{"name":"Checkout"},
                               "services":["Checkout","Login"],"title":"Depot offline"})");
  const Row rows[] = {
      {"null", true},
      {"{}", true},
      {R"({"operator":"AND","conditions":[]})", true},
      {R"({"field":"severity","operator":"equals","value":"critical"})", true},
      {R"({"field":"severity","operator":"equals","value":"Critical"})", false},
      {R"({"field":"count","operator":"equals","value":12.0})", true},
      {R"({"field":"severity","operator":"not_equals","value":"minor"})", true},
      {R"({"field":"nothing","operator":"not_equals","value":"minor"})", true},
      {R"({"field":"nothing","operator":"equals","value":null})", false},
      {R"({"field":"title","operator":"contains","value":"offline"})", true},
      {R"({"field":"services","operator":"contains","value":"Login"})", true},
      {R"({"field":"services","operator":"not_contains","value":"Login"})", false},
      {R"({"field":"count","operator":"greater_than","value":11})", true},
      {R"({"field":"count","operator":"greater_than","value":12})", false},
      {R"({"field":"severity","operator":"greater_than","value":1})", false},
      {R"({"field":"count","operator":"less_than","value":12.5})", true},
      {R"({"field":"service.name","operator":"in","value":["Checkout","Depot"]})", true},
      {R"({"field":"services","operator":"in","value":["Depot","Login"]})", true},
      {R"({"field":"service.name","operator":"not_in","value":["Depot"]})", true},
      {R"({"field":"service.name","operator":"sounds_like","value":"x"})", false},
      {R"({"operator":"AND","conditions":[{"field":"count","operator":"equals","value":12},
          {"field":"severity","operator":"equals","value":"minor"}]})",
       false},
      {R"({"operator":"OR","conditions":[{"field":"count","operator":"equals","value":12},
          {"field":"severity","operator":"equals","value":"minor"}]})",
       true},
      {R"({"conditions":[{"operator":"OR","conditions":[
          {"field":"count","operator":"less_than","value":1},
          {"field":"severity","operator":"in","value":["critical"]}]}]})",
       true},
      {"7", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ConditionsHold(Json(row.conditions), facts), row.holds) << row.conditions;
  }
}

TEST(Conditions, FormIsChecked) {
  EXPECT_TRUE(CheckConditions(Json(R"({"field":"a","operator":"in","value":[1]})"), "c").empty());
  const auto problems = CheckConditions(
      Json(R"({"operator":"XOR","conditions":[{"field":"","operator":"in","value":1},
              {"field":"x","operator":"like"},5]})"),
      "conditions");
  std::vector<std::string> fields;
  for (const FieldError& problem : problems) fields.push_back(problem.field);
  EXPECT_EQ(fields, (std::vector<std::string>{
                        "conditions.operator", "conditions.conditions[0].field",
                        "conditions.conditions[0].value", "conditions.conditions[1].operator",
                        "conditions.conditions[1].value", "conditions.conditions[2]"}));
}

TEST(Conditions, DepthIsBounded) {
  std::string text = R"({"field":"a","operator":"equals","value":1})";
  for (int i = 0; i < 10; ++i) text = R"({"conditions":[)" + text + "]}";
  EXPECT_FALSE(ConditionsHold(Json(text), Json(R"({"a":1})")));
  EXPECT_FALSE(CheckConditions(Json(text), "c").empty());
}

}  // namespace
}  // namespace pharos::rules
