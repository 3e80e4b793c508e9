#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pharos::service {

// One event as a webhook's format calls it, and as subscriptions hold it (model/delivery.h).
struct WebhookEvent {
  std::string_view word;   // "monitor.recovered"
  std::string_view event;  // "monitor.up"
};

// What webhooks of the format (notify/webhook) may subscribe to; empty for an unknown format.
std::span<const WebhookEvent> WebhookEvents(std::string_view format);
// Whether a subscription may name it (an event as we call it).
bool IsWebhookEvent(std::string_view event);
// All formats, in the order of the channel's choices.
std::span<const std::string_view> WebhookFormats();
// Error: kInvalid, field "format" or "event"; the message names the word and the known ones.
Result<std::vector<std::string>> ReadWebhookEvents(std::string_view format,
                                                   std::span<const std::string> words);
// What the format calls it; the event itself when it has no word for it.
std::string_view WebhookEventWord(std::string_view format, std::string_view event);

}  // namespace pharos::service
