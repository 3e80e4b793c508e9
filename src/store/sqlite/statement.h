#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

struct sqlite3_stmt;

namespace pharos::store::sqlite {

class Connection;

// Bytes to be bound as a blob instead of a text.
struct Blob {
  std::string_view bytes;
};

namespace internal {
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
concept IsId = requires(T id) {
  { id.value() } -> std::same_as<int64_t>;
  id.IsSet();
};
}  // namespace internal

// A prepared statement borrowed from its connection's cache; it goes back, reset, when this handle
// dies. Typed: ids, timestamps (microseconds), enumerations and optionals bind and read as columns.
// Not thread-safe; must not outlive the connection.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds the values to ?1, ?2, ... A failure is kept and comes out of Step.
  template <class... T>
  Statement& Bind(const T&... values) {
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }
  // True when there is a row. Errors: kConflict for a violated uniqueness, kNotFound for a
  // reference to something that does not exist, kUnavailable when the database is held by somebody
  // else for too long, kInternal otherwise.
  Result<bool> Step();
  // Runs a statement that has no rows, and makes it ready to be bound again.
  Status Run();
  // Makes the statement ready to be bound and run again.
  void Reset();

  // Reads the columns of the current row, from the left.
  template <class... T>
  void Read(T&... targets) {
    int index = 0;
    ((targets = Get<T>(index++)), ...);
  }
  template <class T>
  T Get(int column) {
    if constexpr (internal::IsOptional<T>::value) {
      if (IsNull(column)) return std::nullopt;
      return Get<typename T::value_type>(column);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return std::string(Bytes(column));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      return FromUnixMicros(Int(column));
    } else if constexpr (std::is_same_v<T, Duration>) {
      return Duration(Int(column));
    } else if constexpr (std::is_same_v<T, bool>) {
      return Int(column) != 0;
    } else if constexpr (std::is_floating_point_v<T>) {
      return Real(column);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return static_cast<T>(Int(column));
    } else {
      static_assert(internal::IsId<T>);
      return T(Int(column));
    }
  }
  // The bytes of a text or blob; valid until the next Step.
  std::string_view Bytes(int column);

 private:
  friend class Connection;
  Statement(Connection& connection, const char* sql, sqlite3_stmt* handle)
      : connection_(&connection), sql_(sql), handle_(handle) {}

  template <class T>
  void BindOne(int index, const T& value) {
    if constexpr (internal::IsOptional<T>::value) {
      value.has_value() ? BindOne(index, *value) : BindNull(index);
    } else if constexpr (std::is_same_v<T, Blob>) {
      BindBlob(index, value.bytes);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      BindText(index, value);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      BindInt(index, ToUnixMicros(value));
    } else if constexpr (std::is_same_v<T, Duration>) {
      BindInt(index, value.count());
    } else if constexpr (std::is_floating_point_v<T>) {
      BindReal(index, value);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      BindInt(index, static_cast<int64_t>(value));
    } else {
      static_assert(internal::IsId<T>);
      BindInt(index, value.value());
    }
  }
  void BindNull(int index);
  void BindInt(int index, int64_t value);
  void BindReal(int index, double value);
  void BindText(int index, std::string_view value);
  void BindBlob(int index, std::string_view value);
  bool IsNull(int column);
  int64_t Int(int column);
  double Real(int column);

  Connection* connection_;
  const char* sql_;
  sqlite3_stmt* handle_;
  int bind_code_ = 0;
};

// All rows through `read`, a function from Statement& to Result<T>.
template <class F>
auto CollectRows(Statement& statement, F read)
    -> Result<std::vector<typename std::invoke_result_t<F, Statement&>::value_type>> {
  std::vector<typename std::invoke_result_t<F, Statement&>::value_type> rows;
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
    if (!has_row) return rows;
    PHAROS_ASSIGN_OR_RETURN(auto row, read(statement));
    rows.push_back(std::move(row));
  }
}

// The first row, or nothing.
template <class F>
auto CollectRow(Statement& statement, F read)
    -> Result<std::optional<typename std::invoke_result_t<F, Statement&>::value_type>> {
  using Row = typename std::invoke_result_t<F, Statement&>::value_type;
  PHAROS_ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  if (!has_row) return std::optional<Row>();
  PHAROS_ASSIGN_OR_RETURN(auto row, read(statement));
  return std::optional<Row>(std::move(row));
}

}  // namespace pharos::store::sqlite
