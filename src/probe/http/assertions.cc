#include "probe/http/assertions.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/http/http_fields.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxChecks = 20;
constexpr size_t kMaxCheckBytes = 1024;
constexpr size_t kShownBytes = 60;  // of a value, in a message

std::string Shown(std::string_view text) {
  return "\"" + Ellipsize(SanitizeUtf8(text.substr(0, 4 * kShownBytes)), kShownBytes) + "\"";
}

// One element of an object list, read with its problems collected under "list[2].member".
class Element {
 public:
  Element(std::string_view list, size_t index, const Value& value,
          std::vector<FieldError>& problems)
      : where_(std::string(list) + "[" + std::to_string(index) + "]"),
        value_(value),
        problems_(problems) {
    if (!value.IsObject()) problems.push_back({where_, "must be an object"});
  }

  bool IsObject() const { return value_.IsObject(); }
  void Problem(std::string_view member, std::string message) {
    problems_.push_back({where_ + "." + std::string(member), std::move(message)});
  }
  std::string Text(std::string_view member) {
    const Value* v = value_.Find(member);
    if (v == nullptr || v->IsNull()) return {};
    if (!v->IsString()) {
      Problem(member, "must be a text");
      return {};
    }
    if (v->AsString().size() > kMaxCheckBytes) Problem(member, "must be at most 1024 bytes");
    return v->AsString();
  }
  void AllowOnly(std::initializer_list<std::string_view> members) {
    if (!IsObject()) return;
    for (const Value::Member& member : value_.AsObject()) {
      if (std::find(members.begin(), members.end(), member.first) == members.end()) {
        Problem(Ellipsize(SanitizeUtf8(member.first), kShownBytes), "is not known");
      }
    }
  }
  // The index of the text in `words`; the last index (and a problem) when it is none of them.
  size_t OneOf(std::string_view member, std::initializer_list<std::string_view> words) {
    const std::string text = Text(member);
    std::string all;
    size_t index = 0;
    for (std::string_view word : words) {
      if (word == text) return index;
      ++index;
      all += (all.empty() ? "" : ", ") + std::string(word);
    }
    Problem(member, "must be one of " + all);
    return words.size() - 1;
  }

 private:
  std::string where_;
  const Value& value_;
  std::vector<FieldError>& problems_;
};

std::optional<HeaderCheck> CompileHeaderCheck(Element element) {
  if (!element.IsObject()) return std::nullopt;
  element.AllowOnly({"name", "op", "value"});
  HeaderCheck check;
  check.name = element.Text("name");
  if (!IsHeaderName(check.name)) element.Problem("name", "must be a header name");
  check.op = static_cast<HeaderOp>(
      element.OneOf("op", {"equals", "contains", "matches", "exists", "absent"}));
  check.value = element.Text("value");
  if (check.op == HeaderOp::kMatches) {
    auto pattern = Regex::Compile(check.value);
    if (!pattern) {
      element.Problem("value", pattern.error().message);
      return std::nullopt;
    }
    check.pattern = std::move(*pattern);
  }
  return check;
}

