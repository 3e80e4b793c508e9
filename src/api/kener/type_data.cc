#include "api/kener/type_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "api/kener/errors.h"
#include "api/kener/js.h"
#include "api/kener/words.h"
#include "base/text.h"

namespace pharos::api::kener {
namespace {

constexpr double kMaxWhole = 9007199254740992.0;  // 2^53

constexpr std::array kHttpRows = {
    Row{"url", "url", Form::kText},
    Row{"method", "method", Form::kUpperText},
    Row{"headers", "headers", Form::kHeaders},
    Row{"body", "body", Form::kText},
    Row{"timeout", "timeout_ms", Form::kWhole},
    Row{"eval", "eval", Form::kText},
    Row{"allowSelfSignedCert", "verify_tls", Form::kOppositeFlag},
    // Of Kener 4 alone.
    Row{"follow_redirects", "follow_redirects", Form::kFlag},
    Row{"max_redirects", "max_redirects", Form::kWhole},
};
constexpr size_t kHttpRowsOfThree = 7;
constexpr std::array kPingRows = {
    Row{"hosts", "hosts", Form::kHosts},
    Row{"pingEval", "eval", Form::kText},
};
constexpr std::array kTcpRows = {
    Row{"hosts", "hosts", Form::kHosts},
    Row{"tcpEval", "eval", Form::kText},
};
constexpr std::array kDnsRows = {
    Row{"host", "host", Form::kText},
    Row{"lookupRecord", "record_type", Form::kUpperText},
    Row{"matchType", "match", Form::kLowerText},
    Row{"values", "values", Form::kTexts},
    Row{"transport", "transport", Form::kLowerText},
    Row{"nameServer", "name_server", Form::kText},
    Row{"tlsPort", "tls_port", Form::kPort},
    Row{"tlsServername", "tls_server_name", Form::kText},
    Row{"allowSelfSignedCert", "verify_tls", Form::kOppositeFlag},
};
// Kener 3 shows them in another order.
constexpr std::array kDnsRowsOfThree = {
    Row{"host", "host", Form::kText},
    Row{"lookupRecord", "record_type", Form::kUpperText},
    Row{"nameServer", "name_server", Form::kText},
    Row{"matchType", "match", Form::kLowerText},
    Row{"values", "values", Form::kTexts},
};
constexpr std::array kTlsRows = {
    Row{"host", "host", Form::kText},
    Row{"port", "port", Form::kPort},
    Row{"degradedRemainingHours", "degraded_below_hours", Form::kWhole},
    Row{"downRemainingHours", "down_below_hours", Form::kWhole},
};
constexpr std::array kGameRows = {
    Row{"gameId", "game", Form::kText},
    Row{"host", "host", Form::kText},
    Row{"port", "port", Form::kWhole},
    Row{"timeout", "timeout_ms", Form::kWhole},
    Row{"guessPort", "guess_port", Form::kFlag},
    Row{"requestRules", "request_rules", Form::kFlag},
    Row{"eval", "eval", Form::kText},
};
constexpr std::array kSqlRows = {
    Row{"connectionString", "connection_string", Form::kText},
    Row{"query", "query", Form::kText},
    Row{"timeout", "timeout_ms", Form::kWhole},
};
constexpr std::array kGrpcRows = {
    Row{"host", "host", Form::kText},
    Row{"port", "port", Form::kWhole},
    Row{"service", "service", Form::kText},
    Row{"tls", "tls", Form::kFlag},
    Row{"insecure", "verify_tls", Form::kOppositeFlag},
    Row{"timeout", "timeout_ms", Form::kWhole},
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
    Row{"executionDelay", "delay_ms", Form::kWhole},
    Row{"latencyCalculation", "latency", Form::kLowerText},
};
constexpr std::array kGroupRowsOfThree = {
    Row{"timeout", "delay_ms", Form::kWhole},
    Row{"monitors", "members", Form::kMembers},
};

// The members of an element of `hosts`. Any other one is the original's own business.
struct HostNumber {
  std::string_view key;
  std::string_view field;
};
constexpr HostNumber kHostNumbers[] = {
    {"port", "port"}, {"timeout", "timeout_ms"}, {"count", "count"}};

Result<Value> Whole(Release release, std::string_view key, const Value& value, double factor) {
  const bool is_number = release == Release::kThree || value.IsNumber();
  const double number = (is_number ? LooseNumber(&value) : std::nullopt).value_or(NAN) * factor;
  if (!(std::abs(number) <= kMaxWhole)) return WrongTypeData(key, "must be a number");
  if (std::trunc(number) != number) return WrongTypeData(key, "must be a whole number");
  return Value(static_cast<int64_t>(number));
}

Result<Value> Port(Release release, std::string_view key, const Value& value) {
  if (release == Release::kThree || !value.IsString()) return Whole(release, key, value, 1);
  const auto number = ParseInt(Trim(value.AsString()));
  if (!number) return WrongTypeData(key, "must be a number");
  return Value(*number);
}

Result<Value> Flag(Release release, std::string_view key, const Value& value) {
  if (value.IsBool()) return value;
  if (release == Release::kThree && value.IsString()) {
    if (value.AsString() == "YES") return Value(true);
    if (value.AsString() == "NO") return Value(false);
  }
  return WrongTypeData(key, "must be true or false");
}

Result<Value> Texts(Release release, std::string_view key, const Value& value) {
  constexpr std::string_view kRule = "must be a list of texts";
  if (!value.IsList()) return WrongTypeData(key, kRule);
  Value::List texts;
  for (const Value& item : value.AsList()) {
    if (!item.IsString()) return WrongTypeData(key, kRule);
    // The form of Kener 4 keeps empty rows.
    if (release == Release::kFour && Trim(item.AsString()).empty()) continue;
    texts.push_back(item);
  }
  return Value(std::move(texts));
}

Result<Value> Headers(Release release, std::string_view key, const Value& value) {
  constexpr std::string_view kRule = "must be a list of {key, value} objects with texts";
  if (!value.IsList()) return WrongTypeData(key, kRule);
  Value::List headers;
  for (const Value& item : value.AsList()) {
    const Value* name = item.Find("key");
    const Value* text = item.Find("value");
    const bool named = name != nullptr ? name->IsString() : release == Release::kFour;
    if (!item.IsObject() || !named || (text != nullptr && !text->IsString())) {
      return WrongTypeData(key, kRule);
    }
    // The original's form keeps an empty row at the end.
    if (name == nullptr || Trim(name->AsString()).empty()) continue;
    Value header;
    header.Set("name", std::string(Trim(name->AsString())));
    header.Set("value", text != nullptr ? text->AsString() : std::string());
    headers.push_back(std::move(header));
  }
  return Value(std::move(headers));
}

// Of Kener 3's members only what is selected counts (kener-classic.md A.5).
Result<Value> Members(Release release, std::string_view key, const Value& value) {
  const bool three = release == Release::kThree;
  const std::string_view rule = three ? "must be a list of {tag, selected} objects"
                                      : "must be a list of {tag, weight} objects";
  if (!value.IsList()) return WrongTypeData(key, rule);
  Value::List members;
  for (const Value& item : value.AsList()) {
    const Value* tag = item.Find("tag");
    const Value* weight = three ? nullptr : item.Find("weight");
    if (tag == nullptr || !tag->IsString() || (weight != nullptr && !weight->IsNumber())) {
      return WrongTypeData(key, rule);
    }
    if (three && !IsTruthy(item.Find("selected"))) continue;
    Value member;
    member.Set("tag", tag->AsString());
    if (weight != nullptr) member.Set("weight", *weight);
    members.push_back(std::move(member));
  }
  return Value(std::move(members));
}

// Whether an element of `hosts` says anything; the form of Kener 4 keeps an empty row.
bool IsUsedHost(const Value& item) {
  const Value* host = item.Find("host");
  return host == nullptr || !host->IsString() || !Trim(host->AsString()).empty();
}

Result<Value> Host(Release release, std::string_view path, const Value& item) {
  Value out;
  out.Set("host", std::string(Trim(item.StringOr("host", ""))));
  const std::string type = item.StringOr("type", "");
  if (type == "IP4" || type == "IP6") out.Set("ip_version", type == "IP4" ? "4" : "6");
  for (const HostNumber& number : kHostNumbers) {
    const Value* given = item.Find(number.key);
    if (given == nullptr || given->IsNull()) continue;
    PHAROS_ASSIGN_OR_RETURN(
        Value converted, Port(release, std::string(path) + "." + std::string(number.key), *given));
    out.Set(number.field, std::move(converted));
  }
  return out;
}

Result<Value> Hosts(Release release, std::string_view key, const Value& value) {
  constexpr std::string_view kRule = "must be a list of {type, host, port, timeout, count} objects";
  if (!value.IsList()) return WrongTypeData(key, kRule);
  Value::List hosts;
  for (const Value& item : value.AsList()) {
    if (release == Release::kFour && item.IsObject() && !IsUsedHost(item)) continue;
    const Value* host = item.Find("host");
    if (host == nullptr || !host->IsString()) return WrongTypeData(key, kRule);
    const std::string path = std::string(key) + "[" + std::to_string(hosts.size()) + "]";
    PHAROS_ASSIGN_OR_RETURN(Value out, Host(release, path, item));
    hosts.push_back(std::move(out));
  }
  return Value(std::move(hosts));
}

// The word for the kind of a host: what was said of it, in Kener 4 what it looks like.
std::string_view HostType(Release release, const Value& item) {
  if (release == Release::kThree) {
    const std::string version = item.StringOr("ip_version", "");
    return version == "4" ? "IP4" : version == "6" ? "IP6" : "DOMAIN";
  }
  const std::string host = item.StringOr("host", "");
  if (host.find(':') != std::string::npos) return "IP6";
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string::npos;
  return is_v4 && !host.empty() ? "IP4" : "DOMAIN";
}

Value ShowHost(Release release, const Value& item) {
  Value out;
  out.Set("type", HostType(release, item));
  out.Set("host", item.StringOr("host", ""));
  for (const HostNumber& number : kHostNumbers) {
    if (const Value* now = item.Find(number.field)) out.Set(number.key, *now);
  }
  return out;
}

Value ShowHeader(const Value& item) {
  Value header;
  header.Set("key", item.StringOr("name", ""));
  header.Set("value", item.StringOr("value", ""));
  return header;
}

Value ShowSelected(const Value& item) {
  Value member;
  member.Set("tag", item.StringOr("tag", ""));
  member.Set("selected", true);
  return member;
}

template <class Show>
Value ShowEach(const Value& value, const Show& show) {
  Value::List list;
  if (value.IsList()) {
    for (const Value& item : value.AsList()) list.push_back(show(item));
  }
  return Value(std::move(list));
}

Result<Value> ReadValue(Release release, const Row& row, const Value& value) {
  switch (row.form) {
    case Form::kText:
    case Form::kUpperText:
    case Form::kLowerText:
      if (!value.IsString()) return WrongTypeData(row.key, "must be a string");
      if (row.form == Form::kUpperText) return Value(UpperCase(value.AsString()));
      if (row.form == Form::kLowerText) return Value(AsciiLower(value.AsString()));
      return value;
    case Form::kTexts:
      return Texts(release, row.key, value);
    case Form::kWhole:
      return Whole(release, row.key, value, 1);
    case Form::kPort:
      return Port(release, row.key, value);
    case Form::kMinutes:
      return Whole(release, row.key, value, 60);
    case Form::kFlag:
      return Flag(release, row.key, value);
    case Form::kOppositeFlag: {
      PHAROS_ASSIGN_OR_RETURN(const Value flag, Flag(release, row.key, value));
      return Value(!flag.AsBool());
    }
    case Form::kHeaders:
      return Headers(release, row.key, value);
    case Form::kHosts:
      return Hosts(release, row.key, value);
    case Form::kMembers:
      return Members(release, row.key, value);
  }
  return value;
}

}  // namespace

// A switch over kinds, but of translations, not of behaviour: no other place knows these keys.
std::span<const Row> RowsOf(Release release, std::string_view kind) {
  const bool three = release == Release::kThree;
  const size_t http_rows = three ? kHttpRowsOfThree : kHttpRows.size();
  if (kind == "http") return std::span(kHttpRows).first(http_rows);
  if (kind == "dns" && three) return kDnsRowsOfThree;
  if (kind == "dns") return kDnsRows;
  if (kind == "ping") return kPingRows;
  if (kind == "tcp") return kTcpRows;
  if (kind == "tls") return kTlsRows;
  if (kind == "sql") return kSqlRows;
  if (kind == "grpc" && !three) return kGrpcRows;
  if (kind == "heartbeat") return kHeartbeatRows;
  if (kind == "game") return kGameRows;
  if (kind == "group" && three) return kGroupRowsOfThree;
  if (kind == "group") return kGroupRows;
  if (kind == "manual" && !three) return kManualRows;
  return {};
}

std::string_view TypeDataKeyOf(Release release, std::string_view kind,
                               std::string_view spec_field) {
  for (const Row& row : RowsOf(release, kind)) {
    if (row.field == spec_field) return row.key;
  }
  return spec_field;
}

std::string InTypeDataWords(Release release, std::string_view kind, std::string_view text) {
  std::string out(text);
  for (const Row& row : RowsOf(release, kind)) {
    // Fields of one word ("host") are words of the language, too.
    if (row.field.find('_') == std::string_view::npos) continue;
    const size_t at = out.find(row.field);
    if (at != std::string::npos) out.replace(at, row.field.size(), row.key);
  }
  return out;
}

bool HasHostList(std::span<const Row> rows) {
  return !rows.empty() && rows[0].form == Form::kHosts;
}

bool IsGiven(Release release, const Row& row, const Value* value) {
  if (value == nullptr || value->IsNull()) return false;
  const bool is_blank = value->IsString() && Trim(value->AsString()).empty();
  if (release == Release::kThree) return !is_blank;
  if (row.form == Form::kHosts && value->IsList()) {
    return std::any_of(value->AsList().begin(), value->AsList().end(), IsUsedHost);
  }
  const bool is_text = row.form == Form::kText || row.form == Form::kUpperText ||
                       row.form == Form::kLowerText || row.form == Form::kPort;
  return !(is_text && is_blank);
}

Status ReadRows(Release release, std::span<const Row> rows, const Value& type_data, Value& spec) {
  for (const Row& row : rows) {
    const Value* given = type_data.Find(row.key);
    if (!IsGiven(release, row, given)) {
      spec.Remove(row.field);
      continue;
    }
    PHAROS_ASSIGN_OR_RETURN(Value value, ReadValue(release, row, *given));
    spec.Set(row.field, std::move(value));
  }
  return Ok();
}

Value ShowValue(Release release, const Row& row, const Value& value) {
  const bool three = release == Release::kThree;
  switch (row.form) {
    case Form::kText:
    case Form::kUpperText:
    case Form::kTexts:
    case Form::kWhole:
    case Form::kFlag:
      return value;
    case Form::kLowerText:
      return value.IsString() ? Value(UpperCase(value.AsString())) : value;
    case Form::kPort:
      return value.IsInt() && !three ? Value(std::to_string(value.AsInt())) : value;
    case Form::kOppositeFlag:
      return value.IsBool() ? Value(!value.AsBool()) : value;
    case Form::kMinutes: {
      const double minutes = value.IsNumber() ? value.AsDouble() / 60.0 : 0.0;
      if (std::trunc(minutes) == minutes) return Value(static_cast<int64_t>(minutes));
      return Value(minutes);
    }
    case Form::kHeaders:
      return ShowEach(value, ShowHeader);
    case Form::kHosts:
      return ShowEach(value, [&](const Value& item) { return ShowHost(release, item); });
    case Form::kMembers:
      return three ? ShowEach(value, ShowSelected) : value;
  }
  return value;
}

Error WrongTypeData(std::string_view key, std::string_view rest) {
  return BadField("type_data." + std::string(key), rest);
}

}  // namespace pharos::api::kener
