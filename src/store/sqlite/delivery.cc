#include "base/result.h"
#include "store/sqlite/aggregates.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/sqlite_session.h"

namespace pharos::store::sqlite {
namespace {

#define PHAROS_CHANNEL_COLUMNS                                                                \
  "id, org_id, uid, kind, name, config, scope, events, on_incident, on_maintenance, enabled," \
  " disabled_reason, last_tested_at, notes, created_at, updated_at"

constexpr char kInsertChannel[] =
    "-- adds a channel\n"
    "INSERT INTO channels (org_id, uid, kind, name, config, scope, events, on_incident,"
    " on_maintenance, enabled, disabled_reason, last_tested_at, notes, created_at, updated_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
constexpr char kUpdateChannel[] =
    "-- everything of a channel that may change\n"
    "UPDATE channels SET kind = ?3, name = ?4, config = ?5, scope = ?6, events = ?7,"
    " on_incident = ?8, on_maintenance = ?9, enabled = ?10, disabled_reason = ?11,"
    " last_tested_at = ?12, notes = ?13, updated_at = ?14 WHERE id = ?1 AND org_id = ?2";
constexpr char kDeleteChannel[] =
    "-- removes a channel; what waits for it goes with it\n"
    "DELETE FROM channels WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectChannelById[] =
    "-- one channel of an organisation\n"
    "SELECT " PHAROS_CHANNEL_COLUMNS " FROM channels WHERE id = ?1 AND org_id = ?2";
constexpr char kSelectChannelByUid[] =
    "-- one channel by its public id\n"
    "SELECT " PHAROS_CHANNEL_COLUMNS " FROM channels WHERE org_id = ?1 AND uid = ?2";
constexpr char kSelectChannelsByOrg[] =
    "-- the channels of an organisation, oldest first\n"
    "SELECT " PHAROS_CHANNEL_COLUMNS " FROM channels WHERE org_id = ?1 ORDER BY id";

#undef PHAROS_CHANNEL_COLUMNS

constexpr char kDeleteChannelMonitors[] =
    "-- clears what a channel listens to, to be written anew\n"
    "DELETE FROM channel_monitors WHERE channel_id = ?1";
constexpr char kInsertChannelMonitor[] =
    "-- links a channel to a monitor, unless that has been deleted meanwhile\n"
    "INSERT INTO channel_monitors (channel_id, position, monitor_id) SELECT ?1, ?2, ?3"
    " WHERE NOT EXISTS (SELECT 1 FROM deleted_monitors WHERE monitor_id = ?3)";
constexpr char kSelectChannelMonitors[] =
    "-- the monitors of a channel in the order given\n"
    "SELECT monitor_id FROM channel_monitors WHERE channel_id = ?1 ORDER BY position";

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

// The states are DeliveryState::kSent and kFailed.
constexpr char kPruneDeliveries[] =
    "-- removes what was sent or given up long ago\n"
    "DELETE FROM deliveries WHERE state >= 2 AND created_at < ?1";
constexpr char kInsertAttempt[] =
    "-- notes one try, unless its channel has been deleted meanwhile\n"
    "INSERT INTO delivery_attempts (org_id, channel_id, delivery_id, uid, event, payload,"
    " status_code, error, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
    " WHERE EXISTS (SELECT 1 FROM channels WHERE id = ?2 AND org_id = ?1)";
constexpr char kTrimAttempts[] =
    "-- keeps the newest tries of a channel\n"
    "DELETE FROM delivery_attempts WHERE channel_id = ?1 AND id <= (SELECT id FROM"
    " delivery_attempts WHERE channel_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
constexpr char kSelectAttempts[] =
    "-- the latest tries of a channel\n"
    "SELECT id, org_id, channel_id, delivery_id, uid, event, payload, status_code, error, at"
    " FROM delivery_attempts WHERE channel_id = ?2 AND org_id = ?1 ORDER BY id DESC LIMIT ?3";

constexpr int kKeptAttempts = 100;

Result<model::Channel> ReadChannel(Statement& s) {
  model::Channel c;
  std::string config;
  std::string events;
  std::string notes;
  s.Read(c.id, c.org, c.uid, c.kind, c.name, config, c.scope, events, c.on_incident,
         c.on_maintenance, c.enabled, c.disabled_reason, c.last_tested_at, notes, c.created_at,
         c.updated_at);
  PHAROS_ASSIGN_OR_RETURN(c.config, ParseColumn(config));
  PHAROS_ASSIGN_OR_RETURN(c.events, ParseTexts(events));
  PHAROS_ASSIGN_OR_RETURN(c.notes, ParseColumn(notes));
  return c;
}

Result<model::MonitorId> ReadMonitorId(Statement& s) { return s.Get<model::MonitorId>(0); }

Status ReadLinks(Session& session, model::Channel& channel) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannelMonitors));
  PHAROS_ASSIGN_OR_RETURN(channel.monitors, CollectRows(s.Bind(channel.id), ReadMonitorId));
  return Ok();
}

