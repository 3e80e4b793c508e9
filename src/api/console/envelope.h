#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/body_values.h"
#include "api/dialect.h"
#include "api/endpoint.h"
#include "base/error.h"
#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "service/monitors.h"

namespace pharos::api::console {

// {"error":{"code","message","fields":[{"field","message"}]}}
http::Response PrintFailure(const http::Request& request, const Failure& failure);
const Shape& ErrorReply();

// Error: kInvalid with one entry per field. `partial`: absent members keep what is stored.
Status CheckBody(const Shape& shape, const Value& body, bool partial);

// For the gate: the monitor that {tag} names is one of the caller's organisation. Error: kNotFound.
Status MonitorExists(Call& call);
Result<service::MonitorPtr> FindMonitor(const Call& call);

// The first parameter of that name; empty when absent.
std::string QueryText(const http::Request& request, std::string_view name);
// A whole number of the query. Error: kInvalid naming the parameter.
Result<int64_t> QueryNumber(const http::Request& request, std::string_view name, int64_t usual,
                            int64_t min, int64_t max);
// "true" or "false"; nullopt when absent or empty. Error: kInvalid naming the parameter.
Result<std::optional<bool>> QueryFlag(const http::Request& request, std::string_view name);

// Part of a list: ?page=1&limit=100.
inline constexpr int64_t kUsualLimit = 100;
inline constexpr int64_t kMaxLimit = 1'000;
struct Window {
  int64_t page = 1;
  int64_t limit = kUsualLimit;
  int64_t Offset() const { return (page - 1) * limit; }
};
Result<Window> ReadWindow(const http::Request& request);
std::vector<Field> WithWindow(std::vector<Field> query);
// {"items":[...],"page":1,"limit":100,"total":7}; the shape of such a reply.
template <class Print>
std::string PrintList(const Window& window, int64_t total, const Print& print) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("items").BeginList();
  print(json);
  json.EndList();
  json.Key("page").Int(window.page).Key("limit").Int(window.limit).Key("total").Int(total);
  json.EndObject();
  return out;
}
Shape ListShape(std::string_view name, const Shape& element);

// {"deleted":true}
std::string PrintDeleted();
const Shape& DeletedReply();

}  // namespace pharos::api::console
