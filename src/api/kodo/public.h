#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// What everybody may ask, without a key (kodo.md 20).
Result<std::string> GetPublicStatus(Call& call);
Result<std::string> SubscribeToPage(Call& call);
// The link in a mail: confirms the subscription, or ends it with `action=end`.
Result<std::string> FollowSubscriptionLink(Call& call);
Result<std::string> GetWidget(Call& call);

}  // namespace pharos::api::kodo
