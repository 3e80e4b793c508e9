#include "api/is0k/envelope.h"

#include "api/preflight.h"
#include "base/text.h"

namespace pharos::api::is0k {
namespace {

Result<std::optional<int64_t>> ReadNumber(
    const std::vector<std::pair<std::string, std::string>>& query, std::string_view name,
    int64_t max) {
  const std::string* text = http::FindParameter(query, name);
  if (text == nullptr) return std::optional<int64_t>();
  const auto number = ParseInt(*text);
  if (!number || *number < 1 || *number > max) {
    return BadField(name,
                    std::string(name) + " must be a number between 1 and " + std::to_string(max));
  }
  return std::optional<int64_t>(*number);
}

}  // namespace

http::Response PrintFailure(const http::Request&, const Failure& failure) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("data").Null().Key("error").BeginObject();
  json.Key("code").String(failure.code);
  json.Key("message").String(failure.message);
  if (!failure.fields.empty()) {
    json.Key("details").BeginList();
    for (const FieldError& field : failure.fields) {
      json.BeginObject();
      json.Key("field").String(field.field).Key("message").String(field.message);
      json.EndObject();
    }
    json.EndList();
  }
  json.EndObject().EndObject();
  http::Response response = http::Response::Json(failure.status, std::move(body));
  if (failure.problem == Problem::kWrongMethod) response.Add("allow", failure.allow);
  return response;
}

void Decorate(const http::Request&, http::Response& response) { AllowAnyOrigin(response); }

Result<Window> ReadWindow(const http::Request& request, int64_t usual, int64_t max) {
  constexpr int64_t kLastPage = 1'000'000;
  const auto query = http::ParseQuery(request.query);
  Window window;
  window.per_page = usual;
  PHAROS_ASSIGN_OR_RETURN(const auto page, ReadNumber(query, "page", kLastPage));
  PHAROS_ASSIGN_OR_RETURN(const auto per_page, ReadNumber(query, "per_page", max));
  PHAROS_ASSIGN_OR_RETURN(const auto limit, ReadNumber(query, "limit", max));
  window.asked = page || per_page || limit;
  if (page) window.page = *page;
  if (limit) window.per_page = *limit;
  if (per_page) window.per_page = *per_page;
  return window;
}

std::string QueryText(const http::Request& request, std::string_view name) {
  const auto query = http::ParseQuery(request.query);
  const std::string* text = http::FindParameter(query, name);
  return text == nullptr ? std::string() : *text;
}

void PutMeta(JsonWriter& json, const Window& window, int64_t total) {
  json.Key("meta").BeginObject();
  json.Key("page").Int(window.page).Key("per_page").Int(window.per_page);
  json.Key("total").Int(total);
  json.Key("total_pages").Int((total + window.per_page - 1) / window.per_page);
  json.EndObject();
}

std::string Deleted(std::string_view id) {
  return Enveloped([&](JsonWriter& json) {
    json.BeginObject().Key("id").String(id).Key("deleted").Bool(true).EndObject();
  });
}

Error NotFound(Call& call, const Noun& noun) {
  call.failure.code = noun.code;
  return Error(ErrorKind::kNotFound, std::string(noun.word) + " with ID " +
                                         Ellipsize(SanitizeUtf8(call.params.Find("id")), 100) +
                                         " not found");
}

Error BadField(std::string_view field, std::string message) {
  return Error::Field(std::string(field), std::move(message));
}

Error Spelled(Error error) {
  for (FieldError& field : error.fields) {
    if (!field.message.starts_with(field.field)) field.message.insert(0, field.field + " ");
  }
  if (!error.fields.empty()) error.message = error.fields.front().message;
  return error;
}

Error Coded(Call& call, int status, std::string_view code, std::string message) {
  call.failure.status = status;
  call.failure.code = code;
  return Error(ErrorKind::kInvalid, std::move(message));
}

}  // namespace pharos::api::is0k
