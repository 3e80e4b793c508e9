#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/field_spec.h"
#include "notify/http_post.h"

namespace pharos::notify {

// What text messages and calls share: the account, and the phones.

// account_sid, auth_token, from, to.
std::vector<model::FieldSpec> TwilioFields();
// E.164: "+" and 7 to 15 digits.
bool IsPhoneNumber(std::string_view number);
// Numbers in "to" and "from". An account that the channel does not name is the organisation's.
void ValidateTwilio(const Value& config, std::vector<FieldError>& problems);
// One request per phone to a resource of the account ("Messages.json"); `fields` besides To and
// From. Ends with kRejected when there is no account.
void SendByTwilio(const std::string& base, const std::string& resource,
                  const std::vector<std::pair<std::string, std::string>>& fields,
                  const Outgoing& outgoing, const Value& config, Duration timeout,
                  const Tools& tools, SendDone done);

}  // namespace pharos::notify
