#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api::kener_v3 {

// kener-classic.md A.2.
Result<std::string> PushStatus(Call& call);
Result<std::string> ReadStatus(Call& call);

// A.6: "<tag>:<secret>" is the credential.
void PushHeartbeat(Call& call, Answer answer);

// "99.8611", "100", "0", or "-" when there is nothing to count.
std::string UptimeText(double good, double all);

}  // namespace pharos::api::kener_v3
