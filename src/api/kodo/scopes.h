#pragma once

#include <string_view>
#include <vector>

namespace pharos::api::kodo {

// The scopes of kodo.md 2.3 beside "*:*".
inline const std::vector<std::string_view> kScopes = {
    "incidents:read",    "incidents:write",    "services:read",      "services:write",
    "status_pages:read", "status_pages:write", "monitors:read",      "monitors:write",
    "maintenance:read",  "maintenance:write",  "notifications:read", "notifications:write",
    "config:read",       "config:write",       "heartbeat:write",    "metrics:write",
    "workflows:write",   "audit_log:read"};

// A documented scope, "*:*", "<resource>:*", "*:read" or "*:write".
bool IsKnownScope(std::string_view scope);

}  // namespace pharos::api::kodo
