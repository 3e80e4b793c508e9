#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/sample.h"
#include "model/status.h"

namespace pharos::api::kener_v4 {

// monitor_type (kener-v4.md 6.1).
enum class MonitorType : uint8_t {
  kApi,
  kPing,
  kTcp,
  kDns,
  kNone,
  kGroup,
  kSsl,
  kSql,
  kHeartbeat,
  kGamedig,
  kGrpc,
};
inline constexpr std::array kAllMonitorTypes = {
    MonitorType::kApi,       MonitorType::kPing,    MonitorType::kTcp, MonitorType::kDns,
    MonitorType::kNone,      MonitorType::kGroup,   MonitorType::kSsl, MonitorType::kSql,
    MonitorType::kHeartbeat, MonitorType::kGamedig, MonitorType::kGrpc};

std::string_view MonitorTypeWord(MonitorType type);
std::optional<MonitorType> ParseMonitorType(std::string_view word);
// The kind of monitor that a type means inside ("http"), and back.
std::string_view KindOf(MonitorType type);
std::optional<MonitorType> TypeOfKind(std::string_view kind);

// Status words of samples. Kener knows no partial outage: it reads as DEGRADED.
std::string_view StatusWord(model::Status status);
std::optional<model::Status> ParseStatusWord(std::string_view word);

// Sample types (kener-v4.md 7.2). Time in which we could not look reads as ERROR.
std::string_view OriginWord(model::SampleOrigin origin);

}  // namespace pharos::api::kener_v4
