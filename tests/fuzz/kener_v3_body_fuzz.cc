// Reads arbitrary bytes as the row of a new Kener 3 monitor, whose type_data is JSON within JSON.
// What is accepted must print as a row of 18 columns, and writing that row back must be accepted
// and change nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/kener_v3/monitor_row.h"
#include "base/json.h"
#include "probe/catalog.h"

namespace {

namespace v3 = pharos::api::kener_v3;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Print(const pharos::model::Monitor& monitor, const pharos::probe::Catalog& probes) {
  std::string out;
  pharos::JsonWriter json(out);
  v3::WriteMonitorRow(json, monitor, probes);
  return out;
}

void TryRow(const pharos::Value& body, const pharos::probe::Catalog& probes) {
  pharos::model::Monitor monitor;
  monitor.name = "Unnamed";
  v3::SetRowDefaults(monitor);
  if (const auto made = v3::ApplyMonitorRow(body, probes, monitor); !made) {
    Require(made.error().kind == pharos::ErrorKind::kInvalid && !made.error().message.empty());
    return;
  }
  const std::string shown = Print(monitor, probes);
  pharos::JsonLimits limits;
  limits.max_bytes = shown.size();
  const auto again = pharos::ParseJson(shown, limits);
  Require(again.has_value() && again->AsObject().size() == 18);
  Require(v3::ApplyMonitorRow(*again, probes, monitor).has_value());
  Require(Print(monitor, probes) == shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const pharos::probe::Catalog probes;
  const auto body = pharos::ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (body && body->IsObject()) TryRow(*body, probes);
  return 0;
}
