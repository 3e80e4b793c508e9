#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Posts an embed to a webhook of a Discord channel (is0k.md 5.2).
std::unique_ptr<Channel> MakeDiscordChannel(const Addresses& addresses);

}  // namespace pharos::notify
