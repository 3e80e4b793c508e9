#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Posts a Block Kit message with a coloured bar to an incoming webhook (is0k.md 5.2).
std::unique_ptr<Channel> MakeSlackChannel(const Addresses& addresses);

}  // namespace pharos::notify
