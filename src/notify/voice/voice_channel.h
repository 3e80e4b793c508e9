#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Calls phones by Twilio and reads the message out.
std::unique_ptr<Channel> MakeVoiceChannel(const Addresses& addresses);

}  // namespace pharos::notify
