#pragma once

#include <string>

#include "api/endpoint.h"

namespace pharos::api::kodo {

// /notifications/channels (kodo.md 15): channels that hear of incidents and maintenance.
Result<std::string> ListChannels(Call& call);
Result<std::string> CreateChannel(Call& call);
Result<std::string> GetChannel(Call& call);
Result<std::string> UpdateChannel(Call& call);
Result<std::string> DeleteChannel(Call& call);
void TestChannel(Call& call, Answer answer);

// /webhooks (kodo.md 16): channels of kind "webhook" that are sent chosen events.
Result<std::string> ListWebhooks(Call& call);
Result<std::string> CreateWebhook(Call& call);
Result<std::string> GetWebhook(Call& call);
Result<std::string> UpdateWebhook(Call& call);
Result<std::string> DeleteWebhook(Call& call);
void TestWebhook(Call& call, Answer answer);

// Sends a test message now and answers with what came of it. Does not block.
void SendTest(const Call& call, model::ChannelId channel, Answer answer);

}  // namespace pharos::api::kodo
