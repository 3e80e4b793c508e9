#include "api/kener_v4/ids.h"

#include <algorithm>

#include "api/kener/js.h"
#include "api/kener_v4/envelope.h"
#include "api/kener_v4/times.h"

namespace pharos::api::kener_v4 {
namespace {

constexpr double kExactInteger = 9'007'199'254'740'992;  // 2^53
// Beyond any list; keeps page times limit within an int.
constexpr double kMaxPage = 10'000'000;

PathNumber MakeNumber(double number) {
  PathNumber found;
  if (number > 0 && number < kExactInteger) found.value = static_cast<int64_t>(number);
  found.text = NumberText(number);
  return found;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<PathNumber> LeadingNumber(const Call& call, std::string_view param) {
  const std::string_view raw = call.params.Find(param);
  const auto number =
      raw.empty() || !IsDigit(raw.front()) ? std::nullopt : kener::ParseIntPrefix(raw);
  if (!number || *number == 0) return BadField(param, "must be a positive number");
  return MakeNumber(*number);
}

std::optional<PathNumber> ParsedNumber(const Call& call, std::string_view param) {
  const auto number = kener::ParseIntPrefix(call.params.Find(param));
  if (!number) return std::nullopt;
  return MakeNumber(*number);
}

std::optional<std::string> QueryText(const Call& call, std::string_view name) {
  const auto query = http::ParseQuery(call.request.query);
  const std::string* text = http::FindParameter(query, name);
  if (text == nullptr || text->empty()) return std::nullopt;
  return *text;
}

std::optional<double> QueryNumber(const Call& call, std::string_view name) {
  const auto text = QueryText(call, name);
  return text ? kener::ParseIntPrefix(*text) : std::nullopt;
}

Paging ReadPaging(const Call& call) {
  Paging paging;
  const double page = QueryNumber(call, "page").value_or(1);
  paging.page = static_cast<int>(std::clamp(page, 1.0, kMaxPage));
  const double limit = QueryNumber(call, "limit").value_or(0);
  if (limit != 0) paging.limit = static_cast<int>(std::clamp(limit, 1.0, 100.0));
  return paging;
}

}  // namespace pharos::api::kener_v4
