#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "talk.h"

namespace pharos::talk {

// Reads a .talk file (README.md). Errors: kInvalid, "<file>:<line>: <what>".
Result<Session> ParseTalk(std::string_view text, const std::string& file);

}  // namespace pharos::talk
