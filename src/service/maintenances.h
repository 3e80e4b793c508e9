#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/maintenance.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/maintenance_store.h"

namespace pharos::service {

using store::MaintenanceQuery;
using store::OccurrenceQuery;

// Use cases of planned work. Every call is limited to the principal's organisation; each writes one
// transaction with audit entry and events, refreshes the overlays and tells the pages. Thread-safe;
// blocks on the store. Errors: kNotFound ("Maintenance not found", "Occurrence not found"),
// kInvalid with fields "title", "starts_at", "rrule", "time_zone", "duration", "ends_at",
// "monitors".
class MaintenanceService {
 public:
  explicit MaintenanceService(const Context& context) : context_(context) {}

  Result<std::vector<model::Maintenance>> List(const model::Principal& who,
                                               const MaintenanceQuery& query) const;
  Result<model::Maintenance> Get(const model::Principal& who, model::MaintenanceId id) const;
  Result<model::Maintenance> GetByUid(const model::Principal& who, std::string_view uid) const;

  // Also makes the first occurrence (kener-v4.md 10.3).
  Result<model::Maintenance> Create(const model::Principal& who, model::Maintenance draft);
  // Runs `change` inside the transaction. When start, rule or duration changed, or `change` sets
  // `reschedule`, occurrences are made anew (kener-v4.md 10.7).
  struct Edit {
    model::Maintenance& maintenance;
    bool reschedule = false;
    bool touch = true;  // updated_at moves
  };
  using Change = std::function<Status(Edit&)>;
  Result<model::Maintenance> Update(const model::Principal& who, model::MaintenanceId id,
                                    const Change& change);
  Status Delete(const model::Principal& who, model::MaintenanceId id);

  Result<std::vector<model::Occurrence>> Occurrences(const model::Principal& who,
                                                     const OccurrenceQuery& query) const;
  Result<int64_t> CountOccurrences(const model::Principal& who, const OccurrenceQuery& query) const;
  Result<model::Occurrence> GetOccurrence(const model::Principal& who,
                                          model::OccurrenceId id) const;
  // Early finish or cancellation: kOngoing -> kCompleted; kScheduled, kReady or kOngoing ->
  // kCancelled; kScheduled or kReady -> kOngoing (start early). Leaving kOngoing moves the end as
  // kener-v4.md 11.2 says. Error: kConflict for any other move.
  Result<model::Occurrence> MoveOccurrence(const model::Principal& who, model::OccurrenceId id,
                                           model::OccurrenceState to);
  // Error: kInvalid "ends_at" when it is not after the start (or, with `may_be_empty`, before it).
  Result<model::Occurrence> SetWindow(const model::Principal& who, model::OccurrenceId id,
                                      Timestamp starts_at, Timestamp ends_at,
                                      bool may_be_empty = false);
  Status DeleteOccurrence(const model::Principal& who, model::OccurrenceId id);

  // The clock's work, called by the housekeeper: Step every 10 s moves states (kener-v4.md 11.2),
  // Generate every hour makes the occurrences of the next 7 days.
  Status Step();
  Status Generate();
  // Loads the overlays' image from the store; at start and after each change.
  Status LoadOverlays();

 private:
  Context context_;
};

// Whether a text is a rule that maintenances may have, as it stands (kener-v4.md 10.2).
bool IsRecurrence(std::string_view text);

}  // namespace pharos::service
