#pragma once

#include <cstdint>
#include <string_view>

#include "api/endpoint.h"
#include "base/error.h"

namespace pharos::api::is0k {

// What a plan includes (is0k.md 1.1).
struct PlanRules {
  std::string_view name;
  bool has_api = true;
  int64_t min_interval_s = 10;
  int64_t max_monitors = 0;  // 0 = no limit
  int64_t max_pages = 0;
  bool has_tcp_and_ping = true;
  bool has_dns_and_ssl = true;
  bool has_chat_channels = true;
  bool has_sms = true;
  bool has_custom_domain = true;
};
// By name; that of "enterprise", which includes everything, for any other name.
const PlanRules& PlanOf(std::string_view name);
const PlanRules& PlanOfCaller(const Call& call);
// The error of a plan that does not include something.
Error UpgradeRequired(Call& call, const PlanRules& plan, std::string_view what);
Error LimitReached(Call& call, const PlanRules& plan, int64_t limit, std::string_view what);

}  // namespace pharos::api::is0k
