// Reads arbitrary bytes as the body of a new Kener v4 monitor. What is accepted must print as an
// object of 22 keys, and writing that object back must be accepted and change nothing: that is what
// clients do that read, edit and write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/kener_v4/monitor_decode.h"
#include "api/kener_v4/monitor_view.h"
#include "api/kener_v4/site_keys.h"
#include "base/json.h"
#include "probe/catalog.h"

namespace {

namespace v4 = pharos::api::kener_v4;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Print(const pharos::model::Monitor& monitor, const pharos::probe::Catalog& probes) {
  std::string out;
  v4::PrintMonitor(out, monitor, probes);
  return out;
}

void TryMonitor(const pharos::Value& body) {
  static const pharos::probe::Catalog probes;
  (void)v4::DecodeThreshold(body);
  pharos::model::Monitor monitor;
  if (const auto made = v4::ApplyMonitorBody(body, v4::Write::kCreate, probes, monitor); !made) {
    Require(made.error().kind == pharos::ErrorKind::kInvalid && !made.error().message.empty());
    return;
  }
  const std::string shown = Print(monitor, probes);
  pharos::JsonLimits limits;
  limits.max_bytes = shown.size();
  limits.max_depth = 80;  // the body's own depth and the members around it
  const auto again = pharos::ParseJson(shown, limits);
  Require(again.has_value() && again->AsObject().size() == 22);
  Require(v4::ApplyMonitorBody(*again, v4::Write::kUpdate, probes, monitor).has_value());
  Require(Print(monitor, probes) == shown);
}

void TrySite(const pharos::Value& value) {
  for (const v4::SiteKey& key : v4::kSiteKeys) {
    (void)v4::IsAllowed(key, v4::StoredForm(key, value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = pharos::ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!body) return 0;
  TryMonitor(*body);
  TrySite(*body);
  return 0;
}
