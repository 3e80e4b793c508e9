#include "api/kener_v3/envelope.h"

#include <utility>

#include "api/kener/js.h"
#include "api/preflight.h"
#include "base/json.h"

namespace pharos::api::kener_v3 {
namespace {

// 9999-12-31T23:59:59Z: what our time formats can say.
constexpr double kLastSecond = 253402300799.0;

}  // namespace

http::Response PrintFailure(const http::Request&, const Failure& failure) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("error").String(failure.message);
  if (failure.details.IsObject()) {
    for (const auto& [name, value] : failure.details.AsObject()) json.Key(name).Tree(value);
  }
  json.EndObject();
  http::Response response(failure.status);
  response.Add("content-type", "application/json");
  if (failure.problem == Problem::kWrongMethod) response.Add("allow", failure.allow);
  response.body = std::move(body);
  return response;
}

void Decorate(const http::Request&, http::Response& response) { AllowAnyOrigin(response); }

std::optional<int64_t> LooseSeconds(const Value* value) {
  const std::optional<double> number = kener::LooseNumber(value);
  if (!number || *number < 0 || *number > kLastSecond) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<std::string> NonEmptyText(const Value* value) {
  if (value == nullptr || !value->IsString() || value->AsString().empty()) return std::nullopt;
  return value->AsString();
}

}  // namespace pharos::api::kener_v3
