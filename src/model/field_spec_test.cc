#include "model/field_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace pharos::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value Object(std::initializer_list<std::pair<std::string, Value>> members) {
  Value object = Value(Value::Object{});
  for (const auto& [name, value] : members) object.Set(name, value);
  return object;
}

FieldSpec Row(std::string_view name, FieldType type, double min = 0, double max = 0) {
  FieldSpec row;
  row.name = name;
  row.type = type;
  row.min = min;
  row.max = max;
  return row;
}

// The only problem of one value in one row, or "" when it is accepted.
std::string ProblemOf(const FieldSpec& row, const Value& value) {
  const ValidatedSpec checked = ValidateSpec({row}, Object({{"f", value}}), "");
  if (checked.problems.empty()) return "";
  EXPECT_EQ(checked.problems.size(), 1u);
  return checked.problems[0].field + " " + checked.problems[0].message;
}

TEST(FieldSpec, FillsDefaultsInRowOrder) {
  FieldSpec port = Row("port", FieldType::kInt, 1, 65535);
  port.fallback = 443;
  FieldSpec host = Row("host", FieldType::kText);
  host.required = true;
  const FieldSpec note = Row("note", FieldType::kText);
  const ValidatedSpec checked =
      ValidateSpec({port, note, host}, Object({{"host", "db.test"}}), "type_data.");
  EXPECT_THAT(checked.problems, IsEmpty());
  EXPECT_EQ(checked.spec, Object({{"port", 443}, {"host", "db.test"}}));
}

TEST(FieldSpec, NullMeansAbsent) {
  FieldSpec port = Row("port", FieldType::kInt);
  port.fallback = 80;
  FieldSpec host = Row("host", FieldType::kText);
  host.required = true;
  const ValidatedSpec checked =
      ValidateSpec({port, host}, Object({{"port", nullptr}, {"host", nullptr}}), "");
  EXPECT_EQ(checked.spec, Object({{"port", 80}}));
  EXPECT_THAT(checked.problems, ElementsAre(FieldError{"host", "is required"}));
}

TEST(FieldSpec, CollectsAllProblemsUnderThePrefix) {
  FieldSpec url = Row("url", FieldType::kText);
  url.required = true;
  const ValidatedSpec checked =
      ValidateSpec({url, Row("timeout", FieldType::kInt, 1, 60)},
                   Object({{"timeout", 99}, {"colour", "red"}}), "type_data.");
  EXPECT_THAT(checked.problems,
              ElementsAre(FieldError{"type_data.url", "is required"},
                          FieldError{"type_data.timeout", "must be between 1 and 60"},
                          FieldError{"type_data.colour", "is not a known field"}));
}

TEST(FieldSpec, InputMustBeAnObject) {
  EXPECT_THAT(ValidateSpec({}, Value("text"), "type_data.").problems,
              ElementsAre(FieldError{"type_data", "must be an object"}));
  FieldSpec row = Row("f", FieldType::kBool);
  row.fallback = true;
  const ValidatedSpec absent = ValidateSpec({row}, Value(), "");
  EXPECT_THAT(absent.problems, IsEmpty());
  EXPECT_EQ(absent.spec, Object({{"f", true}}));
}

TEST(FieldSpec, SimpleTypes) {
  const FieldSpec boolean = Row("f", FieldType::kBool);
  EXPECT_EQ(ProblemOf(boolean, false), "");
  EXPECT_EQ(ProblemOf(boolean, 1), "f must be true or false");

  const FieldSpec whole = Row("f", FieldType::kInt, -5, 5);
  EXPECT_EQ(ProblemOf(whole, -5), "");
  EXPECT_EQ(ProblemOf(whole, 5.0), "");
  EXPECT_EQ(ProblemOf(whole, 6), "f must be between -5 and 5");
  EXPECT_EQ(ProblemOf(whole, 2.5), "f must be a whole number");
  EXPECT_EQ(ProblemOf(whole, "2"), "f must be a whole number");
  EXPECT_EQ(ProblemOf(whole, 1e300), "f must be a whole number");
  EXPECT_EQ(ProblemOf(Row("f", FieldType::kInt), -1), "f must be at least 0");
  EXPECT_EQ(ProblemOf(Row("f", FieldType::kInt), int64_t{1} << 60), "");

  const FieldSpec real = Row("f", FieldType::kReal, 0, 0.5);
  EXPECT_EQ(ProblemOf(real, 0.25), "");
  EXPECT_EQ(ProblemOf(real, 0), "");
  EXPECT_EQ(ProblemOf(real, 1), "f must be between 0 and 0.5");
  EXPECT_EQ(ProblemOf(real, std::numeric_limits<double>::quiet_NaN()), "f must be a number");
}

