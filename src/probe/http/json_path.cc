#include "probe/http/json_path.h"

#include <charconv>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "probe/http/json_scanner.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxPathBytes = 512;
constexpr size_t kMaxSteps = 16;
constexpr size_t kMaxIndex = 10'000'000;

// The byte order mark that some servers put first.
std::string_view WithoutMark(std::string_view json) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (json.starts_with(kMark)) json.remove_prefix(kMark.size());
  return json;
}

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// The four hex digits after "\u" at `at`, if they are there.
std::optional<uint32_t> HexAt(std::string_view text, size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  uint32_t code = 0;
  const char* end = text.data() + at + 4;
  const auto [stop, error] = std::from_chars(text.data() + at, end, code, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return code;
}

// Appends the character of the "\u" escape whose digits start at `at`; returns where it ends.
size_t AppendEscapedCode(std::string& out, std::string_view text, size_t at) {
  constexpr uint32_t kReplacement = 0xFFFD;
  const auto first = HexAt(text, at);
  if (!first) return text.size();
  at += 4;
  if (*first < 0xD800 || *first > 0xDFFF) {
    AppendUtf8(out, *first);
    return at;
  }
  if (*first < 0xDC00 && text.substr(at, 2) == "\\u") {
    const auto second = HexAt(text, at + 2);
    if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
      AppendUtf8(out, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
      return at + 6;
    }
  }
  AppendUtf8(out, kReplacement);
  return at;
}

std::string Unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '\\' || at >= text.size()) {
      out.push_back(c);
      continue;
    }
    const char escape = text[at++];
    switch (escape) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u':
        at = AppendEscapedCode(out, text, at);
        break;
      default:
        out.push_back(escape);
    }
  }
  return out;
}

JsonHit::Type TypeOf(char first) {
  switch (first) {
    case '{':
      return JsonHit::Type::kObject;
    case '[':
      return JsonHit::Type::kList;
    case '"':
      return JsonHit::Type::kText;
    case 't':
    case 'f':
      return JsonHit::Type::kBool;
    case 'n':
      return JsonHit::Type::kNull;
    default:
      return JsonHit::Type::kNumber;
  }
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

Error PathError(std::string_view what, size_t at) {
  return Error(ErrorKind::kInvalid, std::string(what) + " at character " + std::to_string(at + 1));
}

}  // namespace

std::string JsonHit::Text() const {
  if (type != Type::kText || raw.size() < 2) return std::string(raw);
  return Unescape(raw.substr(1, raw.size() - 2));
}