std::optional<double> AsNumber(const Value& value) {
  if (value.IsNumber()) return value.AsDouble();
  if (!value.IsString()) return std::nullopt;
  const std::string_view text = Trim(value.AsString());
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<JsonCheck> CompileJsonCheck(Element element, const Value& source) {
  if (!element.IsObject()) return std::nullopt;
  element.AllowOnly({"path", "op", "value"});
  JsonCheck check;
  check.path_text = element.Text("path");
  auto path = JsonPath::Parse(check.path_text);
  if (!path) element.Problem("path", path.error().message);
  check.op = static_cast<JsonOp>(element.OneOf(
      "op", {"equals", "not_equals", "contains", "greater", "less", "exists", "absent"}));
  if (const Value* value = source.Find("value")) check.value = *value;
  if (check.value.IsList() || check.value.IsObject()) {
    element.Problem("value", "must be a text, a number, true, false or null");
  } else if (check.value.IsString()) {
    element.Text("value");
  }
  const bool compares_size = check.op == JsonOp::kGreater || check.op == JsonOp::kLess;
  if (compares_size && !AsNumber(check.value)) element.Problem("value", "must be a number");
  if (check.op == JsonOp::kContains && !check.value.IsString()) {
    element.Problem("value", "must be a text");
  }
  if (!path) return std::nullopt;
  check.path = std::move(*path);
  return check;
}

std::optional<Regex> CompilePattern(const SpecReader& reader, std::string_view field,
                                    std::vector<FieldError>& problems) {
  const std::string text = reader.Text(field);
  if (text.empty()) return std::nullopt;
  auto pattern = Regex::Compile(text);
  if (pattern) return std::move(*pattern);
  problems.push_back({std::string(field), pattern.error().message});
  return std::nullopt;
}

// --- judging ---

std::string DescribeHeader(const HeaderCheck& check) {
  switch (check.op) {
    case HeaderOp::kEquals:
      return "expected " + Shown(check.value);
    case HeaderOp::kContains:
      return "expected it to contain " + Shown(check.value);
    case HeaderOp::kMatches:
      return "expected it to match " + Shown(check.value);
    case HeaderOp::kExists:
      return "expected it to be there";
    case HeaderOp::kAbsent:
      return "expected it to be absent";
  }
  return {};
}

bool HeaderHolds(const HeaderCheck& check, std::string_view value) {
  switch (check.op) {
    case HeaderOp::kEquals:
      return value == check.value;
    case HeaderOp::kContains:
      return value.find(check.value) != std::string_view::npos;
    case HeaderOp::kMatches:
      return check.pattern && check.pattern->Matches(value);
    case HeaderOp::kExists:
    case HeaderOp::kAbsent:
      return true;
  }
  return false;
}

// A text written in a form ("200", "true") also stands for the number or word of that spelling.
bool SameValue(const JsonHit& hit, const Value& expected) {
  switch (hit.type) {
    case JsonHit::Type::kText:
      return expected.IsString() && hit.Text() == expected.AsString();
    case JsonHit::Type::kNumber: {
      const auto number = AsNumber(expected);
      return number && hit.Number() == number;
    }
    case JsonHit::Type::kBool:
      if (expected.IsBool()) return hit.raw == (expected.AsBool() ? "true" : "false");
      return expected.IsString() && hit.raw == expected.AsString();
    case JsonHit::Type::kNull:
      return expected.IsNull() || (expected.IsString() && expected.AsString() == "null");
    case JsonHit::Type::kList:
    case JsonHit::Type::kObject:
      return false;
  }
  return false;
}

bool JsonHolds(const JsonCheck& check, const JsonHit& hit) {
  switch (check.op) {
    case JsonOp::kEquals:
    case JsonOp::kNotEquals:
      return SameValue(hit, check.value);
    case JsonOp::kContains:
      return hit.type == JsonHit::Type::kText && check.value.IsString() &&
             hit.Text().find(check.value.AsString()) != std::string::npos;
    case JsonOp::kGreater:
    case JsonOp::kLess: {
      const auto found = hit.Number();
      const auto limit = AsNumber(check.value);
      if (!found || !limit) return false;
      return check.op == JsonOp::kGreater ? *found > *limit : *found < *limit;
    }
    case JsonOp::kExists:
    case JsonOp::kAbsent:
      return true;
  }
  return false;
}

std::string_view OpWords(JsonOp op) {
  switch (op) {
    case JsonOp::kEquals:
      return "expected ";
    case JsonOp::kNotEquals:
      return "expected anything but ";
    case JsonOp::kContains:
      return "expected it to contain ";
    case JsonOp::kGreater:
      return "expected more than ";
    case JsonOp::kLess:
      return "expected less than ";
    case JsonOp::kExists:
      return "expected it to be there";
    case JsonOp::kAbsent:
      return "expected it to be absent";
  }
  return {};
}

// What is wrong; nullopt when the check holds.
std::optional<std::string> JudgeJson(const JsonCheck& check, std::string_view json) {
  std::optional<JsonHit> shown;
  bool held = false;
  check.path.Select(json, [&](const JsonHit& hit) {
    held = JsonHolds(check, hit);
    if (!shown || held) shown = hit;
    return !held;
  });
  const bool negative = check.op == JsonOp::kNotEquals || check.op == JsonOp::kAbsent;
  const bool may_be_missing = check.op == JsonOp::kAbsent;
  if (shown ? held != negative : may_be_missing) return std::nullopt;

  std::string text = "JSON " + Ellipsize(check.path_text, kShownBytes);
  text += shown
              ? " is " + Ellipsize(SanitizeUtf8(shown->raw.substr(0, 4 * kShownBytes)), kShownBytes)
              : " is not there";
  if (check.op == JsonOp::kAbsent) return text + ", " + std::string(OpWords(check.op));
  if (check.op == JsonOp::kExists) return text;
  return text + ", " + std::string(OpWords(check.op)) +
         Ellipsize(WriteJson(check.value), kShownBytes);
}

void JudgeJsonChecks(const Assertions& assertions, const BodyView& body,
                     std::vector<std::string>& wrong) {
  if (assertions.json_checks.empty()) return;
  if (body.over_limit) {
    wrong.push_back("JSON checks need the whole answer body, which is longer than " +
                    std::to_string(body.limit) + " bytes");
    return;
  }
  if (auto status = CheckJson(body.kept); !status) {
    wrong.push_back("answer body: " + status.error().message);
    return;
  }
  for (const JsonCheck& check : assertions.json_checks) {
    if (auto problem = JudgeJson(check, body.kept)) wrong.push_back(std::move(*problem));
  }
}

}  // namespace

