// Reads arbitrary bytes as the body of a new Kener classic monitor. What is accepted must print as
// a JSON object, and writing that object back must be accepted and change nothing: that is what
// clients do that read, edit and write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/kener_classic/monitor_decode.h"
#include "api/kener_classic/monitor_view.h"
#include "base/json.h"
#include "probe/catalog.h"

namespace {

namespace classic = pharos::api::kener_classic;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Print(const pharos::model::Monitor& monitor) {
  std::string out;
  pharos::JsonWriter json(out);
  classic::WriteMonitor(json, monitor, std::nullopt, {}, {});
  return out;
}

void TryMonitor(const pharos::Value& body, const pharos::probe::Catalog& probes) {
  auto made = classic::DecodeNewMonitor(body, probes);
  if (!made) {
    Require(made.error().kind == pharos::ErrorKind::kInvalid && !made.error().message.empty());
    return;
  }
  const std::string shown = Print(*made);
  pharos::JsonLimits limits;
  limits.max_bytes = shown.size();
  const auto again = pharos::ParseJson(shown, limits);
  Require(again.has_value() && again->IsObject());
  Require(classic::ApplyMonitorEdit(*again, probes, *made).has_value());
  Require(Print(*made) == shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const pharos::probe::Catalog probes;
  const auto body = pharos::ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (body) TryMonitor(*body, probes);
  return 0;
}
