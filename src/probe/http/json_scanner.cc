#include "probe/http/json_scanner.h"

namespace pharos::probe {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

void JsonScanner::SkipBlanks() {
  while (!AtEnd()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    ++at_;
  }
}

bool JsonScanner::SkipString() {
  if (!Take('"')) return false;
  while (!AtEnd()) {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    ++at_;
    if (c == '"') return true;
    if (c != '\\') continue;
    const char escape = Peek();
    if (escape == 'u') {
      ++at_;
      for (int i = 0; i < 4; ++i, ++at_) {
        if (!IsHex(Peek())) return false;
      }
    } else if (escape != '\0' &&
               std::string_view("\"\\/bfnrt").find(escape) != std::string_view::npos) {
      ++at_;
    } else {
      return false;
    }
  }
  return false;
}

bool JsonScanner::SkipDigits() {
  if (!IsDigit(Peek())) return false;
  while (IsDigit(Peek())) ++at_;
  return true;
}

bool JsonScanner::SkipNumber() {
  Take('-');
  if (!Take('0') && !SkipDigits()) return false;
  if (Take('.') && !SkipDigits()) return false;
  if (Take('e') || Take('E')) {
    if (!Take('+')) Take('-');
    return SkipDigits();
  }
  return true;
}

bool JsonScanner::SkipWord(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonScanner::SkipValue(int depth) {
  SkipBlanks();
  switch (Peek()) {
    case '{':
    case '[': {
      if (depth >= kMaxDepth) return false;
      const bool object = Peek() == '{';
      ++at_;
      return ForEachChild(object, [depth](JsonScanner& child, std::string_view) {
        return child.SkipValue(depth + 1);
      });
    }
    case '"':
      return SkipString();
    case 't':
      return SkipWord("true");
    case 'f':
      return SkipWord("false");
    case 'n':
      return SkipWord("null");
    default:
      return SkipNumber();
  }
}

}  // namespace pharos::probe
