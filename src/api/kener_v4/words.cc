#include "api/kener_v4/words.h"

namespace pharos::api::kener_v4 {

std::string_view MonitorTypeWord(MonitorType type) {
  switch (type) {
    case MonitorType::kApi:
      return "API";
    case MonitorType::kPing:
      return "PING";
    case MonitorType::kTcp:
      return "TCP";
    case MonitorType::kDns:
      return "DNS";
    case MonitorType::kNone:
      return "NONE";
    case MonitorType::kGroup:
      return "GROUP";
    case MonitorType::kSsl:
      return "SSL";
    case MonitorType::kSql:
      return "SQL";
    case MonitorType::kHeartbeat:
      return "HEARTBEAT";
    case MonitorType::kGamedig:
      return "GAMEDIG";
    case MonitorType::kGrpc:
      return "GRPC";
  }
  return "API";
}

std::optional<MonitorType> ParseMonitorType(std::string_view word) {
  for (const MonitorType type : kAllMonitorTypes) {
    if (MonitorTypeWord(type) == word) return type;
  }
  return std::nullopt;
}

std::string_view KindOf(MonitorType type) {
  switch (type) {
    case MonitorType::kApi:
      return "http";
    case MonitorType::kPing:
      return "ping";
    case MonitorType::kTcp:
      return "tcp";
    case MonitorType::kDns:
      return "dns";
    case MonitorType::kNone:
      return "manual";
    case MonitorType::kGroup:
      return "group";
    case MonitorType::kSsl:
      return "tls";
    case MonitorType::kSql:
      return "sql";
    case MonitorType::kHeartbeat:
      return "heartbeat";
    case MonitorType::kGamedig:
      return "game";
    case MonitorType::kGrpc:
      return "grpc";
  }
  return "manual";
}

std::optional<MonitorType> TypeOfKind(std::string_view kind) {
  for (const MonitorType type : kAllMonitorTypes) {
    if (KindOf(type) == kind) return type;
  }
  return std::nullopt;
}

std::string_view StatusWord(model::Status status) {
  switch (status) {
    case model::Status::kUp:
      return "UP";
    case model::Status::kDegraded:
      return "DEGRADED";
    case model::Status::kPartialOutage:
      return "DEGRADED";
    case model::Status::kDown:
      return "DOWN";
    case model::Status::kMaintenance:
      return "MAINTENANCE";
    case model::Status::kNoData:
      return "NO_DATA";
  }
  return "NO_DATA";
}

std::optional<model::Status> ParseStatusWord(std::string_view word) {
  for (const model::Status status : model::kAllStatuses) {
    if (status != model::Status::kPartialOutage && StatusWord(status) == word) return status;
  }
  return std::nullopt;
}

std::string_view OriginWord(model::SampleOrigin origin) {
  switch (origin) {
    case model::SampleOrigin::kRealtime:
      return "REALTIME";
    case model::SampleOrigin::kTimeout:
      return "TIMEOUT";
    case model::SampleOrigin::kError:
      return "ERROR";
    case model::SampleOrigin::kManual:
      return "MANUAL";
    case model::SampleOrigin::kDefault:
      return "DEFAULT";
    case model::SampleOrigin::kSignal:
      return "SIGNAL";
    case model::SampleOrigin::kIncident:
      return "INCIDENT";
    case model::SampleOrigin::kMaintenance:
      return "MAINTENANCE";
    case model::SampleOrigin::kBlind:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace pharos::api::kener_v4
