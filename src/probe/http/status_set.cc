#include "probe/http/status_set.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxItems = 64;

std::optional<int> ParseCode(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  const auto code = ParseInt(text);
  if (!code || *code < 100 || *code > 999) return std::nullopt;
  return static_cast<int>(*code);
}

std::optional<std::pair<int, int>> ParseItem(std::string_view item) {
  if (item.size() == 3 && EqualsIgnoreCase(item.substr(1), "xx") && item[0] >= '1' &&
      item[0] <= '9') {
    const int hundred = (item[0] - '0') * 100;
    return std::pair(hundred, hundred + 99);
  }
  const size_t dash = item.find('-');
  if (dash == std::string_view::npos) {
    const auto code = ParseCode(item);
    if (!code) return std::nullopt;
    return std::pair(*code, *code);
  }
  const auto first = ParseCode(Trim(item.substr(0, dash)));
  const auto last = ParseCode(Trim(item.substr(dash + 1)));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair(*first, *last);
}

}  // namespace

Result<StatusSet> StatusSet::Parse(std::string_view text) {
  StatusSet set;
  for (std::string_view part : Split(text, ',')) {
    if (set.ranges_.size() == kMaxItems) return Error(ErrorKind::kInvalid, "has too many items");
    const std::string_view item = Trim(part);
    const auto range = ParseItem(item);
    if (!range) {
      return Error(ErrorKind::kInvalid,
                   "\"" + Ellipsize(SanitizeUtf8(item), 40) +
                       "\" is not a status code (200), a range (200-299) or a hundred (2xx)");
    }
    set.ranges_.push_back(*range);
  }
  return set;
}

bool StatusSet::Contains(int status) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [status](const auto& range) {
    return range.first <= status && status <= range.second;
  });
}

}  // namespace pharos::probe
