#pragma once

#include <string>

#include "api/endpoint.h"
#include "base/json.h"
#include "service/phones.h"

namespace pharos::api::kodo {

// /api/sms/subscribers (kodo.md 19): making one is documented, the rest are extensions.
Result<std::string> ListSubscribers(Call& call);
Result<std::string> CreateSubscriber(Call& call);
Result<std::string> GetSubscriber(Call& call);
Result<std::string> UpdateSubscriber(Call& call);
Result<std::string> DeleteSubscriber(Call& call);
// A text that came from a phone, handed on by the provider's relay.
Result<std::string> TakeSmsReply(Call& call);

void PrintSubscriber(JsonWriter& json, const service::Subscriber& subscriber);

}  // namespace pharos::api::kodo
