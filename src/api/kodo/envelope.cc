#include "api/kodo/envelope.h"

#include <map>
#include <utility>
#include <vector>

#include "api/preflight.h"
#include "base/json.h"

namespace pharos::api::kodo {
namespace {

constexpr std::string_view kInvalidSchema = "INVALID_SCHEMA";

// {"fieldErrors":{"slug":["Required"]},"formErrors":[]}; the order of the fields is kept.
void PrintFields(JsonWriter& json, const std::vector<FieldError>& fields) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> by_field;
  for (const FieldError& field : fields) {
    std::vector<std::string>& messages = by_field[field.field];
    if (messages.empty()) order.push_back(field.field);
    messages.push_back(field.message);
  }
  json.Key("fieldErrors").BeginObject();
  for (const std::string& name : order) {
    if (name.empty()) continue;
    json.Key(name).BeginList();
    for (const std::string& message : by_field[name]) json.String(message);
    json.EndList();
  }
  json.EndObject();
  json.Key("formErrors").BeginList();
  for (const std::string& message : by_field[""]) json.String(message);
  json.EndList();
}

bool IsGeneric(const Failure& failure) { return failure.status == 400 && !failure.fields.empty(); }

}  // namespace

http::Response PrintFailure(const http::Request&, const Failure& failure) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (IsGeneric(failure)) {
    json.Key("error").String("Invalid request body").Key("code").String(kInvalidSchema);
    json.Key("details").BeginObject();
    PrintFields(json, failure.fields);
    json.EndObject();
  } else {
    json.Key("error").String(failure.message);
    // Some endpoints read their bodies themselves, since none need be there.
    const bool is_broken = failure.problem == Problem::kBadBody || failure.message == kBrokenJson;
    const std::string_view code = is_broken ? kInvalidSchema : failure.code;
    if (!code.empty()) json.Key("code").String(code);
  }
  if (failure.details.IsObject()) {
    for (const auto& [name, value] : failure.details.AsObject()) json.Key(name).Tree(value);
  }
  json.EndObject();
  http::Response response = http::Response::Json(failure.status, std::move(body));
  if (failure.problem == Problem::kWrongMethod) response.Add("allow", failure.allow);
  return response;
}

void Decorate(const http::Request&, http::Response& response) {
  for (const http::Header& header : response.headers) {
    if (header.name == "access-control-allow-origin") return;
  }
  AllowAnyOrigin(response);
}

Error BadRequest(std::string text) { return Error(ErrorKind::kInvalid, std::move(text)); }

Error BadField(std::string_view field, std::string message) {
  return Error::Field(std::string(field), std::move(message));
}

Error NotFound(std::string_view what) {
  return Error(ErrorKind::kNotFound, std::string(what) + " not found");
}

Error NotFoundAs(Error error, std::string_view what) {
  return error.kind == ErrorKind::kNotFound ? NotFound(what) : error;
}

}  // namespace pharos::api::kodo
