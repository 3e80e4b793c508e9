#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Sends HTML text through a bot to a chat (is0k.md 5.2).
std::unique_ptr<Channel> MakeTelegramChannel(const Addresses& addresses);

}  // namespace pharos::notify
