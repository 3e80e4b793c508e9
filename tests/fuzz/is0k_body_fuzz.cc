// Reads arbitrary bytes as the body of every is0k request. What the tables refuse is refused with a
// field or a text; what they accept as a monitor or a channel prints as it was read, and writing
// back what was printed changes nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/is0k/body.h"
#include "api/is0k/channel_config.h"
#include "api/is0k/monitor_form.h"
#include "api/is0k/shapes.h"
#include "api/is0k/words.h"
#include "base/json.h"

namespace {

namespace is0k = pharos::api::is0k;
using pharos::Timestamp;
using pharos::Value;

void Require(bool holds) {
  if (!holds) std::abort();
}

void TryShape(const pharos::api::Shape& shape, const Value& body) {
  for (const bool partial : {false, true}) {
    const pharos::Status checked = is0k::CheckBody(shape, body, partial);
    if (checked) continue;
    Require(checked.error().kind == pharos::ErrorKind::kInvalid);
    Require(!checked.error().message.empty() && !checked.error().fields.empty());
  }
  for (const pharos::api::Field& field : shape.fields) {
    (void)pharos::api::TextOf(body, field.name);
    (void)pharos::api::IntOf(body, field.name);
    (void)pharos::api::BoolOf(body, field.name);
    (void)pharos::api::SecondOf(body, field.name);
    (void)pharos::api::TextsOf(body, field.name);
  }
}

void TryMonitor(const Value& body) {
  if (!is0k::CheckBody(is0k::MonitorCreate(), body, false)) return;
  const std::string_view kind = is0k::KindOfType(*pharos::api::TextOf(body, "type"));
  Value form = is0k::DefaultForm(kind);
  for (auto& [name, value] : form.AsObject()) {
    const Value* sent = body.Find(name);
    if (sent != nullptr && !sent->IsNull()) value = *sent;
  }
  pharos::model::Monitor monitor;
  if (!is0k::ReadForm(form, nullptr, kind, monitor)) return;
  const Value printed = is0k::PrintForm(monitor, Timestamp{});
  Value shown = printed;
  is0k::MaskHeaders(shown);
  is0k::UnmaskHeaders(shown, printed);
  const pharos::model::Monitor before = monitor;
  Require(is0k::ReadForm(shown, &printed, kind, monitor).has_value());
  Require(monitor.spec == before.spec && monitor.schedule == before.schedule);
}

void TryChannel(const Value& body) {
  if (!is0k::CheckBody(is0k::ChannelCreate(), body, false)) return;
  const std::string type = *pharos::api::TextOf(body, "type");
  const auto config = is0k::ReadConfig(type, *body.Find("config"), Value());
  if (!config) {
    Require(config.error().kind == pharos::ErrorKind::kInvalid && !config.error().fields.empty());
    return;
  }
  const auto again = is0k::ReadConfig(type, is0k::PrintConfig(type, *config), *config);
  Require(again.has_value() && *again == *config);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed =
      pharos::ParseJson(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!parsed) return 0;
  const Value body = is0k::ToSnakeCase(*parsed);
  for (const auto shape : {is0k::MonitorCreate, is0k::ChannelCreate, is0k::PageCreate,
                           is0k::IncidentCreate, is0k::IncidentChange, is0k::UpdateCreate}) {
    TryShape(shape(), body);
  }
  if (!body.IsObject()) return 0;
  TryMonitor(body);
  TryChannel(body);
  return 0;
}
