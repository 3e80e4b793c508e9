#include "probe/grpc/grpc_message.h"

#include <array>
#include <limits>
#include <optional>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kPrefixBytes = 5;  // compressed flag and length
constexpr size_t kMaxMessageBytes = 300;
constexpr uint32_t kStringField1 = (1U << 3) | 2U;
constexpr uint32_t kNumberField1 = 1U << 3;

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

Error Bad(std::string message) { return Error(ErrorKind::kInvalid, std::move(message)); }

void AppendVarint(uint64_t number, std::string& out) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>((number & 0x7f) | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

// Takes a number from the front of `bytes`; nullopt when it is cut off or longer than 64 bits.
std::optional<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    number |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

bool Skip(uint64_t count, std::string_view& bytes) {
  if (count > bytes.size()) return false;
  bytes.remove_prefix(static_cast<size_t>(count));
  return true;
}

// Skips the value of a field that is of no interest.
bool SkipValue(uint64_t tag, std::string_view& bytes) {
  switch (static_cast<WireType>(tag & 7)) {
    case WireType::kVarint:
      return TakeVarint(bytes).has_value();
    case WireType::kFixed64:
      return Skip(8, bytes);
    case WireType::kFixed32:
      return Skip(4, bytes);
    case WireType::kBytes: {
      const std::optional<uint64_t> size = TakeVarint(bytes);
      return size && Skip(*size, bytes);
    }
  }
  return false;
}

// The last field 1 counts, an absent one is 0, as everywhere in protobuf.
Result<int64_t> DecodeStatus(std::string_view message) {
  int64_t status = kServingUnknown;
  while (!message.empty()) {
    const std::optional<uint64_t> tag = TakeVarint(message);
    if (!tag || *tag >> 3 == 0 || *tag > std::numeric_limits<uint32_t>::max()) {
      return Bad("the answer is not a health check's");
    }
    if (*tag != kNumberField1) {
      if (!SkipValue(*tag, message)) return Bad("the answer is not a health check's");
      continue;
    }
    const std::optional<uint64_t> number = TakeVarint(message);
    if (!number) return Bad("the answer is not a health check's");
    status = static_cast<int32_t>(static_cast<uint32_t>(*number));
  }
  return status;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string ServingStatusName(int64_t status) {
  switch (status) {
    case kServingUnknown:
      return "UNKNOWN";
    case kServing:
      return "SERVING";
    case kNotServing:
      return "NOT_SERVING";
    case kServiceUnknown:
      return "SERVICE_UNKNOWN";
    default:
      return std::to_string(status);
  }
}

std::string EncodeHealthRequest(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    AppendVarint(kStringField1, message);
    AppendVarint(service.size(), message);
    message += service;
  }
  const auto size = static_cast<uint32_t>(message.size());
  std::string body(1, '\0');  // not compressed
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    body.push_back(static_cast<char>((size >> shift) & 0xff));
  }
  return body + message;
}

Result<int64_t> DecodeHealthReply(std::string_view body) {
  if (body.empty()) return Bad("the answer holds no message");
  if (body.size() < kPrefixBytes) return Bad("the answer is cut off");
  const auto flag = static_cast<unsigned char>(body[0]);
  if (flag == 1) return Bad("the answer is compressed, which nobody asked for");
  if (flag > 1) return Bad("the answer is not a gRPC message");
  uint32_t size = 0;
  for (size_t i = 1; i < kPrefixBytes; ++i) {
    size = (size << 8) | static_cast<unsigned char>(body[i]);
  }
  if (size > kMaxHealthReply) {
    return Bad("the answer announces " + std::to_string(size) + " bytes, too many for a status");
  }
  body.remove_prefix(kPrefixBytes);
  if (body.size() < size) {
    return Bad("the answer is cut off: " + std::to_string(body.size()) + " of " +
               std::to_string(size) + " bytes came");
  }
  if (body.size() > size) return Bad("the answer holds more than one message");
  return DecodeStatus(body);
}

std::string_view GrpcStatusName(int64_t code) {
  constexpr std::array<std::string_view, 17> kNames = {"OK",
                                                       "CANCELLED",
                                                       "UNKNOWN",
                                                       "INVALID_ARGUMENT",
                                                       "DEADLINE_EXCEEDED",
                                                       "NOT_FOUND",
                                                       "ALREADY_EXISTS",
                                                       "PERMISSION_DENIED",
                                                       "RESOURCE_EXHAUSTED",
                                                       "FAILED_PRECONDITION",
                                                       "ABORTED",
                                                       "OUT_OF_RANGE",
                                                       "UNIMPLEM"
                                                       "ENTED",
                                                       "INTERNAL",
                                                       "UNAVAILABLE",
                                                       "DATA_LOSS",
                                                       "UNAUTHENTICATED"};
  if (code < 0 || code >= static_cast<int64_t>(kNames.size())) return {};
  return kNames[static_cast<size_t>(code)];
}

std::string DecodeGrpcMessage(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size() && out.size() < 4 * kMaxMessageBytes; ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  std::string clean = SanitizeUtf8(out);
  for (char& c : clean) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return Ellipsize(Trim(clean), kMaxMessageBytes);
}

}  // namespace pharos::probe
