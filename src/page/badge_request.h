#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"
#include "page/snapshot.h"

namespace pharos::page {

// Answers "/badge/{tag}/status|uptime|latency|dot" (product.md 8.2) from memory; nullopt when the
// path is not one of them. Windows are whole days of the snapshot, rounded up, because that is what
// is in memory: a visitor never waits for a database (architecture D9).
std::optional<http::Response> AnswerBadge(const http::Request& request, const Snapshot& snapshot);

// The badge of a whole page: its name and what its banner says, in the colours of the site.
http::Response AnswerPageBadge(const http::Request& request, const PageSnapshot& page,
                               const SiteLook& look);

}  // namespace pharos::page
