#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/audit_store.h"
#include "store/delivery_store.h"
#include "store/incident_store.h"
#include "store/key_store.h"
#include "store/monitor_store.h"
#include "store/organisation_store.h"
#include "store/site_store.h"
#include "store/state_store.h"
#include "store/transition_store.h"

// Most ports but history's, each in its own source file; more_aggregates.h has the others. They
// hold nothing: everything is in the session's connection.
namespace pharos::store::sqlite {

class SqliteOrganisationStore : public OrganisationStore {
 public:
  Result<model::Organisation> Insert(Transaction& tx, model::Organisation org) override;
  Result<model::Organisation> LoadByName(Session& session, std::string_view name) override;
  Result<std::vector<model::Organisation>> List(Session& session) override;
};

class SqliteKeyStore : public KeyStore {
 public:
  Result<model::ApiKey> Insert(Transaction& tx, model::ApiKey key) override;
  Result<std::vector<model::ApiKey>> List(Session& session, model::OrgId org) override;
  Result<std::vector<model::ApiKey>> ListAll(Session& session) override;
  Result<std::optional<model::ApiKey>> Find(Session& session, model::OrgId org,
                                            model::KeyId id) override;
  Status Delete(Transaction& tx, model::OrgId org, model::KeyId id) override;
  Status Update(Transaction& tx, const model::ApiKey& key) override;
  Status TouchLastUsed(Transaction& tx, model::KeyId id, Timestamp at) override;
};

class SqliteAuditStore : public AuditStore {
 public:
  Status Insert(Transaction& tx, const model::AuditEntry& entry) override;
  Result<std::vector<model::AuditEntry>> List(Session& session, model::OrgId org,
                                              const AuditQuery& query) override;
  Result<int64_t> Count(Session& session, model::OrgId org, const AuditQuery& query) override;
};

class SqliteMonitorStore : public MonitorStore {
 public:
  Result<model::Monitor> Insert(Transaction& tx, model::Monitor monitor) override;
  Result<model::Monitor> Update(Transaction& tx, model::Monitor monitor) override;
  Status Delete(Transaction& tx, model::OrgId org, model::MonitorId id) override;
  Result<std::optional<model::Monitor>> FindByTag(Session& session, model::OrgId org,
                                                  std::string_view tag) override;
  Result<std::vector<model::Monitor>> ListAll(Session& session) override;
};

class SqliteStateStore : public StateStore {
 public:
  Status Upsert(Transaction& tx, const model::MonitorState& state) override;
  Result<std::vector<model::MonitorState>> ListAll(Session& session) override;
};

class SqliteTransitionStore : public TransitionStore {
 public:
  Result<model::Transition> Insert(Transaction& tx, model::Transition transition) override;
  Result<std::vector<model::Transition>> List(Session& session, model::OrgId org,
                                              model::MonitorId monitor, Timestamp from,
                                              Timestamp to, int limit) override;
  Result<std::vector<model::Transition>> ListUp(Session& session, model::OrgId org,
                                                model::MonitorId monitor, Timestamp from,
                                                Timestamp to, int limit) override;
};

class SqliteIncidentStore : public IncidentStore {
 public:
  Result<model::Incident> Insert(Transaction& tx, model::Incident incident) override;
  Status Update(Transaction& tx, const model::Incident& incident) override;
  Status Delete(Transaction& tx, model::OrgId org, model::IncidentId id) override;
  Result<model::IncidentUpdate> InsertUpdate(Transaction& tx, model::OrgId org,
                                             model::IncidentUpdate update) override;
  Status ChangeUpdate(Transaction& tx, model::OrgId org,
                      const model::IncidentUpdate& update) override;
  Status DeleteUpdate(Transaction& tx, model::OrgId org, model::IncidentId incident,
                      model::IncidentUpdateId id) override;
  Result<std::optional<model::Incident>> Find(Session& session, model::OrgId org,
                                              model::IncidentId id) override;
  Result<std::optional<model::Incident>> FindByUid(Session& session, model::OrgId org,
                                                   std::string_view uid) override;
  Result<std::vector<model::Incident>> List(Session& session, model::OrgId org,
                                            const IncidentQuery& query) override;
  Result<int64_t> Count(Session& session, model::OrgId org, const IncidentQuery& query) override;
  Result<std::vector<model::Incident>> ListSince(Session& session, model::OrgId org,
                                                 Timestamp since, int limit) override;
  Result<std::vector<model::Incident>> ListOpen(Session& session) override;
  Result<std::vector<model::Incident>> ListDueDrafts(Session& session, Timestamp now) override;
  Result<std::optional<model::Incident>> FindLatestOfCause(Session& session, model::OrgId org,
                                                           model::MonitorId cause) override;
  Result<std::vector<model::IncidentUpdate>> ListUpdates(Session& session, model::OrgId org,
                                                         model::IncidentId incident) override;
  Result<std::vector<std::vector<model::IncidentUpdate>>> ListUpdatesOf(
      Session& session, model::OrgId org, const std::vector<model::IncidentId>& incidents) override;
};

class SqliteDeliveryStore : public DeliveryStore {
 public:
  Result<model::Channel> InsertChannel(Transaction& tx, model::Channel channel) override;
  Status UpdateChannel(Transaction& tx, const model::Channel& channel) override;
  Status DeleteChannel(Transaction& tx, model::OrgId org, model::ChannelId id) override;
  Result<std::optional<model::Channel>> FindChannel(Session& session, model::OrgId org,
                                                    model::ChannelId id) override;
  Result<std::optional<model::Channel>> FindChannelByUid(Session& session, model::OrgId org,
                                                         std::string_view uid) override;
  Result<std::vector<model::Channel>> ListChannels(Session& session, model::OrgId org) override;
  Status Insert(Transaction& tx, const model::Delivery& delivery) override;
  Result<std::vector<model::Delivery>> Claim(Transaction& tx, Timestamp now, Timestamp claim_until,
                                             int limit) override;
  Status Finish(Transaction& tx, const model::Delivery& delivery) override;
  Result<std::vector<model::Delivery>> List(Session& session, model::OrgId org, int limit) override;
  Status InsertAttempt(Transaction& tx, const model::DeliveryAttempt& attempt) override;
  Result<std::vector<model::DeliveryAttempt>> ListAttempts(Session& session, model::OrgId org,
                                                           model::ChannelId channel,
                                                           int limit) override;
  Status Prune(Transaction& tx, Timestamp before) override;
};

class SqliteSiteStore : public SiteStore {
 public:
  Result<std::vector<SiteEntry>> List(Session& session, model::OrgId org) override;
  Result<std::optional<SiteEntry>> Find(Session& session, model::OrgId org,
                                        std::string_view key) override;
  Status Upsert(Transaction& tx, model::OrgId org, const SiteEntry& entry) override;
};

}  // namespace pharos::store::sqlite
