#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pharos::probe {

// The two messages of grpc.health.v1.Health/Check by hand: one field each.

inline constexpr size_t kMaxHealthReply = 16 * 1024;

// grpc.health.v1.HealthCheckResponse.ServingStatus; servers may send numbers beyond these.
inline constexpr int64_t kServingUnknown = 0;
inline constexpr int64_t kServing = 1;
inline constexpr int64_t kNotServing = 2;
inline constexpr int64_t kServiceUnknown = 3;
// "SERVING", or the number.
std::string ServingStatusName(int64_t status);

// A whole request body: the length-prefixed message that asks about `service`.
std::string EncodeHealthRequest(std::string_view service);

// The ServingStatus in a whole answer body. Error: kInvalid with a text for people: no message,
// more than one, compressed, cut off, too large, or not this message.
Result<int64_t> DecodeHealthReply(std::string_view body);

// The codes of gRPC: 0 to 16. "UNAVAILABLE"; empty for other numbers.
std::string_view GrpcStatusName(int64_t code);

// grpc-message as people read it: percent-decoded as far as it is well-formed (the specification
// asks readers not to give up), valid UTF-8, one line, at most 300 bytes.
std::string DecodeGrpcMessage(std::string_view text);

}  // namespace pharos::probe
