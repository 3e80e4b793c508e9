#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/incident.h"
#include "model/maintenance.h"
#include "model/monitor.h"
#include "service/context.h"
#include "store/session.h"

namespace pharos::automation {

// The neutral facts that messages are made of (docs/architecture/messages.md). Times are ISO texts
// with milliseconds; what is not known is null.

// A change of a monitor's shown status, as the event says it.
struct Change {
  model::Status from = model::Status::kNoData;
  model::Status to = model::Status::kNoData;
  std::string cause;
  Timestamp at{};
  int64_t ordinal = 0;
  int failures = 0;
};

// Sets "site_name", "site_url" (without a slash at its end) and "url", the site's own.
Status AddSite(const service::Context& context, store::Session& session, model::OrgId org,
               Value& message);
Value MonitorFacts(const model::Monitor& monitor, const Change& change);
// What the check behind the change saw: the newest sample up to its time.
Result<Value> CheckFacts(const service::Context& context, store::Session& session,
                         const model::Monitor& monitor, const Change& change);
// `text` is what its latest update says.
Value IncidentFacts(const service::Context& context, const model::Incident& incident,
                    std::string_view text);
Value MaintenanceFacts(const service::Context& context, const model::Maintenance& maintenance,
                       const model::Occurrence& occurrence);

// "http://..." or "host:port" of what a monitor looks at; empty when it looks at nothing.
std::string TargetOf(const model::Monitor& monitor);

}  // namespace pharos::automation
