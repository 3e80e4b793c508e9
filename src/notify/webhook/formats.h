#pragma once

#include <string>
#include <utility>
#include <vector>

#include "notify/channel.h"

namespace pharos::notify::webhook {

// A request as one format wants it.
struct Rendered {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Pure. `secret` is empty when nothing is to be signed; `now` is the time of this attempt.
Rendered RenderPharos(const Outgoing& outgoing, const std::string& secret, Timestamp now);
// kener-classic.md 7.
Rendered RenderKenerClassic(const Outgoing& outgoing, const std::string& secret, Timestamp now);
// kener-classic.md A.8.
Rendered RenderKenerV3(const Outgoing& outgoing, const std::string& secret, Timestamp now);
// kodo.md 16.
Rendered RenderKodo(const Outgoing& outgoing, const std::string& secret, Timestamp now);
// is0k.md 5.3.
Rendered RenderIs0k(const Outgoing& outgoing, const std::string& secret, Timestamp now);

}  // namespace pharos::notify::webhook
