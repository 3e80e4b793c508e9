#include "api/kodo/channel_config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace pharos::api::kodo {
namespace {

constexpr size_t kShownOfUrl = 29;
constexpr size_t kShownOfSecret = 4;
// Any header may carry a credential, whatever its name.
constexpr std::string_view kHeaderMask = "***";

struct ConfigName {
  std::string_view type;
  std::string_view kodo;
  std::string_view ours;
};
// Where the names differ; the first row of a pair is the one that is shown.
constexpr std::array<ConfigName, 3> kNames = {{
    {"sms", "phone_numbers", "to"},
    {"voice", "phone_numbers", "to"},
    {"pagerduty", "routing_key", "integration_key"},
}};

std::string_view OursOf(std::string_view type, std::string_view kodo) {
  for (const ConfigName& row : kNames) {
    if (row.type == type && row.kodo == kodo) return row.ours;
  }
  return kodo;
}

std::string_view KodosOf(std::string_view type, std::string_view ours) {
  if (type == "sms" || type == "voice") return ours == "to" ? "phone_numbers" : ours;
  return ours;
}

bool IsUrl(std::string_view name) { return name == "webhook_url" || name == "url"; }

bool IsSecret(std::string_view name) {
  constexpr std::array<std::string_view, 5> kSecrets = {"integration_key", "api_key", "secret",
                                                        "auth_token", "bot_token"};
  return std::find(kSecrets.begin(), kSecrets.end(), name) != kSecrets.end();
}

// What is shown of a value; the whole value when there is nothing to hide.
Value MaskOf(std::string_view name, const Value& value) {
  if (!value.IsString() || value.AsString().empty()) return value;
  const std::string& text = value.AsString();
  // Never the whole: half of a short one.
  const bool is_long = text.size() > kShownOfUrl + kShownOfSecret;
  if (IsUrl(name)) return text.substr(0, is_long ? kShownOfUrl : text.size() / 2) + "...";
  if (IsSecret(name)) return text.substr(0, std::min(kShownOfSecret, text.size() / 2)) + "...";
  return value;
}

// A header's value that reads as masked is the stored one.
void Unmask(Value& pair, const Value* stored) {
  if (stored == nullptr || !stored->IsList() || pair.StringOr("value", "") != kHeaderMask) return;
  for (const Value& before : stored->AsList()) {
    if (!EqualsIgnoreCase(before.StringOr("name", ""), pair.StringOr("name", ""))) continue;
    pair.Set("value", before.StringOr("value", ""));
    return;
  }
}

}  // namespace

Value HeadersToPairs(const Value& headers, const Value* stored) {
  Value::List pairs;
  if (headers.IsList()) pairs = headers.AsList();
  if (headers.IsObject()) {
    for (const auto& [name, value] : headers.AsObject()) {
      Value pair;
      pair.Set("name", name);
      pair.Set("value", value.IsString() ? value : Value(WriteJson(value)));
      pairs.push_back(std::move(pair));
    }
  }
  for (Value& pair : pairs) {
    if (pair.IsObject()) Unmask(pair, stored);
  }
  return pairs;
}

Value PairsToHeaders(const Value& pairs, bool masked) {
  Value headers{Value::Object()};
  if (!pairs.IsList()) return headers;
  for (const Value& pair : pairs.AsList()) {
    headers.Set(pair.StringOr("name", ""),
                masked ? std::string(kHeaderMask) : pair.StringOr("value", ""));
  }
  return headers;
}

Value ToChannelConfig(std::string_view type, const Value& config, const Value& stored) {
  Value out{Value::Object()};
  if (!config.IsObject()) return out;
  for (const auto& [name, value] : config.AsObject()) {
    const std::string_view ours = OursOf(type, name);
    const Value* known = stored.Find(ours);
    if (name == "headers") {
      out.Set(ours, HeadersToPairs(value, known));
    } else if (known != nullptr && value == MaskOf(ours, *known)) {
      out.Set(ours, *known);
    } else {
      out.Set(ours, value);
    }
  }
  // Nobody reads a secret back, so nobody can be expected to send it again.
  if (stored.IsObject()) {
    for (const auto& [name, value] : stored.AsObject()) {
      if (IsSecret(name) && out.Find(name) == nullptr) out.Set(name, value);
    }
  }
  return out;
}

Value FromChannelConfig(std::string_view type, const Value& config, bool masked) {
  Value out{Value::Object()};
  if (!config.IsObject()) return out;
  for (const auto& [name, value] : config.AsObject()) {
    // How a webhook is laid out is not part of Kodo's config.
    if (name == "format") continue;
    if (name == "headers") {
      out.Set(name, PairsToHeaders(value, masked));
    } else {
      out.Set(KodosOf(type, name), masked ? MaskOf(name, value) : value);
    }
  }
  return out;
}

std::string KodoConfigField(std::string_view type, std::string_view field) {
  constexpr std::string_view kPrefix = "config.";
  if (!field.starts_with(kPrefix)) return std::string(field);
  return std::string(kPrefix) + std::string(KodosOf(type, field.substr(kPrefix.size())));
}

}  // namespace pharos::api::kodo
