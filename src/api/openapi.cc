#include "api/openapi.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/text.h"

namespace pharos::api {
namespace {

// Where rows of an area stand in the document of `mount`; nullptr when clients cannot reach them.
const Mount* MountOfArea(const Dialect& dialect, const Mount& mount, std::string_view area) {
  if (area == mount.area) return &mount;
  const Mount* other = nullptr;
  for (const Mount& candidate : dialect.mounts) {
    if (candidate.area != area || candidate.fallback) continue;
    if (candidate.lone == mount.lone) return &candidate;
    if (other == nullptr) other = &candidate;
  }
  return other;
}

Value Text(std::string_view name, Value value) {
  Value object;
  object.Set(name, std::move(value));
  return object;
}

Value SecuritySchemes(const Dialect& dialect) {
  Value schemes{Value::Object{}};
  for (const CredentialReader& reader : dialect.credentials) {
    Value scheme;
    if (reader.kind == CredentialReader::Kind::kHeader) {
      scheme.Set("type", "apiKey");
      scheme.Set("in", "header");
      scheme.Set("name", reader.header);
      schemes.Set("header", std::move(scheme));
    } else {
      scheme.Set("type", "http");
      scheme.Set("scheme", "bearer");
      schemes.Set("bearer", std::move(scheme));
    }
  }
  return schemes;
}

// Any one of the schemes will do.
Value SecurityOf(const Dialect& dialect, const Endpoint& row) {
  Value::List any;
  if (row.scope == kPublicScope) return any;
  const Value schemes = SecuritySchemes(dialect);
  for (const Value::Member& scheme : schemes.AsObject()) {
    any.push_back(Text(scheme.first, Value::List{}));
  }
  return any;
}

Value Parameters(const Endpoint& row) {
  Value::List parameters;
  for (const std::string_view segment : Split(row.pattern, '/')) {
    if (segment.size() < 3 || segment.front() != '{') continue;
    Value parameter;
    parameter.Set("name", segment.substr(1, segment.size() - 2));
    parameter.Set("in", "path");
    parameter.Set("required", true);
    parameter.Set("schema", Text("type", "string"));
    parameters.push_back(std::move(parameter));
  }
  for (const Field& field : row.query) {
    Value parameter;
    parameter.Set("name", field.name);
    parameter.Set("in", "query");
    if (field.required) parameter.Set("required", true);
    if (!field.help.empty()) parameter.Set("description", field.help);
    Value schema = SchemaOfField(field);
    schema.Remove("description");
    parameter.Set("schema", std::move(schema));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

Value Content(std::string_view type, Value schema) {
  return Text(type, Text("schema", std::move(schema)));
}

// The members of a body of which none must be sent.
Value PartialSchema(const Shape& shape) {
  Value properties{Value::Object{}};
  for (const Field& field : shape.fields) properties.Set(field.name, SchemaOfField(field));
  Value schema;
  schema.Set("type", "object");
  schema.Set("properties", std::move(properties));
  if (!shape.open) schema.Set("additionalProperties", false);
  return schema;
}

Value RequestBody(const Endpoint& row) {
  Value schema{Value::Object{}};
  if (row.request != nullptr) {
    schema = row.partial_request ? PartialSchema(*row.request) : SchemaReference(*row.request);
  }
  Value body;
  body.Set("required", true);
  body.Set("content", Content("application/json", std::move(schema)));
  return body;
}

// The media type alone, without parameters.
std::string_view MediaType(const Dialect& dialect) {
  const std::string_view type =
      dialect.content_type.empty() ? "application/json" : dialect.content_type;
  return Trim(type.substr(0, type.find(';')));
}

// The kinds of error that the row can end with, as statuses.
std::set<int> ErrorStatuses(const Dialect& dialect, const Endpoint& row) {
  std::vector<ErrorKind> kinds = {ErrorKind::kInternal, ErrorKind::kUnavailable};
  const auto add = [&](bool condition, std::initializer_list<ErrorKind> more) {
    if (condition) kinds.insert(kinds.end(), more);
  };
  add(row.scope != kPublicScope, {ErrorKind::kUnauthenticated});
  add(row.scope != kPublicScope && row.scope != kAnyKeyScope, {ErrorKind::kForbidden});
  add(row.pattern.find('{') != std::string_view::npos, {ErrorKind::kNotFound});
  add(row.reads_body || !row.query.empty(), {ErrorKind::kInvalid});
  add(row.reads_body, {ErrorKind::kTooLarge, ErrorKind::kConflict});
  const auto& classes = dialect.rate_classes;
  add(std::any_of(classes.begin(), classes.end(),
                  [](const RateClass& c) { return c.per_minute > 0; }),
      {ErrorKind::kRateLimited});
  std::set<int> statuses;
  for (const ErrorKind kind : kinds) statuses.insert(FindErrorRow(dialect, kind)->status);
  return statuses;
}

Value SuccessSchema(const Endpoint& row) {
  if (row.response == nullptr) return Value::Object{};
  Value schema = SchemaReference(*row.response);
  if (!row.response_is_list) return schema;
  Value list;
  list.Set("type", "array");
  list.Set("items", std::move(schema));
  return list;
}

// What refuses a row at that mount.
const Shape* ErrorShape(const Dialect& dialect, const Mount& mount) {
  return mount.error_shape != nullptr ? mount.error_shape : dialect.error_shape;
}

Value Responses(const Dialect& dialect, const Mount& mount, const Endpoint& row) {
  Value success;
  success.Set("description", http::ReasonPhrase(row.success_status));
  if (row.success_status != 204) {
    success.Set("content", Content(MediaType(dialect), SuccessSchema(row)));
  }
  Value responses;
  responses.Set(std::to_string(row.success_status), std::move(success));
  for (const int status : ErrorStatuses(dialect, row)) {
    if (status == row.success_status) continue;
    Value schema{Value::Object{}};
    if (const Shape* shape = ErrorShape(dialect, mount)) schema = SchemaReference(*shape);
    Value failure;
    failure.Set("description", http::ReasonPhrase(status));
    failure.Set("content", Content("application/json", std::move(schema)));
    responses.Set(std::to_string(status), std::move(failure));
  }
  return responses;
}

std::string_view TagOf(const Endpoint& row) {
  if (row.pattern.size() < 2) return "general";
  const std::string_view rest = row.pattern.substr(1);
  const std::string_view first = rest.substr(0, rest.find('/'));
  return first.front() == '{' ? (row.area.empty() ? "general" : row.area) : first;
}

Value Operation(const Dialect& dialect, const Mount& mount, const Endpoint& row,
                std::set<std::string>& ids) {
  std::string id(row.operation);
  if (!ids.insert(id).second) {
    id += "." + AsciiLower(row.method);
    while (!ids.insert(id).second) id += "_";
  }
  Value operation;
  operation.Set("operationId", std::move(id));
  operation.Set("tags", Value::List{TagOf(row)});
  if (!row.summary.empty()) operation.Set("summary", row.summary);
  Value parameters = Parameters(row);
  if (!parameters.AsList().empty()) operation.Set("parameters", std::move(parameters));
  if (row.reads_body) operation.Set("requestBody", RequestBody(row));
  operation.Set("responses", Responses(dialect, mount, row));
  operation.Set("security", SecurityOf(dialect, row));
  operation.Set("x-scope", row.scope);
  operation.Set("x-rate-class", row.rate_class);
  return operation;
}

Value Paths(const Dialect& dialect, const Mount& mount) {
  Value paths{Value::Object{}};
  std::set<std::string> ids;
  for (const Endpoint& row : dialect.endpoints) {
    const Mount* place = MountOfArea(dialect, mount, row.area);
    if (place == nullptr) continue;
    const std::string path = std::string(place->prefix) + std::string(row.pattern);
    const std::string method = AsciiLower(row.method);
    const Value* known = paths.Find(path);
    // Rows that the query alone tells apart share one entry, which OpenAPI has no way to split.
    if (known != nullptr && known->Find(method) != nullptr) continue;
    Value operation = Operation(dialect, *place, row, ids);
    if (known == nullptr) paths.Set(path, Value::Object{});
    paths.Find(path)->Set(method, std::move(operation));
  }
  return paths;
}

Value Components(const Dialect& dialect) {
  Value schemas{Value::Object{}};
  if (dialect.error_shape != nullptr) CollectSchemas(*dialect.error_shape, schemas);
  for (const Mount& mount : dialect.mounts) {
    if (mount.error_shape != nullptr) CollectSchemas(*mount.error_shape, schemas);
  }
  for (const Endpoint& row : dialect.endpoints) {
    if (row.request != nullptr) CollectSchemas(*row.request, schemas);
    if (row.response != nullptr) CollectSchemas(*row.response, schemas);
    for (const Field& field : row.query) {
      if (field.shape != nullptr) CollectSchemas(*field.shape, schemas);
    }
  }
  Value components;
  components.Set("securitySchemes", SecuritySchemes(dialect));
  components.Set("schemas", std::move(schemas));
  return components;
}

}  // namespace

bool IsDescribed(const Mount& mount) {
  return mount.area.empty() && !mount.fallback && !mount.keyless;
}

Value DescribeDialect(const Dialect& dialect, const Mount& mount) {
  Value info;
  info.Set("title", dialect.title.empty() ? dialect.name : dialect.title);
  info.Set("version", PHAROS_VERSION);
  info.Set("x-dialect", dialect.name);
  Value document;
  document.Set("openapi", "3.1.0");
  document.Set("info", std::move(info));
  document.Set("servers", Value::List{Text("url", "/")});
  document.Set("paths", Paths(dialect, mount));
  document.Set("components", Components(dialect));
  return document;
}

}  // namespace pharos::api
