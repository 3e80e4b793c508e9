#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/dialect.h"
#include "api/endpoint.h"
#include "base/error.h"
#include "base/json.h"
#include "http/message.h"

namespace pharos::api::is0k {

// {"data":null,"error":{"code":...,"message":...,"details":[...]}} (is0k.md 2.1).
http::Response PrintFailure(const http::Request& request, const Failure& failure);
void Decorate(const http::Request& request, http::Response& response);

// {"data":<what `print` writes>,"error":null}
template <class Print>
std::string Enveloped(const Print& print) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("data");
  print(json);
  json.Key("error").Null().EndObject();
  return out;
}

// Part of a list, and what is said of it in "meta".
struct Window {
  bool asked = false;  // page or per_page was given
  int64_t page = 1;
  int64_t per_page = 50;
  int64_t Offset() const { return (page - 1) * per_page; }
};
// Reads page, per_page and its alias limit. Error: kInvalid naming the parameter.
Result<Window> ReadWindow(const http::Request& request, int64_t usual, int64_t max);
// The first parameter of that name; empty when absent.
std::string QueryText(const http::Request& request, std::string_view name);
void PutMeta(JsonWriter& json, const Window& window, int64_t total);

// {"data":[...],"error":null} and "meta" when there is a window.
template <class Print>
std::string EnvelopedList(const Window* window, int64_t total, const Print& print) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("data").BeginList();
  print(json);
  json.EndList().Key("error").Null();
  if (window != nullptr) PutMeta(json, *window, total);
  json.EndObject();
  return out;
}

// {"data":{"id":...,"deleted":true},"error":null}
std::string Deleted(std::string_view id);

// 404 in the words of a noun: code "MONITOR_NOT_FOUND", "Monitor with ID <id> not found".
struct Noun {
  std::string_view word;  // "Monitor"
  std::string_view code;
};
inline constexpr Noun kMonitor{"Monitor", "MONITOR_NOT_FOUND"};
inline constexpr Noun kChannel{"Alert channel", "ALERT_CHANNEL_NOT_FOUND"};
inline constexpr Noun kPage{"Status page", "STATUS_PAGE_NOT_FOUND"};
inline constexpr Noun kIncident{"Incident", "INCIDENT_NOT_FOUND"};
Error NotFound(Call& call, const Noun& noun);

// 400 VALIDATION_ERROR about one field.
Error BadField(std::string_view field, std::string message);
// Use cases say what is wrong with a field without its name: puts the name in front.
Error Spelled(Error error);
// A refusal with another code and status than its kind has.
Error Coded(Call& call, int status, std::string_view code, std::string message);

}  // namespace pharos::api::is0k
