#include "api/is0k/channel_config.h"

#include <array>
#include <string>
#include <utility>

#include "api/is0k/envelope.h"
#include "base/text.h"

namespace pharos::api::is0k {
namespace {

enum class Form : uint8_t {
  kText,
  kOnlyOne,  // one text here, a list of texts inside
  kPairs,    // an object here, a list of {name, value} inside
};

struct Row {
  std::string_view type;
  std::string_view member;
  std::string_view field;
  Form form = Form::kText;
  bool required = true;
  bool secret = false;
};

constexpr std::array kRows = {
    Row{"email", "email", "emails", Form::kOnlyOne},
    Row{"slack", "webhook_url", "webhook_url", Form::kText, true, true},
    Row{"discord", "webhook_url", "webhook_url", Form::kText, true, true},
    Row{"telegram", "bot_token", "bot_token", Form::kText, true, true},
    Row{"telegram", "chat_id", "chat_id"},
    Row{"webhook", "url", "url"},
    Row{"webhook", "headers", "headers", Form::kPairs, false},
    Row{"webhook", "secret", "secret", Form::kText, false, true},
    Row{"sms", "account_sid", "account_sid"},
    Row{"sms", "auth_token", "auth_token", Form::kText, true, true},
    Row{"sms", "from", "from"},
    Row{"sms", "to", "to", Form::kOnlyOne},
};

std::string Mask(std::string_view secret) {
  constexpr size_t kShown = 4;
  if (secret.size() <= kShown * 2) return "***";
  return "***" + std::string(secret.substr(secret.size() - kShown));
}

std::string PathOf(const Row& row) { return "config." + std::string(row.member); }

Result<Value> ReadPairs(const Row& row, const Value& object) {
  if (!object.IsObject()) return BadField(PathOf(row), PathOf(row) + " must be an object");
  Value::List pairs;
  for (const auto& [name, value] : object.AsObject()) {
    if (!value.IsString()) {
      return BadField(PathOf(row) + "." + name, PathOf(row) + "." + name + " must be a text");
    }
    Value pair;
    pair.Set("name", name);
    pair.Set("value", value);
    pairs.push_back(std::move(pair));
  }
  return Value(std::move(pairs));
}

Result<Value> ReadMember(const Row& row, const Value& sent) {
  if (row.form == Form::kPairs) return ReadPairs(row, sent);
  // Chat and phone numbers are often written as numbers.
  const std::string text = sent.IsString() ? sent.AsString() : sent.IsInt() ? WriteJson(sent) : "";
  if (text.empty()) return BadField(PathOf(row), PathOf(row) + " must be a text that is not empty");
  if (row.form == Form::kOnlyOne) return Value(Value::List{Value(text)});
  return Value(text);
}

Value PrintMember(const Row& row, const Value& stored) {
  switch (row.form) {
    case Form::kText:
      break;
    case Form::kOnlyOne:
      if (!stored.IsList()) return stored;
      return stored.AsList().empty() ? Value() : stored.AsList().front();
    case Form::kPairs: {
      Value object(Value::Object{});
      if (!stored.IsList()) return object;
      for (const Value& pair : stored.AsList()) {
        object.Set(pair.StringOr("name", ""), "***");  // headers carry credentials
      }
      return object;
    }
  }
  if (row.secret && stored.IsString() && !stored.AsString().empty()) {
    return Mask(stored.AsString());
  }
  return stored;
}

// `stored` may be nullptr: absent headers are none.
Value Shown(const Row& row, const Value* stored) {
  if (stored != nullptr) return PrintMember(row, *stored);
  return row.form == Form::kPairs ? Value(Value::Object{}) : Value();
}

// "***" for the value of a header means the one that is stored.
void UnmaskPairs(Value& pairs, const Value* stored) {
  if (stored == nullptr || !stored->IsList()) return;
  for (Value& pair : pairs.AsList()) {
    if (pair.StringOr("value", "") != "***") continue;
    for (const Value& before : stored->AsList()) {
      if (before.StringOr("name", "") == pair.StringOr("name", "")) pair = before;
    }
  }
}

}  // namespace

Result<Value> ReadConfig(std::string_view type, const Value& config, const Value& stored) {
  Value inner = stored.IsObject() ? stored : Value(Value::Object{});
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    const Value* before = stored.Find(row.field);
    const Value* sent = config.Find(row.member);
    if (sent == nullptr || sent->IsNull()) {
      if (sent != nullptr && !row.required) inner.Remove(row.field);
      if (row.required && (sent != nullptr || before == nullptr)) {
        return BadField(PathOf(row), PathOf(row) + " is required");
      }
      continue;
    }
    // What comes back as it was shown stays as it is: masked secrets, the first of several
    // addresses.
    if (*sent == Shown(row, before)) continue;
    PHAROS_ASSIGN_OR_RETURN(Value value, ReadMember(row, *sent));
    if (row.form == Form::kPairs) UnmaskPairs(value, before);
    inner.Set(row.field, std::move(value));
  }
  if (type == "webhook" && !stored.IsObject()) inner.Set("format", "is0k");
  return inner;
}

Value PrintConfig(std::string_view type, const Value& stored) {
  Value config(Value::Object{});
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    const Value* value = stored.Find(row.field);
    config.Set(row.member, Shown(row, value));
  }
  return config;
}

std::string_view MemberOf(std::string_view type, std::string_view field) {
  for (const Row& row : kRows) {
    if (row.type == type && row.field == field) return row.member;
  }
  return field;
}

}  // namespace pharos::api::is0k