Assertions CompileAssertions(const Value& spec, std::vector<FieldError>& problems) {
  const SpecReader reader(spec, HttpFields());
  Assertions out;
  out.expected_text = reader.Text("expected_status");
  out.expects_default = out.expected_text == DefaultExpectedStatus();
  if (auto set = StatusSet::Parse(out.expected_text)) {
    out.expected_status = std::move(*set);
  } else {
    problems.push_back({"expected_status", set.error().message});
  }
  out.keyword = reader.Text("keyword");
  out.keyword_absent = reader.Text("keyword_absent");
  out.body_regex = CompilePattern(reader, "body_regex", problems);
  out.body_regex_absent = CompilePattern(reader, "body_regex_absent", problems);

  const Value::List& headers = reader.List("header_checks");
  const Value::List& jsons = reader.List("json_checks");
  if (headers.size() > kMaxChecks) problems.push_back({"header_checks", "must be at most 20"});
  if (jsons.size() > kMaxChecks) problems.push_back({"json_checks", "must be at most 20"});
  for (size_t i = 0; i < std::min(headers.size(), kMaxChecks); ++i) {
    auto check = CompileHeaderCheck(Element("header_checks", i, headers[i], problems));
    if (check) out.header_checks.push_back(std::move(*check));
  }
  for (size_t i = 0; i < std::min(jsons.size(), kMaxChecks); ++i) {
    auto check = CompileJsonCheck(Element("json_checks", i, jsons[i], problems), jsons[i]);
    if (check) out.json_checks.push_back(std::move(*check));
  }
  return out;
}

std::vector<std::string> JudgeStatus(const Assertions& assertions, int status) {
  if (assertions.expected_status.Contains(status)) return {};
  std::string text = "HTTP " + std::to_string(status);
  if (!assertions.expects_default) {
    text += ", expected " + Ellipsize(assertions.expected_text, kShownBytes);
  }
  return {std::move(text)};
}

std::vector<std::string> JudgeHeaders(const Assertions& assertions, const HeaderList& headers) {
  std::vector<std::string> wrong;
  for (const HeaderCheck& check : assertions.header_checks) {
    const std::string* first = nullptr;
    bool held = false;
    for (const auto& [name, value] : headers) {
      if (!EqualsIgnoreCase(name, check.name)) continue;
      if (first == nullptr) first = &value;
      held = held || HeaderHolds(check, value);
    }
    const bool negative = check.op == HeaderOp::kAbsent;
    if (first != nullptr ? held != negative : negative) continue;
    wrong.push_back("header " + Ellipsize(check.name, kShownBytes) +
                    (first != nullptr ? " is " + Shown(*first) : " is missing") +
                    (check.op == HeaderOp::kExists ? "" : ", " + DescribeHeader(check)));
  }
  return wrong;
}

std::vector<std::string> JudgeBody(const Assertions& assertions, const BodyView& body) {
  std::vector<std::string> wrong;
  const std::string where =
      body.over_limit ? " in the first " + std::to_string(body.limit) + " bytes" : "";
  if (!assertions.keyword.empty() && !body.keyword_found) {
    wrong.push_back("keyword " + Shown(assertions.keyword) + " not found" + where);
  }
  if (!assertions.keyword_absent.empty() && body.forbidden_found) {
    wrong.push_back("found " + Shown(assertions.keyword_absent) + ", which must be absent");
  }
  if (assertions.body_regex && !assertions.body_regex->Matches(body.kept)) {
    wrong.push_back("answer body does not match body_regex" + where);
  }
  if (assertions.body_regex_absent && assertions.body_regex_absent->Matches(body.kept)) {
    wrong.push_back("answer body matches body_regex_absent");
  }
  JudgeJsonChecks(assertions, body, wrong);
  return wrong;
}

}  // namespace pharos::probe
