#include "api/kener_classic/monitor_decode.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/kener_classic/envelope.h"
#include "api/kener_classic/shapes.h"
#include "api/kener_classic/words.h"
#include "base/text.h"

namespace pharos::api::kener_classic {
namespace {

constexpr int64_t kDefaultRetries = 3;
constexpr int64_t kRetryDelayMs = 1000;
constexpr int64_t kDefaultTlsPort = 443;
constexpr size_t kMaxHeaders = 50;

// The stored value of a header, by name.
const Value* FindHeaderValue(const Value* headers, std::string_view name) {
  if (headers == nullptr || !headers->IsList()) return nullptr;
  for (const Value& header : headers->AsList()) {
    if (EqualsIgnoreCase(header.StringOr("name", ""), name)) return header.Find("value");
  }
  return nullptr;
}

// {"Accept":"text/html"} -> [{"name":"Accept","value":"text/html"}]
Result<Value> DecodeHeaders(const Value& given, const Value* stored) {
  Value::List headers;
  if (given.AsObject().size() > kMaxHeaders) {
    return BadField("headers", "must have at most 50 members");
  }
  for (const auto& [name, value] : given.AsObject()) {
    if (!value.IsString()) return BadField("headers." + name, "must be a string");
    if (Trim(name).empty()) return BadField("headers", "must not have an empty name");
    const Value* kept = value.AsString() == kMasked && IsMaskedHeader(name)
                            ? FindHeaderValue(stored, name)
                            : nullptr;
    const std::string plain(Trim(name));
    std::erase_if(headers, [&](const Value& other) { return other.StringOr("name", "") == plain; });
    Value header;
    header.Set("name", plain);
    header.Set("value", kept != nullptr ? *kept : value);
    headers.push_back(std::move(header));
  }
  return Value(std::move(headers));
}

bool IsWebAddress(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.size() <= scheme.size()) continue;
    if (!EqualsIgnoreCase(url.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    return rest.front() != '/' && rest.front() != ':' &&
           rest.find_first_of(" \t\r\n") == std::string_view::npos;
  }
  return false;
}

Status ApplyHttp(const Value& body, Value& spec) {
  if (const Value* url = body.Find("url")) {
    if (!IsWebAddress(url->AsString())) return BadField("url", "must be an http or https URL");
    spec.Set("url", *url);
  }
  if (const Value* method = body.Find("method")) spec.Set("method", *method);
  if (const Value* code = body.Find("expectedStatusCode")) {
    spec.Set("expected_status", std::to_string(static_cast<int64_t>(code->AsDouble())));
  }
  if (const Value* headers = body.Find("headers")) {
    PHAROS_ASSIGN_OR_RETURN(Value list, DecodeHeaders(*headers, spec.Find("headers")));
    spec.Set("headers", std::move(list));
  }
  if (const Value* text = body.Find("body")) {
    spec.Set("body", text->IsNull() ? Value("") : *text);
  }
  return Ok();
}

// Host, port and record type of the kinds that have one target.
void ApplyTarget(const Value& body, std::string_view kind, Value& spec) {
  if (const Value* host = body.Find("host")) {
    spec.Set("host", std::string(Trim(host->AsString())));
    spec.Remove("hosts");  // several targets of another interface give way
  }
  if (const Value* port = body.Find("port"); port != nullptr && (kind == "tcp" || kind == "tls")) {
    spec.Set("port", static_cast<int64_t>(port->AsDouble()));
  }
  if (const Value* record = body.Find("recordType"); record != nullptr && kind == "dns") {
    spec.Set("record_type", *record);
  }
}

// What every kind has. A kind without a probe here takes whatever it is given.
void ApplyCommon(const Value& body, Value& spec) {
  if (const Value* timeout = body.Find("timeout")) {
    spec.Set("timeout_ms", static_cast<int64_t>(timeout->AsDouble()));
  }
  if (const Value* retries = body.Find("retries")) {
    spec.Set("retries", static_cast<int64_t>(retries->AsDouble()));
  }
}

Status ApplySpec(const Value& body, model::Monitor& monitor) {
  if (!monitor.spec.IsObject()) monitor.spec = Value(Value::Object{});
  if (monitor.kind == "http") {
    PHAROS_RETURN_IF_ERROR(ApplyHttp(body, monitor.spec));
  } else {
    ApplyTarget(body, monitor.kind, monitor.spec);
  }
  ApplyCommon(body, monitor.spec);
  return Ok();
}

// What probes refuse is said before anything is written, in this dialect's words.
Status ValidateSpec(const probe::Catalog& probes, const model::Monitor& monitor) {
  if (probes.Find(monitor.kind) == nullptr) return Ok();
  const Result<Value> valid = probes.ValidateSpec(monitor.kind, monitor.spec);
  if (!valid) return InOurWords(valid.error());
  return Ok();
}

void SetInterval(model::Monitor& monitor, int64_t seconds) {
  monitor.schedule = {};
  monitor.schedule.kind = model::Schedule::Kind::kInterval;
  monitor.schedule.interval = Seconds(seconds);
}

// Which fields a type cannot do without.
Status CheckTarget(const Value& body, std::string_view kind) {
  const auto require = [&](std::string_view name) -> Status {
    if (body.Find(name) == nullptr) return BadField(name, "is required");
    return Ok();
  };
  if (kind == "http") return require("url");
  PHAROS_RETURN_IF_ERROR(require("host"));
  return kind == "tcp" ? require("port") : Ok();
}

}  // namespace

bool IsMaskedHeader(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"authorization", "cookie", "x-api-key",
                                                      "proxy-authorization"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return EqualsIgnoreCase(known, name); });
}

