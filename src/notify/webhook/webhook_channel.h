#pragma once

#include <memory>

#include "notify/channel.h"

namespace pharos::notify {

// Posts each message as JSON to a URL, in one of five formats (formats.h), signed if a secret is
// set. Each format has its own schedule of further tries.
std::unique_ptr<Channel> MakeWebhookChannel();

}  // namespace pharos::notify
