#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pharos::probe {

// A set of HTTP status codes written as "200-299,301,4xx". Value type.
class StatusSet {
 public:
  // Items are a code, a range or a hundred ("2xx"), separated by commas; blanks around them are
  // ignored; codes are 100 to 999; at most 64 items. Error: kInvalid, naming the item.
  static Result<StatusSet> Parse(std::string_view text);
  bool Contains(int status) const;

 private:
  std::vector<std::pair<int, int>> ranges_;
};

}  // namespace pharos::probe
