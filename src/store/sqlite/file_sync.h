#pragma once

#include <string>

#include "base/result.h"

namespace pharos::store::sqlite {

// Gives a finished file its final name; when this returns, both are on disk. Error: kInternal.
Status PublishFile(const std::string& from, const std::string& to);

}  // namespace pharos::store::sqlite
