#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/maintenance.h"
#include "store/session.h"

namespace pharos::store {

struct MaintenanceQuery {
  std::optional<bool> active = {};
  std::optional<model::MonitorId> monitor = {};  // names it
  int limit = 1000;
};

struct OccurrenceQuery {
  std::optional<model::MaintenanceId> maintenance = {};
  std::optional<Timestamp> starts_from = {};        // at or after
  std::optional<Timestamp> ends_from = {};          // ends at or after
  std::optional<Timestamp> starts_to = {};          // at or before
  std::vector<model::OccurrenceState> states = {};  // empty = all
  // Of maintenances that name at least one of these; nullopt = all, empty = none at all.
  std::optional<std::vector<model::MonitorId>> monitors = {};
  bool newest_first = false;  // by start; otherwise oldest first, then by id
  int limit = 1000;
  int offset = 0;
};

// Planned work and when it takes place.
class MaintenanceStore {
 public:
  virtual ~MaintenanceStore() = default;
  virtual Result<model::Maintenance> Insert(Transaction& tx, model::Maintenance maintenance) = 0;
  // Replaces everything but id, org, uid and created_at. Error: kNotFound.
  virtual Status Update(Transaction& tx, const model::Maintenance& maintenance) = 0;
  // Its occurrences go with it. Error: kNotFound.
  virtual Status Delete(Transaction& tx, model::OrgId org, model::MaintenanceId id) = 0;
  virtual Result<std::optional<model::Maintenance>> Find(Session& session, model::OrgId org,
                                                         model::MaintenanceId id) = 0;
  virtual Result<std::optional<model::Maintenance>> FindByUid(Session& session, model::OrgId org,
                                                              std::string_view uid) = 0;
  // Newest id first.
  virtual Result<std::vector<model::Maintenance>> List(Session& session, model::OrgId org,
                                                       const MaintenanceQuery& query) = 0;
  // Active ones of all organisations, newest id first, for the making of occurrences.
  virtual Result<std::vector<model::Maintenance>> ListActive(Session& session, int limit) = 0;

  virtual Result<model::Occurrence> InsertOccurrence(Transaction& tx,
                                                     model::Occurrence occurrence) = 0;
  // Replaces times and state. Error: kNotFound.
  virtual Status UpdateOccurrence(Transaction& tx, const model::Occurrence& occurrence) = 0;
  virtual Status DeleteOccurrence(Transaction& tx, model::OrgId org, model::OccurrenceId id) = 0;
  virtual Result<std::optional<model::Occurrence>> FindOccurrence(Session& session,
                                                                  model::OrgId org,
                                                                  model::OccurrenceId id) = 0;
  virtual Result<std::vector<model::Occurrence>> ListOccurrences(Session& session, model::OrgId org,
                                                                 const OccurrenceQuery& query) = 0;
  virtual Result<int64_t> CountOccurrences(Session& session, model::OrgId org,
                                           const OccurrenceQuery& query) = 0;
  // Scheduled, ready and ongoing ones of all organisations: what the clock moves and what masks.
  virtual Result<std::vector<model::Occurrence>> ListLiving(Session& session) = 0;
};

}  // namespace pharos::store