Value WithOurCase(const Value& body) {
  Value changed = body;
  for (const std::string_view name : {"type", "method", "recordType"}) {
    Value* word = changed.Find(name);
    if (word != nullptr && word->IsString()) *word = kener::UpperCase(word->AsString());
  }
  for (const std::string_view name : {"status", "impact"}) {
    Value* word = changed.Find(name);
    if (word != nullptr && word->IsString()) *word = AsciiLower(word->AsString());
  }
  return changed;
}

Result<model::Monitor> DecodeNewMonitor(const Value& given, const probe::Catalog& probes) {
  const Value body = WithOurCase(given);
  PHAROS_RETURN_IF_ERROR(CheckBody(NewMonitorShape(), body));
  model::Monitor draft;
  draft.kind = std::string(KindOfType(body.Find("type")->AsString()));
  draft.name = body.Find("name")->AsString();
  PHAROS_RETURN_IF_ERROR(CheckTarget(body, draft.kind));
  draft.spec.Set("timeout_ms", kDefaultTimeoutMs);
  draft.spec.Set("retries", kDefaultRetries);
  draft.spec.Set("retry_delay_ms", kRetryDelayMs);
  if (draft.kind == "http") draft.spec.Set("expected_status", "200");
  if (draft.kind == "tls") draft.spec.Set("port", kDefaultTlsPort);
  if (draft.kind == "dns") draft.spec.Set("record_type", "A");
  PHAROS_RETURN_IF_ERROR(ApplySpec(body, draft));
  PHAROS_RETURN_IF_ERROR(ValidateSpec(probes, draft));
  SetInterval(draft, body.IntOr("interval", kDefaultInterval));
  return draft;
}

Status ApplyMonitorEdit(const Value& given, const probe::Catalog& probes, model::Monitor& monitor) {
  Value body = WithOurCase(given);
  if (const Value* type = body.Find("type"); type != nullptr && type->IsString()) {
    if (type->AsString() != TypeWord(monitor.kind)) return BadField("type", "cannot be changed");
    body.Remove("type");  // monitors of every kind may say what they are
  }
  PHAROS_RETURN_IF_ERROR(CheckBody(NewMonitorShape(), body, true));
  monitor.name = body.StringOr("name", monitor.name);
  PHAROS_RETURN_IF_ERROR(ApplySpec(body, monitor));
  PHAROS_RETURN_IF_ERROR(ValidateSpec(probes, monitor));
  if (body.Find("interval") != nullptr) SetInterval(monitor, body.IntOr("interval", 0));
  return Ok();
}

}  // namespace pharos::api::kener_classic
