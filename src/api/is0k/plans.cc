#include "api/is0k/plans.h"

#include <array>
#include <string>

#include "api/is0k/envelope.h"

namespace pharos::api::is0k {
namespace {

// is0k.md 1.1; enterprise first, since it stands in for every other name.
constexpr std::array kPlans = {
    PlanRules{.name = "enterprise"},
    PlanRules{.name = "business", .min_interval_s = 30, .max_monitors = 500, .max_pages = 20},
    PlanRules{
        .name = "pro", .min_interval_s = 30, .max_monitors = 100, .max_pages = 5, .has_sms = false},
    PlanRules{.name = "hobby",
              .has_api = false,
              .min_interval_s = 60,
              .max_monitors = 20,
              .max_pages = 1,
              .has_dns_and_ssl = false,
              .has_sms = false,
              .has_custom_domain = false},
    PlanRules{.name = "free",
              .has_api = false,
              .min_interval_s = 300,
              .max_monitors = 5,
              .max_pages = 1,
              .has_tcp_and_ping = false,
              .has_dns_and_ssl = false,
              .has_chat_channels = false,
              .has_sms = false,
              .has_custom_domain = false},
};

}  // namespace

const PlanRules& PlanOf(std::string_view name) {
  for (const PlanRules& plan : kPlans) {
    if (plan.name == name) return plan;
  }
  return kPlans.front();
}

const PlanRules& PlanOfCaller(const Call& call) { return PlanOf(call.who->plan); }

Error UpgradeRequired(Call& call, const PlanRules& plan, std::string_view what) {
  return Coded(call, 403, "PLAN_UPGRADE_REQUIRED",
               "The " + std::string(plan.name) + " plan does not include " + std::string(what));
}

Error LimitReached(Call& call, const PlanRules& plan, int64_t limit, std::string_view what) {
  return Coded(call, 403, "PLAN_LIMIT_REACHED",
               "The " + std::string(plan.name) + " plan is limited to " + std::to_string(limit) +
                   " " + std::string(what));
}

}  // namespace pharos::api::is0k
