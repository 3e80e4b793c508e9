#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"

namespace pharos {

struct JsonLimits {
  size_t max_bytes = 3 * 1024 * 1024;
  int max_depth = 64;
};

// Parses a whole JSON text. A UTF-8 byte order mark is ignored, each invalid UTF-8 byte becomes
// U+FFFD, the last of two equal member names wins. Integers beyond 64 bits become reals.
// Errors: kInvalid (with the reason), kTooLarge (bytes or depth).
Result<Value> ParseJson(std::string_view text, const JsonLimits& limits = {});

// Compact text: no blanks, non-ASCII unescaped, reals in shortest round-trip form without ".0" for
// whole numbers; NaN and infinities are written as null.
std::string WriteJson(const Value& value);
void AppendJson(std::string& out, const Value& value);
void AppendJsonString(std::string& out, std::string_view text);
void AppendJsonNumber(std::string& out, double number);

// Appends members and elements in order, writing the commas. For replies built straight from model
// values, without a tree in between. Not thread-safe; `out` must outlive the writer.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginList();
  JsonWriter& EndList();
  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view text);
  JsonWriter& Int(int64_t number);
  JsonWriter& Real(double number);
  JsonWriter& Bool(bool flag);
  JsonWriter& Null();
  JsonWriter& Tree(const Value& value);

 private:
  void Separate();

  std::string& out_;
  bool need_comma_ = false;
};

}  // namespace pharos
