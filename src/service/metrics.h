#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/monitor.h"
#include "model/principal.h"
#include "rules/metric_thresholds.h"
#include "service/context.h"
#include "service/monitors.h"
#include "service/organisations.h"

namespace pharos::service {

struct MetricsPoint {
  Timestamp at{};
  Value metrics;  // {"error_rate": 2.5, ...}
  model::Status status = model::Status::kUp;
};

// What a service wants done with its figures.
struct MetricsSettings {
  Value thresholds;  // overrides (rules/metric_thresholds.h) or null
  bool opens_incidents = false;
};

struct MetricsOutcome {
  Value accepted;  // the figures that were kept, in the order of the table
  rules::MetricVerdict verdict;
  // Set when the figures changed the status that the service shows.
  struct Change {
    model::Status before = model::Status::kNoData;
    model::Status after = model::Status::kUp;
    std::string reason;
  };
  std::optional<Change> change;
  std::optional<model::Incident> incident;  // opened by this report
  Timestamp received_at{};
};

// Pushed figures of services (kodo.md 13): judged by thresholds, they set the service's status when
// their own result changes, so that a status set by hand is not overwritten by every good report.
// The service is a monitor of kind "manual" that came from MonitorService. The last kMaxPoints are
// kept. Thread-safe; blocks on the store.
class MetricsService {
 public:
  static constexpr size_t kMaxPoints = 60;

  MetricsService(const Context& context, MonitorService& monitors,
                 const OrganisationService& organisations)
      : context_(context), monitors_(monitors), organisations_(organisations) {}

  // Errors: kInvalid with field "metrics" when there is nothing usable; kUnavailable.
  Result<MetricsOutcome> Ingest(const model::Principal& who, const model::Monitor& service,
                                const Value& metrics, std::optional<Timestamp> at);

  struct View {
    MetricsSettings settings;
    std::vector<MetricsPoint> points;  // newest first
  };
  Result<View> Get(const model::Principal& who, const model::Monitor& service) const;
  // Error: kInvalid with fields below "thresholds".
  Result<MetricsSettings> PutSettings(const model::Principal& who, const model::Monitor& service,
                                      const MetricsSettings& settings);

 private:
  // Keeps the point and opens or closes what hangs on it, in one transaction.
  pharos::Status Keep(const model::Principal& who, const model::Monitor& service, Timestamp at,
                      bool applied, MetricsOutcome& outcome);

  Context context_;
  MonitorService& monitors_;
  const OrganisationService& organisations_;
};

}  // namespace pharos::service