std::optional<double> JsonHit::Number() const {
  if (type != Type::kNumber) return std::nullopt;
  double number = 0;
  const auto [stop, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  if (error != std::errc() || stop != raw.data() + raw.size()) return std::nullopt;
  return number;
}

Status CheckJson(std::string_view json) {
  json = WithoutMark(json);
  JsonScanner scanner(json);
  const bool whole = scanner.SkipValue();
  if (whole) scanner.SkipBlanks();
  if (whole && scanner.AtEnd()) return Ok();
  return Error(ErrorKind::kInvalid, scanner.AtEnd()
                                        ? "JSON ends too early"
                                        : "not JSON at byte " + std::to_string(scanner.at() + 1));
}

Result<JsonPath::Step> JsonPath::ParseBracket(std::string_view text, size_t& at) {
  Step step;
  const size_t begin = at++;
  const char quote = at < text.size() ? text[at] : '\0';
  if (quote == '*') {
    step.kind = Step::Kind::kAny;
    ++at;
  } else if (quote == '\'' || quote == '"') {
    step.kind = Step::Kind::kName;
    for (++at; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      step.name.push_back(text[at]);
    }
    if (at >= text.size()) return PathError("quote is not closed", begin + 1);
    ++at;
  } else {
    step.kind = Step::Kind::kIndex;
    const size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    const auto index = ParseInt(text.substr(first, at - first));
    if (!index) return PathError("expected a number, a quoted name or *", first);
    if (*index > static_cast<int64_t>(kMaxIndex)) return PathError("index is too large", first);
    step.index = static_cast<size_t>(*index);
  }
  if (at >= text.size() || text[at] != ']') return PathError("expected ]", at);
  ++at;
  return step;
}

Result<JsonPath> JsonPath::Parse(std::string_view text) {
  if (text.size() > kMaxPathBytes) {
    return Error(ErrorKind::kInvalid, "path is longer than 512 bytes");
  }
  if (text.empty() || text[0] != '$') return Error(ErrorKind::kInvalid, "path must begin with $");
  JsonPath path;
  for (size_t at = 1; at < text.size();) {
    if (path.steps_.size() == kMaxSteps) return PathError("more than 16 steps", at);
    if (text[at] == '[') {
      PHAROS_ASSIGN_OR_RETURN(Step step, ParseBracket(text, at));
      path.steps_.push_back(std::move(step));
      continue;
    }
    if (text[at] != '.') return PathError("expected . or [", at);
    const size_t begin = ++at;
    Step step;
    if (at < text.size() && text[at] == '*') {
      step.kind = Step::Kind::kAny;
      ++at;
    } else {
      step.kind = Step::Kind::kName;
      while (at < text.size() && IsNameByte(text[at])) ++at;
      if (at == begin) return PathError("expected a name", at);
      step.name = text.substr(begin, at - begin);
    }
    path.steps_.push_back(std::move(step));
  }
  return path;
}

// Walks down one selection. Recursion is bounded by the number of steps.
class JsonPath::Walker {
 public:
  Walker(std::string_view json, const std::vector<Step>& steps,
         const std::function<bool(const JsonHit&)>& visit)
      : json_(json), steps_(steps), visit_(visit) {}

  // False: the visitor has seen enough, or the text is broken.
  bool Walk(size_t at, size_t index) {
    JsonScanner scanner(json_, at);
    scanner.SkipBlanks();
    if (index == steps_.size()) return Visit(scanner);
    const char first = scanner.Peek();
    const Step& step = steps_[index];
    switch (step.kind) {
      case Step::Kind::kName:
        return first != '{' || WalkName(scanner, step.name, index);
      case Step::Kind::kIndex:
        return first != '[' || WalkIndex(scanner, step.index, index);
      case Step::Kind::kAny:
        return (first != '[' && first != '{') || WalkAll(scanner, index);
    }
    return false;
  }

 private:
  bool Visit(JsonScanner scanner) {
    const size_t begin = scanner.at();
    if (!scanner.SkipValue()) return false;
    const JsonHit hit{TypeOf(json_[begin]), json_.substr(begin, scanner.at() - begin)};
    return visit_(hit);
  }

  bool WalkName(JsonScanner scanner, const std::string& name, size_t index) {
    std::optional<size_t> last;
    scanner.Take('{');
    const bool whole = scanner.ForEachChild(true, [&](JsonScanner& child, std::string_view key) {
      const bool same =
          key.find('\\') == std::string_view::npos ? key == name : Unescape(key) == name;
      if (same) last = child.at();
      return child.SkipValue();
    });
    if (!whole) return false;
    return !last || Walk(*last, index + 1);
  }

  bool WalkIndex(JsonScanner scanner, size_t wanted, size_t index) {
    std::optional<size_t> place;
    size_t n = 0;
    scanner.Take('[');
    scanner.ForEachChild(false, [&](JsonScanner& child, std::string_view) {
      if (n++ == wanted) {
        place = child.at();
        return false;
      }
      return child.SkipValue();
    });
    return !place || Walk(*place, index + 1);
  }

  bool WalkAll(JsonScanner scanner, size_t index) {
    const bool object = scanner.Peek() == '{';
    scanner.Take(object ? '{' : '[');
    return scanner.ForEachChild(object, [&](JsonScanner& child, std::string_view) {
      return Walk(child.at(), index + 1) && child.SkipValue();
    });
  }

  const std::string_view json_;
  const std::vector<Step>& steps_;
  const std::function<bool(const JsonHit&)>& visit_;
};

void JsonPath::Select(std::string_view json,
                      const std::function<bool(const JsonHit&)>& visit) const {
  Walker(WithoutMark(json), steps_, visit).Walk(0, 0);
}

}  // namespace pharos::probe
