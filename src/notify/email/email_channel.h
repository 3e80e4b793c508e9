#pragma once

#include <memory>

#include "notify/channel.h"

namespace pharos::notify {

// Sends a mail with a text and an HTML part through the installation's mail server.
std::unique_ptr<Channel> MakeEmailChannel();

}  // namespace pharos::notify
