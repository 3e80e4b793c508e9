#pragma once

#include "api/endpoint.h"

namespace pharos::api::kener_v4 {

// The public push, /ext/heartbeat/{tag}/{secret} and the older {tag}:{secret} (kener-v4.md 15.1).
void PushHeartbeat(Call& call, Answer answer);

}  // namespace pharos::api::kener_v4
