#pragma once

#include "base/result.h"
#include "http/message.h"
#include "service/heartbeats.h"

namespace pharos::api {

// What a reporter says of itself when it pushes a signal to an address with a secret
// (docs/probes/push.md): parameters of the query, or a JSON object or a form as the body, which
// count more. status (up, degraded, down; also ok, warning, error), latency, ping, latency_ms or
// response_time_ms (milliseconds), msg or message, metrics (an object of numbers), and in a query
// or form "metrics.<name>=<number>". Unknown members are ignored, so that the same address serves
// other senders. Errors: kTooLarge beyond 16 KiB, kInvalid with the field for a value that means
// nothing.
Result<service::HeartbeatService::Signal> ReadPushSignal(const http::Request& request);

}  // namespace pharos::api
