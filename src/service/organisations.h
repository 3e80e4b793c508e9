#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "model/organisation.h"
#include "model/principal.h"
#include "service/context.h"

namespace pharos::service {

// An organisation's own settings (kodo.md 17.2), one tree. Absent members have the defaults of
// DefaultOrganisationSettings. Thread-safe; blocks on the store.
class OrganisationService {
 public:
  explicit OrganisationService(const Context& context) : context_(context) {}
  Result<model::Organisation> Get(const model::Principal& who) const;
  // Settings with all defaults filled in; secrets in clear, for those who need them.
  Result<Value> Settings(model::OrgId org) const;
  // Replaces the named settings (already checked by the caller), with an audit entry.
  Result<Value> PutSettings(const model::Principal& who, const Value& changes);

 private:
  Context context_;
};

// time_zone "UTC", auto_incident_visibility "public", auto_publish_minutes null,
// notification_batch_s 0, beacon_error_threshold 10, beacon_critical_threshold 50, beacon_window_s
// 300, sms {enabled false, ...}.
Value DefaultOrganisationSettings();

}  // namespace pharos::service
