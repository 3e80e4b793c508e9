#pragma once

#include <memory>

#include "notify/channel.h"

namespace pharos::notify {

// Posts the message as JSON to a URL, with the de-duplication key and, if a secret is set, an
// HMAC-SHA-256 signature of "<timestamp>.<body>".
std::unique_ptr<Channel> MakeWebhookChannel();

}  // namespace pharos::notify
