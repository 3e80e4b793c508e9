#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace pharos::service {

// E.164: "+" and 7 to 15 digits, the first of them not 0.
bool IsPhoneNumber(std::string_view text);
// Something like "name@host", for whoever is to be told.
bool IsMailAddress(std::string_view text);

// The config of a channel of kind "sms" or "email" with another receiver.
Value WithPhoneNumber(Value config, std::string_view phone);
Value WithMailAddress(Value config, std::string_view address);

}  // namespace pharos::service
