#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pharos {

// A tree of plain values: null, boolean, integer, real, text, list, object. Objects keep the order
// in which members were added; setting an existing member replaces it in place. Value semantics.
class Value {
 public:
  using List = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;

  Value() = default;
  Value(std::nullptr_t) {}                              // NOLINT
  Value(bool b) : data_(b) {}                           // NOLINT
  Value(int n) : data_(static_cast<int64_t>(n)) {}      // NOLINT
  Value(int64_t n) : data_(n) {}                        // NOLINT
  Value(double d) : data_(d) {}                         // NOLINT
  Value(const char* s) : data_(std::string(s)) {}       // NOLINT
  Value(std::string s) : data_(std::move(s)) {}         // NOLINT
  Value(std::string_view s) : data_(std::string(s)) {}  // NOLINT
  Value(List list) : data_(std::move(list)) {}          // NOLINT
  Value(Object object) : data_(std::move(object)) {}    // NOLINT

  bool IsNull() const { return std::holds_alternative<std::monostate>(data_); }
  bool IsBool() const { return std::holds_alternative<bool>(data_); }
  bool IsInt() const { return std::holds_alternative<int64_t>(data_); }
  // Integer or real.
  bool IsNumber() const { return IsInt() || std::holds_alternative<double>(data_); }
  bool IsString() const { return std::holds_alternative<std::string>(data_); }
  bool IsList() const { return std::holds_alternative<List>(data_); }
  bool IsObject() const { return std::holds_alternative<Object>(data_); }

  // Preconditions: the matching Is...() holds.
  bool AsBool() const { return std::get<bool>(data_); }
  int64_t AsInt() const { return std::get<int64_t>(data_); }
  double AsDouble() const {
    return IsInt() ? static_cast<double>(AsInt()) : std::get<double>(data_);
  }
  const std::string& AsString() const { return std::get<std::string>(data_); }
  const List& AsList() const { return std::get<List>(data_); }
  List& AsList() { return std::get<List>(data_); }
  const Object& AsObject() const { return std::get<Object>(data_); }
  Object& AsObject() { return std::get<Object>(data_); }

  // Member of an object, or nullptr when this is no object or has no such member.
  const Value* Find(std::string_view name) const;
  Value* Find(std::string_view name);
  // Adds or replaces a member; turns null into an object first. Precondition: object or null.
  Value& Set(std::string_view name, Value value);
  // Removes a member if it is there.
  void Remove(std::string_view name);

  // Typed reads with a default for "absent, null or of another type".
  std::string StringOr(std::string_view name, std::string_view fallback) const;
  int64_t IntOr(std::string_view name, int64_t fallback) const;
  double DoubleOr(std::string_view name, double fallback) const;
  bool BoolOr(std::string_view name, bool fallback) const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Object> data_;
};

}  // namespace pharos
