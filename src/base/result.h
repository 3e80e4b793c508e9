#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace pharos {

// A value or an Error; ignoring one does not compile. Exceptions do not cross a module.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}  // NOLINT
};

// Success without a value.
using Status = Result<void>;
inline Status Ok() { return {}; }

#define PHAROS_CONCAT_INNER(a, b) a##b
#define PHAROS_CONCAT(a, b) PHAROS_CONCAT_INNER(a, b)

// Leaves the function with the error of `expr`, if it has one.
#define PHAROS_RETURN_IF_ERROR(expr) \
  PHAROS_RETURN_IF_ERROR_IMPL(PHAROS_CONCAT(pharos_status_, __LINE__), expr)
#define PHAROS_RETURN_IF_ERROR_IMPL(status, expr)                                         \
  do {                                                                                    \
    if (auto status = (expr); !status) return ::pharos::Error(std::move(status).error()); \
  } while (false)

// Assigns the value of `expr` to `lhs` or leaves the function with its error.
#define PHAROS_ASSIGN_OR_RETURN(lhs, expr) \
  PHAROS_ASSIGN_OR_RETURN_IMPL(PHAROS_CONCAT(pharos_result_, __LINE__), lhs, expr)
#define PHAROS_ASSIGN_OR_RETURN_IMPL(result, lhs, expr)           \
  auto result = (expr);                                           \
  if (!result) return ::pharos::Error(std::move(result).error()); \
  lhs = std::move(*result)

}  // namespace pharos
