#include "api/openapi.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "api/catalog.h"
#include "api/toy_test_support.h"
#include "base/json.h"
#include "base/text.h"

namespace pharos::api {
namespace {

const Shape kToyShape = {"Toy", {{.name = "name", .required = true}}};
const Shape kTroubleShape = {"Trouble", {{.name = "error", .required = true}}};

const Value& At(const Value& root, std::initializer_list<std::string_view> names) {
  static const Value kNothing;
  const Value* value = &root;
  for (const std::string_view name : names) {
    value = value->Find(name);
    if (value == nullptr) return kNothing;
  }
  return *value;
}

Dialect Toy() {
  Dialect d = MakeToy("toy", "/toy");
  d.title = "Toys";
  d.mounts = {{.prefix = "/toy"},
              {.prefix = "/lone/toy", .lone = true},
              {.prefix = "/push", .area = "push", .keyless = true},
              {.prefix = "/lone/push", .area = "push", .lone = true}};
  d.credentials.push_back({CredentialReader::Kind::kHeader, "X-Key"});
  d.error_shape = &kTroubleShape;
  Endpoint post = ToyRow("POST", "/toys/{id}", "toy.write");
  post.reads_body = true;
  post.success_status = 201;
  post.summary = "Writes a toy";
  post.request = &kToyShape;
  post.response = &kToyShape;
  post.query = {{.name = "limit", .type = FieldType::kInt, .min = 1, .max = 5}};
  Endpoint push = ToyRow("GET", "/{secret}", "push");
  push.area = "push";
  push.scope = kPublicScope;
  push.success_status = 204;
  d.endpoints = {post, push};
  return d;
}

TEST(OpenApi, SaysWhatTheRowsSay) {
  const Dialect toy = Toy();
  const Value document = DescribeDialect(toy, toy.mounts[0]);
  EXPECT_EQ(At(document, {"openapi"}).AsString(), "3.1.0");
  EXPECT_EQ(At(document, {"info", "title"}).AsString(), "Toys");
  const Value& post = At(document, {"paths", "/toy/toys/{id}", "post"});
  EXPECT_EQ(WriteJson(At(post, {"tags"})), R"(["toys"])");
  EXPECT_EQ(
      WriteJson(At(post, {"parameters"})),
      R"([{"name":"id","in":"path","required":true,"schema":{"type":"string"}},)"
      R"({"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":5}}])");
  EXPECT_EQ(WriteJson(At(post, {"security"})), R"([{"bearer":[]},{"header":[]}])");
  EXPECT_EQ(At(post, {"x-scope"}).AsString(), "toys:read");
  EXPECT_EQ(WriteJson(At(post, {"responses", "201", "content", "application/json"})),
            R"({"schema":{"$ref":"#/components/schemas/Toy"}})");
  EXPECT_EQ(WriteJson(At(post, {"responses", "400", "content", "application/json"})),
            R"({"schema":{"$ref":"#/components/schemas/Trouble"}})");
  const Value& push = At(document, {"paths", "/push/{secret}", "get"});
  EXPECT_EQ(WriteJson(At(push, {"security"})), "[]");
  EXPECT_TRUE(At(push, {"responses", "204", "content"}).IsNull());
}

TEST(OpenApi, StandsAtTheMountThatWasAsked) {
  const Dialect toy = Toy();
  EXPECT_TRUE(IsDescribed(toy.mounts[1]));
  EXPECT_FALSE(IsDescribed(toy.mounts[2]));
  const Value document = DescribeDialect(toy, toy.mounts[1]);
  EXPECT_FALSE(At(document, {"paths", "/lone/toy/toys/{id}"}).IsNull());
  EXPECT_FALSE(At(document, {"paths", "/lone/push/{secret}"}).IsNull());
}

// Every reference leads somewhere, every path parameter is declared, no operation is named twice:
// what a generator of clients stumbles over first.
class Inspector {
 public:
  explicit Inspector(const Value& document) : document_(document) {}

  void Inspect() {
    for (const Value::Member& path : At(document_, {"paths"}).AsObject()) {
      EXPECT_TRUE(path.first.starts_with("/")) << path.first;
      for (const Value::Member& method : path.second.AsObject()) {
        Operation(path.first, method.second);
      }
    }
    References(document_);
  }

 private:
  void Operation(const std::string& path, const Value& operation) {
    EXPECT_TRUE(ids_.insert(operation.StringOr("operationId", "")).second) << path;
    EXPECT_FALSE(At(operation, {"responses"}).AsObject().empty()) << path;
    std::set<std::string> wanted;
    for (const std::string_view segment : Split(path, '/')) {
      if (segment.starts_with("{")) wanted.emplace(segment.substr(1, segment.size() - 2));
    }
    std::set<std::string> declared;
    std::set<std::string> queries;
    if (const Value* parameters = operation.Find("parameters")) {
      for (const Value& parameter : parameters->AsList()) {
        const std::string name = parameter.StringOr("name", "");
        if (parameter.StringOr("in", "") == "path") declared.insert(name);
        if (parameter.StringOr("in", "") == "query") {
          EXPECT_TRUE(queries.insert(name).second) << path << " has " << name << " twice";
        }
      }
    }
    EXPECT_EQ(wanted, declared) << path;
  }

  void References(const Value& value) {
    if (value.IsList()) {
      for (const Value& element : value.AsList()) References(element);
    }
    if (!value.IsObject()) return;
    for (const Value::Member& member : value.AsObject()) {
      if (member.first == "$ref" && member.second.IsString()) {
        constexpr std::string_view kPrefix = "#/components/schemas/";
        const std::string& target = member.second.AsString();
        ASSERT_TRUE(target.starts_with(kPrefix)) << target;
        EXPECT_FALSE(
            At(document_, {"components", "schemas", target.substr(kPrefix.size())}).IsNull())
            << target;
      }
      References(member.second);
    }
  }

  const Value& document_;
  std::set<std::string> ids_;
};

TEST(OpenApi, EveryDialectHasASoundDocumentAtEachMount) {
  size_t documents = 0;
  for (const Dialect& dialect : AllDialects()) {
    for (const Mount& mount : dialect.mounts) {
      if (!IsDescribed(mount)) continue;
      SCOPED_TRACE(std::string(dialect.name) + " at " + std::string(mount.prefix));
      const Value document = DescribeDialect(dialect, mount);
      EXPECT_EQ(ParseJson(WriteJson(document), {.max_bytes = 64 << 20}).value(), document);
      Inspector(document).Inspect();
      ++documents;
    }
  }
  EXPECT_GE(documents, 2u);
}

void CollectShapes(const Shape& shape, std::map<std::string_view, const Shape*>& by_name) {
  const auto [it, is_new] = by_name.emplace(shape.name, &shape);
  EXPECT_EQ(it->second, &shape) << "two shapes are called " << shape.name;
  if (!is_new) return;
  std::set<std::string_view> names;
  for (const Field& field : shape.fields) {
    EXPECT_TRUE(names.insert(field.name).second) << shape.name << " has " << field.name << " twice";
    if (field.shape != nullptr) CollectShapes(*field.shape, by_name);
  }
}

TEST(OpenApi, NoTwoShapesOfADialectShareAName) {
  for (const Dialect& dialect : AllDialects()) {
    SCOPED_TRACE(dialect.name);
    std::map<std::string_view, const Shape*> by_name;
    if (dialect.error_shape != nullptr) CollectShapes(*dialect.error_shape, by_name);
    for (const Endpoint& row : dialect.endpoints) {
      if (row.request != nullptr) CollectShapes(*row.request, by_name);
      if (row.response != nullptr) CollectShapes(*row.response, by_name);
    }
  }
}

}  // namespace
}  // namespace pharos::api
