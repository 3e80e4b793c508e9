#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "notify/catalog.h"
#include "notify/channel.h"

namespace pharos::service {

// Sends one message at once through a kind of channel with a config of its own, without a row of a
// channel: a verification code, the POST of a workflow. `done` is called exactly once, on any
// thread.
using DirectSend = std::function<void(const std::string& kind, const Value& config,
                                      notify::Outgoing outgoing, notify::SendDone done)>;

// Through the catalog; it and what `tools` points to outlive the function. Unknown kinds and
// ill-formed configs end as kPermanent.
DirectSend MakeDirectSend(const notify::Catalog& catalog, notify::Tools tools);

// A message with a title and a text, as channels lay it out (docs/architecture/messages.md).
notify::Outgoing PlainMessage(model::OrgId org, std::string event, std::string dedup_key,
                              std::string_view title, std::string_view text, Timestamp at);

}  // namespace pharos::service