Status WriteLinks(Transaction& tx, const model::Channel& channel) {
  PHAROS_ASSIGN_OR_RETURN(Statement clear, Prepare(tx, kDeleteChannelMonitors));
  PHAROS_RETURN_IF_ERROR(clear.Bind(channel.id).Run());
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertChannelMonitor));
  int position = 0;
  for (const model::MonitorId monitor : channel.monitors) {
    PHAROS_RETURN_IF_ERROR(insert.Bind(channel.id, position++, monitor).Run());
  }
  return Ok();
}

Result<std::optional<model::Channel>> CollectChannel(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(auto found, CollectRow(statement, ReadChannel));
  if (found) PHAROS_RETURN_IF_ERROR(ReadLinks(session, *found));
  return found;
}

Result<std::vector<model::Channel>> CollectChannels(Session& session, Statement& statement) {
  PHAROS_ASSIGN_OR_RETURN(std::vector<model::Channel> channels,
                          CollectRows(statement, ReadChannel));
  for (model::Channel& channel : channels) PHAROS_RETURN_IF_ERROR(ReadLinks(session, channel));
  return channels;
}

Error NoSuchChannel() { return Error(ErrorKind::kNotFound, "no such channel"); }

Result<model::DeliveryAttempt> ReadAttempt(Statement& s) {
  model::DeliveryAttempt a;
  s.Read(a.id, a.org, a.channel, a.delivery, a.uid, a.event, a.payload, a.status_code, a.error,
         a.at);
  return a;
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
  const model::Channel& c = channel;
  s.Bind(c.org, c.uid, c.kind, c.name, WriteColumn(c.config), c.scope, WriteTexts(c.events),
         c.on_incident, c.on_maintenance, c.enabled, c.disabled_reason, c.last_tested_at,
         WriteColumn(c.notes), c.created_at, c.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  channel.id = model::ChannelId(core->connection().LastInsertId());
  PHAROS_RETURN_IF_ERROR(WriteLinks(tx, channel));
  return channel;
}

Status SqliteDeliveryStore::UpdateChannel(Transaction& tx, const model::Channel& channel) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kUpdateChannel));
  const model::Channel& c = channel;
  s.Bind(c.id, c.org, c.kind, c.name, WriteColumn(c.config), c.scope, WriteTexts(c.events),
         c.on_incident, c.on_maintenance, c.enabled, c.disabled_reason, c.last_tested_at,
         WriteColumn(c.notes), c.updated_at);
  PHAROS_RETURN_IF_ERROR(s.Run());
  if (core->connection().Changes() == 0) return NoSuchChannel();
  return WriteLinks(tx, channel);
}

Status SqliteDeliveryStore::DeleteChannel(Transaction& tx, model::OrgId org, model::ChannelId id) {
  PHAROS_ASSIGN_OR_RETURN(SessionCore* const core, CoreOf(tx));
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kDeleteChannel));
  PHAROS_RETURN_IF_ERROR(s.Bind(id, org).Run());
  if (core->connection().Changes() == 0) return NoSuchChannel();
  return Ok();
}

Result<std::optional<model::Channel>> SqliteDeliveryStore::FindChannel(Session& session,
                                                                       model::OrgId org,
                                                                       model::ChannelId id) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannelById));
  return CollectChannel(session, s.Bind(id, org));
}

Result<std::optional<model::Channel>> SqliteDeliveryStore::FindChannelByUid(Session& session,
                                                                            model::OrgId org,
                                                                            std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannelByUid));
  return CollectChannel(session, s.Bind(org, uid));
}

Result<std::vector<model::Channel>> SqliteDeliveryStore::ListChannels(Session& session,
                                                                      model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectChannelsByOrg));
  return CollectChannels(session, s.Bind(org));
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

Status SqliteDeliveryStore::InsertAttempt(Transaction& tx, const model::DeliveryAttempt& attempt) {
  PHAROS_ASSIGN_OR_RETURN(Statement insert, Prepare(tx, kInsertAttempt));
  const model::DeliveryAttempt& a = attempt;
  insert.Bind(a.org, a.channel, a.delivery, a.uid, a.event, a.payload, a.status_code, a.error,
              a.at);
  PHAROS_RETURN_IF_ERROR(insert.Run());
  PHAROS_ASSIGN_OR_RETURN(Statement trim, Prepare(tx, kTrimAttempts));
  return trim.Bind(a.channel, kKeptAttempts).Run();
}

Result<std::vector<model::DeliveryAttempt>> SqliteDeliveryStore::ListAttempts(
    Session& session, model::OrgId org, model::ChannelId channel, int limit) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(session, kSelectAttempts));
  return CollectRows(s.Bind(org, channel, limit), ReadAttempt);
}

Status SqliteDeliveryStore::Prune(Transaction& tx, Timestamp before) {
  PHAROS_ASSIGN_OR_RETURN(Statement s, Prepare(tx, kPruneDeliveries));
  return s.Bind(before).Run();
}

}  // namespace pharos::store::sqlite
