#include "api/kener_v4/type_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "api/kener_v4/envelope.h"
#include "base/text.h"

namespace pharos::api::kener_v4 {
namespace {

// How a type_data value becomes a spec value.
enum class Form : uint8_t {
  kText,
  kUpperText,  // letters raised
  kWhole,
  kFlag,
  kOppositeFlag,
  kMinutes,  // number of minutes -> seconds
  kHeaders,  // [{key,value}] -> [{name,value}]
  kMembers,  // [{tag,weight}]
};

struct Row {
  std::string_view key;    // in type_data
  std::string_view field;  // in the spec
  Form form;
};

constexpr std::array kHttpRows = {
    Row{"url", "url", Form::kText},
    Row{"method", "method", Form::kUpperText},
    Row{"headers", "headers", Form::kHeaders},
    Row{"body", "body", Form::kText},
    Row{"timeout", "timeout_ms", Form::kWhole},
    Row{"allowSelfSignedCert", "verify_tls", Form::kOppositeFlag},
    Row{"follow_redirects", "follow_redirects", Form::kFlag},
    Row{"max_redirects", "max_redirects", Form::kWhole},
};
constexpr std::array kHeartbeatRows = {
    Row{"degradedRemainingMinutes", "degraded_after_s", Form::kMinutes},
    Row{"downRemainingMinutes", "down_after_s", Form::kMinutes},
    Row{"secretString", "secret", Form::kText},
};
constexpr std::array kManualRows = {
    Row{"overrideWithLastKnownStatus", "repeat_last", Form::kFlag},
};
constexpr std::array kGroupRows = {
    Row{"monitors", "members", Form::kMembers},
};

// A switch over kinds, but of translations, not of behaviour: no other place knows these keys.
std::span<const Row> RowsOf(std::string_view kind) {
  if (kind == "http") return kHttpRows;
  if (kind == "heartbeat") return kHeartbeatRows;
  if (kind == "manual") return kManualRows;
  if (kind == "group") return kGroupRows;
  return {};
}

Error WrongType(std::string_view key, std::string_view rest) {
  return BadField("type_data." + std::string(key), rest);
}

Result<Value> WholeNumber(std::string_view key, const Value& value, double factor) {
  const double n = value.IsNumber() ? value.AsDouble() * factor : NAN;
  if (!(std::abs(n) <= 9007199254740992.0)) return WrongType(key, "must be a number");
  if (std::trunc(n) != n) return WrongType(key, "must be a whole number");
  return Value(static_cast<int64_t>(n));
}

Result<Value> Headers(std::string_view key, const Value& value) {
  constexpr std::string_view kRule = "must be a list of {key, value} objects with texts";
  if (!value.IsList()) return WrongType(key, kRule);
  Value::List headers;
  for (const Value& item : value.AsList()) {
    const Value* name = item.Find("key");
    const Value* text = item.Find("value");
    if (!item.IsObject() || (name && !name->IsString()) || (text && !text->IsString())) {
      return WrongType(key, kRule);
    }
    // The original's form keeps an empty row at the end.
    if (!name || Trim(name->AsString()).empty()) continue;
    Value header;
    header.Set("name", std::string(Trim(name->AsString())));
    header.Set("value", text ? text->AsString() : std::string());
    headers.push_back(std::move(header));
  }
  return Value(std::move(headers));
}

Result<Value> Members(std::string_view key, const Value& value) {
  constexpr std::string_view kRule = "must be a list of {tag, weight} objects";
  if (!value.IsList()) return WrongType(key, kRule);
  Value::List members;
  for (const Value& item : value.AsList()) {
    const Value* tag = item.Find("tag");
    const Value* weight = item.Find("weight");
    if (!tag || !tag->IsString() || (weight && !weight->IsNumber())) return WrongType(key, kRule);
    Value member;
    member.Set("tag", tag->AsString());
    if (weight) member.Set("weight", *weight);
    members.push_back(std::move(member));
  }
  return Value(std::move(members));
}

Result<Value> ToSpec(const Row& row, const Value& value) {
  switch (row.form) {
    case Form::kText:
    case Form::kUpperText: {
      if (!value.IsString()) return WrongType(row.key, "must be a string");
      std::string text = value.AsString();
      if (row.form == Form::kUpperText) {
        for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      }
      return Value(std::move(text));
    }
    case Form::kWhole:
      return WholeNumber(row.key, value, 1);
    case Form::kMinutes:
      return WholeNumber(row.key, value, 60);
    case Form::kFlag:
    case Form::kOppositeFlag:
      if (!value.IsBool()) return WrongType(row.key, "must be true or false");
      return Value(value.AsBool() == (row.form == Form::kFlag));
    case Form::kHeaders:
      return Headers(row.key, value);
    case Form::kMembers:
      return Members(row.key, value);
  }
  return value;
}

Value FromSpec(const Row& row, const Value& value) {
  switch (row.form) {
    case Form::kText:
    case Form::kUpperText:
    case Form::kWhole:
    case Form::kFlag:
    case Form::kMembers:
      return value;
    case Form::kOppositeFlag:
      return value.IsBool() ? Value(!value.AsBool()) : value;
    case Form::kMinutes: {
      const double minutes = value.IsNumber() ? value.AsDouble() / 60.0 : 0.0;
      if (std::trunc(minutes) == minutes) return Value(static_cast<int64_t>(minutes));
      return Value(minutes);
    }
    case Form::kHeaders: {
      Value::List headers;
      if (!value.IsList()) return Value(std::move(headers));
      for (const Value& item : value.AsList()) {
        Value header;
        header.Set("key", item.StringOr("name", ""));
        header.Set("value", item.StringOr("value", ""));
        headers.push_back(std::move(header));
      }
      return Value(std::move(headers));
    }
  }
  return value;
}

// Null and empty texts mean the same as an absent key to the original's probes.
bool IsGiven(const Row& row, const Value* value) {
  if (value == nullptr || value->IsNull()) return false;
  const bool is_text = row.form == Form::kText || row.form == Form::kUpperText;
  return !(is_text && value->IsString() && Trim(value->AsString()).empty());
}

// Custom evaluation functions do not run here; running the built-in rule instead would be silently
// wrong (kener_v4-differences.md).
Status RefuseFunctions(const Value& type_data) {
  const Value* eval = type_data.Find("eval");
  if (eval == nullptr || eval->IsNull()) return Ok();
  if (!eval->IsString()) return WrongType("eval", "must be a string");
  if (Trim(eval->AsString()).empty()) return Ok();
  return WrongType("eval", "must be empty: evaluation functions are not supported by this server");
}

bool ConcernsOnly(const Error& error, std::span<const Row> rows, const Value& type_data) {
  return std::all_of(error.fields.begin(), error.fields.end(), [&](const FieldError& problem) {
    if (problem.field == "url") return true;
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Row& r) { return r.field == problem.field; });
    return row != rows.end() && !IsGiven(*row, type_data.Find(row->key));
  });
}

}  // namespace

