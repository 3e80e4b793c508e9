#include "api/kodo/body.h"

#include <gtest/gtest.h>

#include "api/kodo/envelope.h"

namespace pharos::api::kodo {
namespace {

const Shape kShape = {
    .name = "Test",
    .fields = {{.name = "name", .required = true, .min = 1, .max = 5},
               {.name = "count", .type = FieldType::kInt, .min = 1, .max = 9},
               {.name = "word", .nullable = true, .choices = {"a", "b"}},
               {.name = "at", .type = FieldType::kTime},
               {.name = "list", .type = FieldType::kList, .max = 2}},
};

Value Parse(std::string_view text) { return ParseJson(text).value(); }

std::string Complaint(const Status& status) {
  if (status) return "";
  std::string text;
  for (const FieldError& field : status.error().fields) {
    text += (text.empty() ? "" : "; ") + field.field + ": " + field.message;
  }
  return text.empty() ? status.error().message : text;
}

http::Request Query(std::string query) {
  http::Request request;
  request.query = std::move(query);
  return request;
}

// kodo.md 4, field message vocabulary.
TEST(KodoBody, SpeaksOfFieldsInKodosWords) {
  const struct {
    const char* body;
    const char* complaint;
  } rows[] = {
      {R"({"name":"x"})", ""},
      {R"({"name":"x","else":1})", ""},
      {R"({})", "name: Required"},
      {R"({"name":null})", "name: Expected string, received null"},
      {R"({"name":7})", "name: Expected string, received number"},
      {R"({"name":[]})", "name: Expected string, received array"},
      {R"({"name":" "})", "name: String must contain at least 1 character(s)"},
      {R"({"name":"123456"})", "name: String must contain at most 5 character(s)"},
      {R"({"name":"x","count":1.5})", "count: Expected integer, received float"},
      {R"({"name":"x","count":0})", "count: Number must be greater than or equal to 1"},
      {R"({"name":"x","count":10})", "count: Number must be less than or equal to 9"},
      {R"({"name":"x","word":"c"})", "word: Invalid value"},
      {R"({"name":"x","word":null})", ""},
      {R"({"name":"x","at":"soon"})", "at: Invalid datetime"},
      {R"({"name":"x","list":["a","b","c"]})", "list: Array must contain at most 2 element(s)"},
      {R"([])", ": Expected object, received array"},
      {R"("x")", ": Expected object, received string"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Complaint(CheckCreate(kShape, Parse(row.body))), row.complaint) << row.body;
  }
}

TEST(KodoBody, ChangesNeedSomethingToChange) {
  EXPECT_EQ(Complaint(CheckChange(kShape, Parse("{}"))), "No fields to update");
  EXPECT_EQ(Complaint(CheckChange(kShape, Parse(R"({"else":1})"))), "No fields to update");
  EXPECT_EQ(Complaint(CheckChange(kShape, Parse(R"({"word":null})"))), "");
  EXPECT_EQ(Complaint(CheckOptional(kShape, Parse("{}"))), "");
}

// kodo.md 5
TEST(KodoBody, LimitsAreBentIntoTheirRange) {
  const struct {
    const char* query;
    int limit;
    int offset;
  } rows[] = {
      {"", 50, 0},
      {"limit=1&offset=2", 1, 2},
      {"limit=500", 100, 0},
      {"limit=0", 1, 0},
      {"limit=-7&offset=-7", 1, 0},
      {"limit=many&offset=few", 50, 0},
      {"limit=99999999999999999999", 50, 0},
      {"offset=99999999999", 50, 1'000'000'000},
  };
  for (const auto& row : rows) {
    const Paging paging = ReadPaging(Query(row.query), 50, 100);
    EXPECT_EQ(paging.limit, row.limit) << row.query;
    EXPECT_EQ(paging.offset, row.offset) << row.query;
  }
}

TEST(KodoBody, TimesComeInWithOffsetsAndGoOutInMilliseconds) {
  const Value body = Parse(R"({"a":"2026-03-04T06:06:07.1239+01:00","b":7})");
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  PutTimeOrNull(json, "a", TimeOf(body, "a"));
  PutTimeOrNull(json, "b", TimeOf(body, "b"));
  PutTimeUnlessNever(json, "c", Timestamp{});
  json.EndObject();
  EXPECT_EQ(out, R"({"a":"2026-03-04T05:06:07.123Z","b":null,"c":null})");
}

TEST(KodoBody, AnAbsentBodyIsEmpty) {
  http::Request request;
  EXPECT_EQ(WriteJson(ParseOptionalBody(request).value()), "{}");
  request.body = " \r\n";
  EXPECT_EQ(WriteJson(ParseOptionalBody(request).value()), "{}");
  request.body = "{";
  EXPECT_EQ(ParseOptionalBody(request).error().message, "Invalid JSON body");
  request.body = "null";
  EXPECT_FALSE(ParseOptionalBody(request));
  request.body_too_large = true;
  EXPECT_EQ(ParseOptionalBody(request).error().kind, ErrorKind::kTooLarge);
}

TEST(KodoEnvelope, ErrorsAreTexts) {
  const auto print = [](Failure failure) { return PrintFailure({}, failure).body; };
  Failure failure;
  failure.status = 404;
  failure.message = "Service not found";
  EXPECT_EQ(print(failure), R"({"error":"Service not found"})");
  failure.status = 403;
  failure.details.Set("upgrade_required", true);
  failure.message = "Plan limit reached";
  EXPECT_EQ(print(failure), R"({"error":"Plan limit reached","upgrade_required":true})");
  failure = {};
  failure.status = 400;
  failure.message = "whatever";
  failure.fields = {{"a", "Required"}, {"b", "Invalid value"}, {"a", "Too odd"}, {"", "Bad"}};
  EXPECT_EQ(print(failure),
            R"({"error":"Invalid request body","code":"INVALID_SCHEMA","details":{"fieldErrors":)"
            R"({"a":["Required","Too odd"],"b":["Invalid value"]},"formErrors":["Bad"]}})");
  failure = {};
  failure.problem = Problem::kBadBody;
  failure.status = 400;
  failure.message = "Invalid JSON body";
  EXPECT_EQ(print(failure), R"({"error":"Invalid JSON body","code":"INVALID_SCHEMA"})");
}

}  // namespace
}  // namespace pharos::api::kodo
