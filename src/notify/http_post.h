#pragma once

#include <string>
#include <utility>
#include <vector>

#include "notify/channel.h"

namespace pharos::notify {

// Which answers mean that no repetition can help.
enum class Refusals : uint8_t {
  // 400, 401, 403, 404, 405, 410, 413, 415, 422: the address is wrong; the channel is disabled.
  kDisable,
  // The same and every other 4xx but 408, 425 and 429: this message is given up, the channel stays.
  kReject,
  // None: everything but 2xx is tried again as long as the schedule allows.
  kNone,
};

// One request of a channel: what all of them share about sending and judging the answer.
struct HttpPost {
  std::string url;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
  // Taken out of the payload and of error texts.
  std::vector<std::string> secrets{};
  Refusals refusals = Refusals::kDisable;
  Duration at_most = Seconds(15);  // the time limit is the shorter one of this and the caller's
};

// Posts it with purpose kNotify, follows no redirect. Calls `done` exactly once, never from inside
// this call. `Retry-After` up to an hour is passed on.
void SendPost(HttpPost post, Duration timeout, const Tools& tools, SendDone done);

// Posts a body to the address in `webhook_url` of the config, as chat services want it: what they
// refuse is given up after one attempt of at most ten seconds.
void PostToWebhook(const Value& config, std::string body, Duration timeout, const Tools& tools,
                   SendDone done);

// Each of the secrets becomes "***".
std::string Redact(std::string text, const std::vector<std::string>& secrets);
// "a=1&b=x%20y"
std::string EncodeForm(const std::vector<std::pair<std::string, std::string>>& fields);

// Adds a problem of `field` unless the URL begins as the service documents it, or leads to a host
// that the installation allows besides.
void CheckServiceUrl(const Value& config, std::string_view field, std::string_view documented,
                     const std::vector<std::string>& more_hosts, std::vector<FieldError>& problems);
// The texts of a list in the config; empty when there is none.
std::vector<std::string> TextsIn(const Value& config, std::string_view field);

// Sends several posts one after the other; ends at the first that is not delivered. For kinds whose
// service takes one receiver per request.
void SendPosts(std::vector<HttpPost> posts, Duration timeout, const Tools& tools, SendDone done);

}  // namespace pharos::notify
