#include "api/kener/errors.h"

#include <utility>

namespace pharos::api::kener {

Error BadRequest(std::string message) { return Error(ErrorKind::kInvalid, std::move(message)); }

Error BadField(std::string_view field, std::string_view rest) {
  return Error::Field(std::string(field), std::string(field) + " " + std::string(rest));
}

Error NotFound(std::string message) { return Error(ErrorKind::kNotFound, std::move(message)); }

}  // namespace pharos::api::kener
