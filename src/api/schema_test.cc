#include "api/schema.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api {
namespace {

const Shape kPart = {"Part", {{.name = "impact", .required = true, .choices = {"minor", "major"}}}};

const Shape kThing = {
    "Thing",
    {{.name = "title", .required = true, .min = 1, .max = 10},
     {.name = "count", .type = FieldType::kInt, .min = 1, .max = 5},
     {.name = "ratio", .type = FieldType::kNumber, .nullable = true},
     {.name = "on", .type = FieldType::kBool},
     {.name = "at", .type = FieldType::kTime},
     {.name = "unix", .type = FieldType::kUnixTime},
     {.name = "tags", .type = FieldType::kList, .max = 2},
     {.name = "levels", .type = FieldType::kList, .choices = {"a", "b"}},
     {.name = "parts", .type = FieldType::kList, .shape = &kPart},
     {.name = "part", .type = FieldType::kObject, .nullable = true, .shape = &kPart},
     {.name = "free", .type = FieldType::kObject},
     {.name = "any", .type = FieldType::kAny},
     {.name = "raw", .any_control = true}},
    false};

// "path fault" of every finding.
std::string Find(std::string_view json, const CheckOptions& options = {}) {
  constexpr const char* kNames[] = {"missing",      "null",    "type",    "not_whole",
                                    "short",        "long",    "small",   "big",
                                    "not_a_choice", "control", "no_time", "unknown"};
  const Value body = ParseJson(json).value();
  std::string text;
  for (const Finding& finding : CheckShape(kThing, body, options)) {
    if (!text.empty()) text += ", ";
    text += finding.path + " " + kNames[static_cast<size_t>(finding.fault)];
  }
  return text;
}

TEST(Schema, AcceptsWhatFits) {
  EXPECT_EQ(Find(R"({"title":"x"})"), "");
  EXPECT_EQ(Find(R"({"title":"x","count":5,"ratio":null,"on":true,"at":"2026-03-04T05:06:07Z",
                     "unix":1778485320,"tags":["a","b"],"levels":["b"],"parts":[{"impact":"minor"}],
                     "part":null,"free":{"x":1},"any":[1],"raw":"\u0007"})"),
            "");
  EXPECT_EQ(Find(R"({"title":"a\tb\nc","count":2.0,"any":null})"), "");
}

TEST(Schema, NamesEachFault) {
  EXPECT_EQ(Find("{}"), "title missing");
  EXPECT_EQ(Find(R"({"title":null})"), "title null");
  EXPECT_EQ(Find(R"({"title":1})"), "title type");
  EXPECT_EQ(Find(R"({"title":""})"), "title short");
  EXPECT_EQ(Find(R"({"title":"   "})"), "title short");
  EXPECT_EQ(Find(R"({"title":"12345678901"})"), "title long");
  EXPECT_EQ(Find(R"({"title":"a\u0000"})"), "title control");
  EXPECT_EQ(Find(R"({"title":"x","count":"1"})"), "count type");
  EXPECT_EQ(Find(R"({"title":"x","count":1.5})"), "count not_whole");
  EXPECT_EQ(Find(R"({"title":"x","count":0})"), "count small");
  EXPECT_EQ(Find(R"({"title":"x","count":1e300})"), "count big");
  EXPECT_EQ(Find(R"({"title":"x","on":1})"), "on type");
  EXPECT_EQ(Find(R"({"title":"x","at":"yesterday"})"), "at no_time");
  EXPECT_EQ(Find(R"({"title":"x","at":5})"), "at type");
  EXPECT_EQ(Find(R"({"title":"x","unix":-1})"), "unix small");
  EXPECT_EQ(Find(R"({"title":"x","unix":1e15})"), "unix big");
  EXPECT_EQ(Find(R"({"title":"x","tags":"a"})"), "tags type");
  EXPECT_EQ(Find(R"({"title":"x","tags":["a","b","c"]})"), "tags long");
  EXPECT_EQ(Find(R"({"title":"x","tags":["a",1]})"), "tags[1] type");
  EXPECT_EQ(Find(R"({"title":"x","levels":["a","z"]})"), "levels[1] not_a_choice");
  EXPECT_EQ(Find(R"({"title":"x","free":[]})"), "free type");
  EXPECT_EQ(Find(R"({"title":"x","more":1})"), "more unknown");
}

TEST(Schema, GoesIntoWhatIsNested) {
  EXPECT_EQ(Find(R"({"title":"x","parts":[{"impact":"minor"},{}]})"), "parts[1].impact missing");
  EXPECT_EQ(Find(R"({"title":"x","parts":[3]})"), "parts[0] type");
  EXPECT_EQ(Find(R"({"title":"x","part":{"impact":"huge"}})"), "part.impact not_a_choice");
}

TEST(Schema, PartialLeavesOutOnlyWhatIsKept) {
  const CheckOptions partial{.partial = true};
  EXPECT_EQ(Find("{}", partial), "");
  EXPECT_EQ(Find(R"({"title":null})", partial), "title null");
  EXPECT_EQ(Find(R"({"part":{}})", partial), "");
  EXPECT_EQ(Find(R"({"parts":[{}]})", partial), "parts[0].impact missing");
}

TEST(Schema, OnlyObjectsAndNotTooManyFindings) {
  EXPECT_EQ(Find("[]"), " type");
  EXPECT_EQ(Find("3"), " type");
  EXPECT_EQ(Find(R"({"title":1,"count":"x","on":2})", {.max_findings = 2}),
            "title type, count type");
}

TEST(Schema, DescribesFields) {
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[0])),
            R"({"type":"string","minLength":1,"maxLength":10})");
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[2])), R"({"type":["number","null"]})");
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[4])),
            R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[7])),
            R"({"type":"array","items":{"type":"string","enum":["a","b"]}})");
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[9])),
            R"({"anyOf":[{"$ref":"#/components/schemas/Part"},{"type":"null"}]})");
  EXPECT_EQ(WriteJson(SchemaOfField(kThing.fields[11])), "{}");
}

TEST(Schema, CollectsEachShapeOnce) {
  Value components{Value::Object{}};
  CollectSchemas(kThing, components);
  CollectSchemas(kPart, components);
  ASSERT_EQ(components.AsObject().size(), 2u);
  const Value& thing = *components.Find("Thing");
  EXPECT_EQ(WriteJson(*thing.Find("required")), R"(["title"])");
  EXPECT_EQ(thing.BoolOr("additionalProperties", true), false);
  EXPECT_EQ(components.Find("Part")->Find("additionalProperties"), nullptr);
}

}  // namespace
}  // namespace pharos::api
