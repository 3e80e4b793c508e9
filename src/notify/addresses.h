#pragma once

#include <string>
#include <vector>

namespace pharos::notify {

// Where the services behind the channels live. An installation may point them elsewhere, at a
// relay of its own or at a test server.
struct Addresses {
  // Hosts ("relay.example.org", "127.0.0.1:8081") besides the documented ones to which webhook
  // addresses of these services may lead, over http too.
  std::vector<std::string> slack_hosts;
  std::vector<std::string> discord_hosts;
  std::string telegram = "https://api.telegram.org";
  std::string twilio = "https://api.twilio.com";
  std::string pagerduty = "https://events.pagerduty.com";
  std::string opsgenie = "https://api.opsgenie.com";
};

}  // namespace pharos::notify
