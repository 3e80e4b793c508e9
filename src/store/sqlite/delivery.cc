#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

constexpr char kInsertChannel[] =
    "-- adds a channel\n"
    "INSERT INTO channels (org_id, kind, name, config, enabled, disabled_reason, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr char kUpdateChannel[] =
    "-- everything of a channel that may change\n"
    "UPDATE channels SET name = ?3, config = ?4, enabled = ?5, disabled_reason = ?6, kind = ?7"
    " WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectChannelsByOrg[] =
    "-- the channels of an organisation, oldest first\n"
    "SELECT id, org_id, kind, name, config, enabled, disabled_reason, created_at FROM channels"
    " WHERE org_id = ?1 ORDER BY id";
constexpr char kSelectChannels[] =
    "-- all channels, for the delivery pool\n"
    "SELECT id, org_id, kind, name, config, enabled, disabled_reason, created_at FROM channels"
    " ORDER BY id";

#define PHAROS_DELIVERY_COLUMNS                                                             \
  "id, org_id, channel_id, event, dedup_key, message, state, attempts, created_at, due_at," \
  " claimed_until, last_error"

constexpr char kInsertDelivery[] =
    "-- adds a delivery unless the channel has one with this key\n"
    "INSERT INTO deliveries (org_id, channel_id, event, dedup_key, message, state, attempts,"
    " created_at, due_at, claimed_until, last_error)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    " ON CONFLICT (channel_id, dedup_key) DO NOTHING";
// The states in these queries are DeliveryState::kPending and kClaimed.
constexpr char kSelectDueDeliveries[] =
    "-- what may be claimed, longest due first\n"
    "SELECT id FROM ("
    " SELECT * FROM (SELECT id, due_at AS due FROM deliveries"
    "  WHERE state = 0 AND due_at <= ?1 ORDER BY due_at LIMIT ?2)"
    " UNION ALL"
    " SELECT * FROM (SELECT id, claimed_until AS due FROM deliveries"
    "  WHERE state = 1 AND claimed_until <= ?1 ORDER BY claimed_until LIMIT ?2)"
    ") ORDER BY due, id LIMIT ?2";
constexpr char kClaimDelivery[] =
    "-- takes one due delivery, if nobody else has\n"
    "UPDATE deliveries SET state = 1, claimed_until = ?3, attempts = attempts + 1 WHERE id = ?1"
    " AND ((state = 0 AND due_at <= ?2) OR (state = 1 AND claimed_until <= ?2))";
constexpr char kSelectDeliveryById[] =
    "-- one delivery\n"
    "SELECT " PHAROS_DELIVERY_COLUMNS " FROM deliveries WHERE id = ?1";
// The number of attempts tells one claim from the next.
constexpr char kFinishDelivery[] =
    "-- ends a claim that is still held\n"
    "UPDATE deliveries SET state = ?3, due_at = ?4, last_error = ?5"
    " WHERE id = ?1 AND attempts = ?2 AND state = 1";
constexpr char kSelectDeliveriesByOrg[] =
    "-- the latest deliveries of an organisation\n"
    "SELECT " PHAROS_DELIVERY_COLUMNS
    " FROM deliveries WHERE org_id = ?1"
    " ORDER BY id DESC LIMIT ?2";

#undef PHAROS_DELIVERY_COLUMNS

Result<model::Channel> ReadChannel(Statement& s) {
  model::Channel c;
  std::string config;
  s.Read(c.id, c.org, c.kind, c.name, config, c.enabled, c.disabled_reason, c.created_at);
  PHAROS_ASSIGN_OR_RETURN(c.config, ParseColumn(config));
  return c;
}

Result<model::Delivery> ReadDelivery(Statement& s) {
  model::Delivery d;
  std::string message;
  s.Read(d.id, d.org, d.channel, d.event, d.dedup_key, message, d.state, d.attempts, d.created_at,
         d.due_at, d.claimed_until, d.last_error);
  PHAROS_ASSIGN_OR_RETURN(d.message, ParseColumn(message));
  return d;
}

Result<model::DeliveryId> ReadDeliveryId(Statement& s) { return s.Get<model::DeliveryId>(0); }

}  // namespace

Result<model::Channel> SqliteDeliveryStore::InsertChannel(Transaction& tx, model::Channel channel) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertChannel));
  s.Bind(channel.org, channel.kind, channel.name, WriteColumn(channel.config), channel.enabled,
         channel.disabled_reason, channel.created_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  channel.id = model::ChannelId(core->connection().LastInsertId());
  return channel;
}

Status SqliteDeliveryStore::UpdateChannel(Transaction& tx, const model::Channel& channel) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateChannel));
  s.Bind(channel.id, channel.org, channel.name, WriteColumn(channel.config), channel.enabled,
         channel.disabled_reason, channel.kind);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return Error(ErrorKind::kNotFound, "no such channel");
  return Ok();
}

Result<std::vector<model::Channel>> SqliteDeliveryStore::ListChannels(Session& session,
                                                                      model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannelsByOrg));
  return CollectRows(s.Bind(org), ReadChannel);
}

Result<std::vector<model::Channel>> SqliteDeliveryStore::ListAllChannels(Session& session) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannels));
  return CollectRows(s, ReadChannel);
}

Status SqliteDeliveryStore::Insert(Transaction& tx, const model::Delivery& delivery) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kInsertDelivery));
  const model::Delivery& d = delivery;
  s.Bind(d.org, d.channel, d.event, d.dedup_key, WriteColumn(d.message), d.state, d.attempts,
         d.created_at, d.due_at, d.claimed_until, d.last_error);
  return s.Run();
}

Result<std::vector<model::Delivery>> SqliteDeliveryStore::Claim(Transaction& tx, Timestamp now,
                                                                Timestamp claim_until, int limit) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement due, Prepare(tx, kSelectDueDeliveries));
  PHAROS_ASSIGN_OR_RETURN(const std::vector<model::DeliveryId> ids,
                          CollectRows(due.Bind(now, limit), ReadDeliveryId));
  std::vector<model::Delivery> claimed;
  PHAROS_ASSIGN_OR_RETURN(Statement claim, Prepare(tx, kClaimDelivery));
  PHAROS_ASSIGN_OR_RETURN(Statement select, Prepare(tx, kSelectDeliveryById));
  for (const model::DeliveryId id : ids) {
    PHAROS_RETURN_IF_ERROR(claim.Bind(id, now, claim_until).Run());
    if (core->connection().Changes() != 1) continue;
    PHAROS_ASSIGN_OR_RETURN(auto delivery, CollectRow(select.Bind(id), ReadDelivery));
    select.Reset();
    if (delivery) claimed.push_back(*std::move(delivery));
  }
  return claimed;
}

Status SqliteDeliveryStore::Finish(Transaction& tx, const model::Delivery& delivery) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kFinishDelivery));
  s.Bind(delivery.id, delivery.attempts, delivery.state, delivery.due_at, delivery.last_error);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) {
    return Error(ErrorKind::kConflict, "the delivery is not claimed any more");
  }
  return Ok();
}

Result<std::vector<model::Delivery>> SqliteDeliveryStore::List(Session& session, model::OrgId org,
                                                               int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectDeliveriesByOrg));
  return CollectRows(s.Bind(org, limit), ReadDelivery);
}

}  // namespace pharos::store::sqlite
