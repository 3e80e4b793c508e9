#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::is0k {

// is0k.md 5.4.
Result<std::string> ListChannels(Call& call);
Result<std::string> CreateChannel(Call& call);
Result<std::string> GetChannel(Call& call);
Result<std::string> UpdateChannel(Call& call);
Result<std::string> DeleteChannel(Call& call);
void TestChannel(Call& call, Answer answer);

}  // namespace pharos::api::is0k
