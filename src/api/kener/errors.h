#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace pharos::api::kener {

// 400 with this very text.
Error BadRequest(std::string message);
// 400 about one body field; the text starts with the field's name.
Error BadField(std::string_view field, std::string_view rest);
Error NotFound(std::string message);

}  // namespace pharos::api::kener
