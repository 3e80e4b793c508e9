#include "service/impacts.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace pharos::service {
namespace {

constexpr size_t kMaxImpacts = 10'000;
constexpr Timestamp kFirstTime = FromUnixSeconds(-62'167'219'200);  // year 0
constexpr Timestamp kLastTime = FromUnixSeconds(253'402'300'799);   // end of the year 9999

}  // namespace

Status CheckImpacts(const Context& context, model::OrgId org,
                    const std::vector<model::IncidentImpact>& impacts) {
  if (impacts.size() > kMaxImpacts) {
    return Error::Field("monitors", "monitors must be at most 10000");
  }
  for (const model::IncidentImpact& impact : impacts) {
    const store::MonitorPtr monitor = context.directory.Find(impact.monitor);
    if (monitor == nullptr || monitor->org != org) {
      return Error::Field("monitors", "Monitor not found");
    }
  }
  return Ok();
}

std::vector<model::IncidentImpact> WithoutRepeats(std::vector<model::IncidentImpact> impacts) {
  std::vector<model::IncidentImpact> kept;
  std::unordered_map<model::MonitorId, size_t> places;
  for (const model::IncidentImpact& impact : impacts) {
    const auto [place, is_new] = places.emplace(impact.monitor, kept.size());
    if (is_new) {
      kept.push_back(impact);
    } else {
      kept[place->second].impact = impact.impact;
    }
  }
  return kept;
}

Value ImpactsForAudit(const std::vector<model::IncidentImpact>& impacts) {
  Value object(Value::Object{});
  for (const model::IncidentImpact& impact : impacts) {
    object.Set(std::to_string(impact.monitor.value()), model::StatusName(impact.impact));
  }
  return object;
}

bool IsStorableTime(Timestamp at) { return at >= kFirstTime && at <= kLastTime; }

}  // namespace pharos::service
