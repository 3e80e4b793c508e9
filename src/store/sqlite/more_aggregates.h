#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/event_store.h"
#include "store/evidence_store.h"
#include "store/maintenance_store.h"
#include "store/page_store.h"
#include "store/record_store.h"
#include "store/secret_store.h"

// The other ports, like those of aggregates.h: planned work, pages, the outbox, records.
namespace pharos::store::sqlite {

class SqliteMaintenanceStore : public MaintenanceStore {
 public:
  Result<model::Maintenance> Insert(Transaction& tx, model::Maintenance maintenance) override;
  Status Update(Transaction& tx, const model::Maintenance& maintenance) override;
  Status Delete(Transaction& tx, model::OrgId org, model::MaintenanceId id) override;
  Result<std::optional<model::Maintenance>> Find(Session& session, model::OrgId org,
                                                 model::MaintenanceId id) override;
  Result<std::optional<model::Maintenance>> FindByUid(Session& session, model::OrgId org,
                                                      std::string_view uid) override;
  Result<std::vector<model::Maintenance>> List(Session& session, model::OrgId org,
                                               const MaintenanceQuery& query) override;
  Result<std::vector<model::Maintenance>> ListActive(Session& session, int limit) override;
  Result<model::Occurrence> InsertOccurrence(Transaction& tx,
                                             model::Occurrence occurrence) override;
  Status UpdateOccurrence(Transaction& tx, const model::Occurrence& occurrence) override;
  Status DeleteOccurrence(Transaction& tx, model::OrgId org, model::OccurrenceId id) override;
  Result<std::optional<model::Occurrence>> FindOccurrence(Session& session, model::OrgId org,
                                                          model::OccurrenceId id) override;
  Result<std::vector<model::Occurrence>> ListOccurrences(Session& session, model::OrgId org,
                                                         const OccurrenceQuery& query) override;
  Result<int64_t> CountOccurrences(Session& session, model::OrgId org,
                                   const OccurrenceQuery& query) override;
  Result<std::vector<model::Occurrence>> ListLiving(Session& session) override;
};

class SqlitePageStore : public PageStore {
 public:
  Result<model::Page> Insert(Transaction& tx, model::Page page) override;
  Status Update(Transaction& tx, const model::Page& page) override;
  Status Delete(Transaction& tx, model::OrgId org, model::PageId id) override;
  Result<std::optional<model::Page>> Find(Session& session, model::OrgId org,
                                          model::PageId id) override;
  Result<std::optional<model::Page>> FindByUid(Session& session, model::OrgId org,
                                               std::string_view uid) override;
  Result<std::optional<model::Page>> FindByPath(Session& session, model::OrgId org,
                                                std::string_view path) override;
  Result<std::vector<model::Page>> List(Session& session, model::OrgId org) override;
  Result<std::vector<model::Page>> ListAll(Session& session) override;
};

class SqliteEventStore : public EventStore {
 public:
  Status Append(Transaction& tx, const model::Event& event) override;
  Result<std::vector<model::Event>> ListAfter(Session& session, model::EventId after,
                                              int limit) override;
  Result<model::EventId> PlaceOf(Session& session, std::string_view reader) override;
  Status SetPlace(Transaction& tx, std::string_view reader, model::EventId place) override;
  Status Prune(Transaction& tx, Timestamp before) override;
};

class SqliteEvidenceStore : public EvidenceStore {
 public:
  Status Put(Transaction& tx, const model::EvidenceRecord& record) override;
  Result<std::vector<model::EvidenceRecord>> ListFailures(Session& session, model::OrgId org,
                                                          model::MonitorId monitor,
                                                          int limit) override;
  Result<std::optional<model::EvidenceRecord>> LastGood(Session& session, model::OrgId org,
                                                        model::MonitorId monitor) override;
  Result<int64_t> Prune(Transaction& tx, model::OrgId org, Timestamp before, int64_t keep,
                        int limit) override;
};

class SqliteRecordStore : public RecordStore {
 public:
  Result<model::Record> Insert(Transaction& tx, model::Record record) override;
  Status Update(Transaction& tx, const model::Record& record) override;
  Status Delete(Transaction& tx, model::OrgId org, std::string_view collection,
                std::string_view uid) override;
  Result<std::optional<model::Record>> Find(Session& session, model::OrgId org,
                                            std::string_view collection,
                                            std::string_view uid) override;
  Result<std::optional<model::Record>> FindByKey(Session& session, model::OrgId org,
                                                 std::string_view collection,
                                                 std::string_view key) override;
  Result<std::optional<model::Record>> FindByKeyAnywhere(Session& session,
                                                         std::string_view collection,
                                                         std::string_view key) override;
  Result<std::vector<model::Record>> List(Session& session, model::OrgId org,
                                          std::string_view collection,
                                          const RecordQuery& query) override;
  Result<int64_t> Count(Session& session, model::OrgId org, std::string_view collection,
                        const RecordQuery& query) override;
  Status DeleteChildren(Transaction& tx, model::OrgId org, std::string_view collection,
                        std::string_view parent) override;
  Status Trim(Transaction& tx, std::string_view collection, Timestamp before, int keep) override;
};

class SqliteSecretStore : public SecretStore {
 public:
  Status Upsert(Transaction& tx, const model::StoredSecret& secret) override;
  Status Delete(Transaction& tx, model::OrgId org, std::string_view name) override;
  Result<std::optional<model::StoredSecret>> Find(Session& session, model::OrgId org,
                                                  std::string_view name) override;
  Result<std::vector<model::StoredSecret>> List(Session& session, model::OrgId org) override;
  Result<std::vector<model::StoredSecret>> ListAll(Session& session) override;
};

}  // namespace pharos::store::sqlite
