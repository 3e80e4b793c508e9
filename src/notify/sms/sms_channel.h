#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Sends one line of text to phones by Twilio (is0k.md 5.2).
std::unique_ptr<Channel> MakeSmsChannel(const Addresses& addresses);

}  // namespace pharos::notify
