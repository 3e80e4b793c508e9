#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/body_values.h"
#include "api/endpoint.h"
#include "api/schema.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace pharos::api::kodo {

// The body of a creation: all of `shape`. Error: kInvalid with Kodo's words per field (kodo.md 4).
Status CheckCreate(const Shape& shape, const Value& body);
// The body of a change: only what was sent. Error: also "No fields to update" when the body has
// none of the shape's members.
Status CheckChange(const Shape& shape, const Value& body);
// The same without the rule about empty bodies, for bodies that may be `{}`.
Status CheckOptional(const Shape& shape, const Value& body);

// A body that may be absent: `{}` for an empty text. For endpoints without `reads_body`. Errors:
// kInvalid "Invalid JSON body", kTooLarge.
Result<Value> ParseOptionalBody(const http::Request& request);

// Reads of a checked body, beyond those of body_values.h. A member that is absent is nullopt; for
// texts null reads as empty.
bool Has(const Value& body, std::string_view name);
bool HasNull(const Value& body, std::string_view name);
std::optional<std::string> TextOf(const Value& body, std::string_view name);
// Cut to whole milliseconds.
std::optional<Timestamp> TimeOf(const Value& body, std::string_view name);
// The texts of a list; nullopt when absent, empty for null.
std::optional<std::vector<std::string>> TextsOf(const Value& body, std::string_view name);
// Sets `target` when the member was sent.
template <class T>
bool Assign(T& target, std::optional<T> value) {
  if (!value) return false;
  target = std::move(*value);
  return true;
}

// Window of a list (kodo.md 5): above the maximum is lowered, below 1 raised to 1, what is no
// number is ignored, a negative offset is 0.
struct Paging {
  int limit = 50;
  int offset = 0;
};
Paging ReadPaging(const http::Request& request, int usual, int max);
// The first query parameter of that name; empty when absent.
std::string QueryText(const http::Request& request, std::string_view name);

// Members of a reply, beyond those of body_values.h.
void PutTime(JsonWriter& json, std::string_view name, Timestamp at);
void PutTimeOrNull(JsonWriter& json, std::string_view name, std::optional<Timestamp> at);
// The epoch is "never" in states: null.
void PutTimeUnlessNever(JsonWriter& json, std::string_view name, Timestamp at);

}  // namespace pharos::api::kodo
