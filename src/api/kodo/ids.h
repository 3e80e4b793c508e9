#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "base/json.h"
#include "base/result.h"
#include "service/monitors.h"

namespace pharos::api::kodo {

// Ids are opaque texts of `[A-Za-z0-9_-]{1,64}`; replies carry UUIDs, requests may also carry the
// slug (kodo.md 1.4). A Kodo service is a monitor of kind "manual".

inline constexpr std::string_view kServiceKind = "manual";
inline constexpr std::string_view kUptimeKind = "http";
inline constexpr std::string_view kSslKind = "tls";
inline constexpr std::string_view kDomainKind = "domain";
inline constexpr std::string_view kHeartbeatKind = "heartbeat";

// The path parameter, percent escapes decoded; empty for what is no id.
std::string PathId(const Call& call, std::string_view param = "id");

// By UUID, then by slug. nullptr when there is none of that kind.
service::MonitorPtr FindOfKind(const Call& call, std::string_view kind, std::string_view id);
// The one that the path names. Error: kNotFound, "<what> not found".
Result<service::MonitorPtr> OfPath(const Call& call, std::string_view kind, std::string_view what);
// Oldest first.
std::vector<service::MonitorPtr> ListOfKind(const Call& call, std::string_view kind);

// By UUID, slug or name, in this order; nullptr when there is none. The first of several services
// with that name.
service::MonitorPtr FindService(const Call& call, std::string_view id_or_name);
// Those of a list of names and ids that exist, each once, in the order given (kodo.md 7). Where no
// service has the name, a monitor of another kind may be meant: one made through another dialect.
std::vector<service::MonitorPtr> FindServices(const Call& call,
                                              const std::vector<std::string>& wanted);
// Services by display_order, then oldest first.
std::vector<service::MonitorPtr> ListServices(const Call& call);

// The service that a member such as `service_id` names: unset for null and for an absent member.
// Error: kInvalid on the member when there is none.
Result<model::MonitorId> ServiceOfBody(const Call& call, const Value& body,
                                       std::string_view name = "service_id");
// "service_id": the UUID of a monitor's service, or null.
void PutServiceId(JsonWriter& json, const Call& call, model::MonitorId service);

}  // namespace pharos::api::kodo
