#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v4 {

// A number out of a path, and how messages echo it.
struct PathNumber {
  int64_t value = 0;  // 0 = names nothing: too large or negative
  std::string text;
};

// {incident_id} and {maintenance_id} (kener-v4.md 2.3): the leading digits. Error: kInvalid with
// the parameter's name for "0" and what does not begin with a digit (the original answers 500).
Result<PathNumber> LeadingNumber(const Call& call, std::string_view param);
// {comment_id} and {event_id}: parseInt; nullopt = not a number.
std::optional<PathNumber> ParsedNumber(const Call& call, std::string_view param);
// The number of a query parameter; nullopt when absent, empty or not a number.
std::optional<double> QueryNumber(const Call& call, std::string_view name);
// The text of a query parameter; nullopt when absent or empty.
std::optional<std::string> QueryText(const Call& call, std::string_view name);

// What `page` and `limit` ask for (kener-v4.md 4.5).
struct Paging {
  int page = 1;
  int limit = 20;
  int Offset() const { return (page - 1) * limit; }
};
Paging ReadPaging(const Call& call);

}  // namespace pharos::api::kener_v4