std::string_view TypeDataKeyOf(std::string_view kind, std::string_view spec_field) {
  for (const Row& row : RowsOf(kind)) {
    if (row.field == spec_field) return row.key;
  }
  return spec_field;
}

Result<Value> CompileTypeData(const probe::Catalog& probes, std::string_view kind,
                              const Value& type_data, const Value& base) {
  const std::span<const Row> rows = RowsOf(kind);
  Value spec = base.IsObject() ? base : Value(Value::Object{});
  if (kind == "http") PHAROS_RETURN_IF_ERROR(RefuseFunctions(type_data));
  for (const Row& row : rows) {
    const Value* given = type_data.Find(row.key);
    if (!IsGiven(row, given)) {
      spec.Remove(row.field);
      continue;
    }
    PHAROS_ASSIGN_OR_RETURN(Value value, ToSpec(row, *given));
    spec.Set(row.field, std::move(value));
  }
  if (probes.Find(kind) == nullptr) return spec;
  Result<Value> valid = probes.ValidateSpec(kind, spec, "");
  if (valid) return valid;
  if (ConcernsOnly(valid.error(), rows, type_data)) return Value(Value::Object{});
  Error error(ErrorKind::kInvalid, "");
  for (const FieldError& problem : valid.error().fields) {
    const std::string name = "type_data." + std::string(TypeDataKeyOf(kind, problem.field));
    error.fields.push_back({name, name + " " + problem.message});
  }
  error.message = error.fields.empty() ? valid.error().message : error.fields.front().message;
  return error;
}

Value PresentTypeData(const probe::Catalog& probes, std::string_view kind, const Value& spec,
                      const Value& noted) {
  Value shown = noted.IsObject() ? noted : Value(Value::Object{});
  const std::span<const Row> rows = RowsOf(kind);
  if (rows.empty() || !spec.IsObject() || spec.AsObject().empty()) return shown;
  const Result<Value> meant = CompileTypeData(probes, kind, shown, Value(Value::Object{}));
  for (const Row& row : rows) {
    const Value* now = spec.Find(row.field);
    const Value* then = meant ? meant->Find(row.field) : nullptr;
    if (now == nullptr || (then != nullptr && *then == *now)) continue;
    shown.Set(row.key, FromSpec(row, *now));
  }
  return shown;
}

}  // namespace pharos::api::kener_v4
