#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Posts an Adaptive Card to a webhook of a Microsoft Teams channel.
std::unique_ptr<Channel> MakeTeamsChannel(const Addresses& addresses);

}  // namespace pharos::notify
