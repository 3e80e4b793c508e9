// A path on the first line, a JSON text behind it. Whatever either holds: no crash, nothing outside
// the text is selected, and what is selected from good JSON is good JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probe/http/json_path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view json = input.substr(line + 1);
  const bool is_json = static_cast<bool>(pharos::probe::CheckJson(json));

  const auto path = pharos::probe::JsonPath::Parse(input.substr(0, line));
  if (!path) return 0;
  size_t visits = 0;
  path->Select(json, [&](const pharos::probe::JsonHit& hit) {
    const bool inside = !hit.raw.empty() && hit.raw.data() >= json.data() &&
                        hit.raw.data() + hit.raw.size() <= json.data() + json.size();
    if (!inside) std::abort();
    if (is_json && !pharos::probe::CheckJson(hit.raw)) std::abort();
    hit.Text();
    hit.Number();
    return ++visits < 10'000;
  });
  return 0;
}
