// What gRPC servers answer to a health check, and connection strings of databases.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/sql_target.h"
#include "probe/grpc/grpc_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto status = pharos::probe::DecodeHealthReply(bytes);
  if (!status && status.error().message.empty()) std::abort();
  if (status && size < 5) std::abort();
  if (pharos::probe::DecodeGrpcMessage(bytes).size() > 300) std::abort();
  const auto target = pharos::net::SqlTarget::Parse(bytes);
  if (target && (target->host.empty() || target->user.empty() || target->port == 0)) std::abort();
  return 0;
}
