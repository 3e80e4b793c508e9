#include "base/error.h"

namespace pharos {

const char* ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kUnauthenticated:
      return "unauthenticated";
    case ErrorKind::kKeyExpired:
      return "key_expired";
    case ErrorKind::kKeyRevoked:
      return "key_revoked";
    case ErrorKind::kKeyDisabled:
      return "key_disabled";
    case ErrorKind::kForbidden:
      return "forbidden";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kTooLarge:
      return "too_large";
    case ErrorKind::kRateLimited:
      return "rate_limited";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kBlocked:
      return "blocked";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

Error Error::Field(std::string field, std::string message) {
  Error e(ErrorKind::kInvalid, message);
  e.fields.push_back({std::move(field), std::move(message)});
  return e;
}

}  // namespace pharos