TEST(FieldSpec, WholeRealsBecomeIntegers) {
  const ValidatedSpec checked = ValidateSpec({Row("f", FieldType::kInt)}, Object({{"f", 5.0}}), "");
  EXPECT_TRUE(checked.spec.Find("f")->IsInt());
}

TEST(FieldSpec, Texts) {
  const FieldSpec text = Row("f", FieldType::kText, 2, 4);
  EXPECT_EQ(ProblemOf(text, "abcd"), "");
  EXPECT_EQ(ProblemOf(text, "a"), "f must have at least 2 bytes");
  EXPECT_EQ(ProblemOf(text, "abcde"), "f must have at most 4 bytes");
  EXPECT_EQ(ProblemOf(text, 5), "f must be a text");
  const FieldSpec unlimited = Row("f", FieldType::kText);
  EXPECT_EQ(ProblemOf(unlimited, std::string(65536, 'x')), "");
  EXPECT_EQ(ProblemOf(unlimited, std::string(65537, 'x')), "f must have at most 65536 bytes");
  FieldSpec required = unlimited;
  required.required = true;
  EXPECT_EQ(ProblemOf(required, ""), "f is required");
}

TEST(FieldSpec, Choices) {
  FieldSpec choice = Row("f", FieldType::kChoice);
  choice.choices = {"GET", "POST"};
  EXPECT_EQ(ProblemOf(choice, "POST"), "");
  EXPECT_EQ(ProblemOf(choice, "post"), "f must be one of: GET, POST");
  EXPECT_EQ(ProblemOf(choice, 1), "f must be one of: GET, POST");
}

TEST(FieldSpec, TextLists) {
  const FieldSpec list = Row("f", FieldType::kTextList, 1, 2);
  EXPECT_EQ(ProblemOf(list, Value::List{"a", "b"}), "");
  EXPECT_EQ(ProblemOf(list, Value::List{}), "f must have at least 1 elements");
  EXPECT_EQ(ProblemOf(list, Value::List{"a", "b", "c"}), "f must have at most 2 elements");
  EXPECT_EQ(ProblemOf(list, Value::List{"a", 2}), "f[1] must be a text of at most 64 KiB");
  EXPECT_EQ(ProblemOf(list, "a"), "f must be a list");
  EXPECT_EQ(ProblemOf(Row("f", FieldType::kTextList), Value::List(101, Value("x"))),
            "f must have at most 100 elements");
}

TEST(FieldSpec, PairLists) {
  const FieldSpec pairs = Row("f", FieldType::kPairList);
  EXPECT_EQ(ProblemOf(pairs, Value::List{Object({{"name", "Accept"}, {"value", ""}})}), "");
  EXPECT_EQ(ProblemOf(pairs, Value::List{"Accept: x"}),
            "f[0] must be an object with name and value");
  EXPECT_EQ(ProblemOf(pairs, Value::List{Object({{"name", ""}, {"value", "x"}})}),
            "f[0].name must be a text that is not empty");
  EXPECT_EQ(ProblemOf(pairs, Value::List{Object({{"name", "A"}})}),
            "f[0].value must be a text of at most 64 KiB");
  EXPECT_EQ(ProblemOf(pairs, Value::List{Object({{"name", "A"}, {"value", "x"}, {"key", "y"}})}),
            "f[0].key is not a known field");
}

TEST(FieldSpec, Objects) {
  EXPECT_EQ(ProblemOf(Row("f", FieldType::kObject), Object({{"any", 1}})), "");
  EXPECT_EQ(ProblemOf(Row("f", FieldType::kObject), 1), "f must be an object");
  const FieldSpec list = Row("f", FieldType::kObjectList);
  EXPECT_EQ(ProblemOf(list, Value::List{Object({})}), "");
  EXPECT_EQ(ProblemOf(list, Value::List{Object({}), 3}), "f[1] must be an object");
}

}  // namespace
}  // namespace pharos::model
