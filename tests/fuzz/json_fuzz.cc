// Parses arbitrary bytes as JSON. What parses must write to valid UTF-8 that parses again to the
// same text, whatever was in the input: broken UTF-8, lone surrogates, equal names, huge numbers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const pharos::Result<pharos::Value> value = pharos::ParseJson(input);
  if (!value) {
    Require(value.error().kind == pharos::ErrorKind::kInvalid ||
            value.error().kind == pharos::ErrorKind::kTooLarge);
    Require(!value.error().message.empty());
    return 0;
  }
  const std::string written = pharos::WriteJson(*value);
  Require(pharos::IsValidUtf8(written));
  // Escapes and replaced bytes can make the written text longer than the input was.
  pharos::JsonLimits limits;
  limits.max_bytes = written.size();
  const pharos::Result<pharos::Value> again = pharos::ParseJson(written, limits);
  Require(again.has_value());
  Require(pharos::WriteJson(*again) == written);
  return 0;
}
