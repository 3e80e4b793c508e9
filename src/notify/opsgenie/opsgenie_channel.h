#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Opens and closes alerts by the Alert API of Opsgenie.
std::unique_ptr<Channel> MakeOpsgenieChannel(const Addresses& addresses);

}  // namespace pharos::notify
