#pragma once

#include <string>
#include <vector>

#include "notify/wording.h"

namespace pharos::notify {

// Who sends it to whom, and when.
struct Envelope {
  std::string from;  // "status@example.org"
  std::vector<std::string> to;
  std::string message_id;  // without brackets
  Timestamp at{};
};

// A whole mail (RFC 5322, MIME): text and HTML as alternatives, both base64, lines ended by CRLF.
std::string MailTextOf(const Wording& wording, const Envelope& envelope);
std::string PlainPartOf(const Wording& wording);
std::string HtmlPartOf(const Wording& wording);

}  // namespace pharos::notify
