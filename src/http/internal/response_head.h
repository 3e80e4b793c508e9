#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace pharos::http::internal {

struct HeadOptions {
  bool keep_alive = true;
  bool http_1_0 = false;                 // the client must be told when the connection is kept
  std::optional<size_t> content_length;  // none: no such header (a stream)
  std::string_view date;                 // "Date: ...\r\n" or empty
};

// Replies that never carry a body, whatever the handler gave (RFC 9110 6.4.1).
bool IsBodiless(int status);

// Appends status line and headers up to the blank line, in one block. Line breaks within a name or
// a value become blanks, so that no handler can be made to split a reply.
void AppendHead(std::string& out, const Response& response, const HeadOptions& options);

}  // namespace pharos::http::internal
