// Reads arbitrary bytes as the body of every request of the console that makes or changes a
// monitor. What the tables refuse is refused with a field or a text; a spec that is masked and sent
// back is the one that is stored; a schedule that is read is one that is allowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/console/envelope.h"
#include "api/console/monitor_form.h"
#include "base/json.h"
#include "probe/catalog.h"

namespace {

namespace console = pharos::api::console;
using pharos::Value;

void Require(bool holds) {
  if (!holds) std::abort();
}

void TryShape(const pharos::api::Shape& shape, const Value& body) {
  for (const bool partial : {false, true}) {
    const pharos::Status checked = console::CheckBody(shape, body, partial);
    if (checked) continue;
    Require(checked.error().kind == pharos::ErrorKind::kInvalid);
    Require(!checked.error().message.empty());
  }
}

void TrySchedule(const Value& body) {
  if (!console::CheckBody(console::ScheduleShape(), body, false)) return;
  pharos::model::Schedule schedule;
  const pharos::Status read = console::ReadSchedule(body, schedule);
  if (!read) Require(!read.error().fields.empty());
}

void TrySpec(const pharos::probe::Catalog& probes, const Value& body) {
  const Value* spec = body.Find("spec");
  if (spec == nullptr || !console::CheckBody(console::MonitorChange(), body, true)) return;
  for (const std::string_view kind : {"http", "sql", "heartbeat"}) {
    const auto valid = probes.ValidateSpec(kind, *spec);
    if (!valid) continue;
    const Value masked = console::MaskSpec(probes, kind, *valid);
    Require(console::UnmaskSpec(masked, *valid) == *valid);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const pharos::probe::Catalog probes;
  const auto body = pharos::ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!body) return 0;
  for (const auto shape :
       {console::MonitorCreate, console::MonitorChange, console::ScheduleShape}) {
    TryShape(shape(), *body);
  }
  if (!body->IsObject()) return 0;
  TrySchedule(*body);
  TrySpec(probes, *body);
  return 0;
}
