#pragma once

#include <memory>

#include "notify/addresses.h"
#include "notify/channel.h"

namespace pharos::notify {

// Opens and resolves alerts by the Events API v2 of PagerDuty.
std::unique_ptr<Channel> MakePagerdutyChannel(const Addresses& addresses);

}  // namespace pharos::notify
