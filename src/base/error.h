#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pharos {

// What went wrong, as a closed set. Dialects map each kind to a status, a code and a text; nothing
// below layer 5 knows HTTP numbers.
enum class ErrorKind : uint8_t {
  kInvalid,          // the caller's input is wrong; `fields` says where
  kUnauthenticated,  // no credentials, or unknown ones
  kKeyExpired,
  kKeyRevoked,
  kKeyDisabled,
  kForbidden,    // known caller, not allowed
  kNotFound,     //
  kConflict,     // exists already, or changed meanwhile
  kTooLarge,     // a limit on size was exceeded
  kRateLimited,  //
  kUnavailable,  // overloaded or shutting down; try again after `retry_after_s`
  kTimeout,      //
  kBlocked,      // refused by the outbound policy; never counts as downtime
  kInternal,     // our fault; `detail` is for the log only
};

// Lower-case word for logs and metrics, for example "not_found".
const char* ErrorKindName(ErrorKind kind);

// One problem with one input field. `field` is the caller's own name or path ("type_data.url").
struct FieldError {
  std::string field;
  std::string message;

  bool operator==(const FieldError&) const = default;
};

// An error as a value. `message` may be shown to the caller, `detail` only to the operator's log.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string detail;
  std::vector<FieldError> fields;
  int retry_after_s = 0;

  Error() = default;
  Error(ErrorKind k, std::string public_message, std::string private_detail = {})
      : kind(k), message(std::move(public_message)), detail(std::move(private_detail)) {}

  // An invalid-input error about one field.
  static Error Field(std::string field, std::string message);
  static Error Internal(std::string detail) {
    return Error(ErrorKind::kInternal, "internal error", std::move(detail));
  }
  static Error Unavailable(std::string message, int retry_after_s) {
    Error e(ErrorKind::kUnavailable, std::move(message));
    e.retry_after_s = retry_after_s;
    return e;
  }
};

}  // namespace pharos
