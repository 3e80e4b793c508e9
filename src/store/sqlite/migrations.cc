#include "store/sqlite/migrations.h"

#include <array>
#include <string>

namespace pharos::store::sqlite {
namespace {

constexpr char kSelectUserVersion[] =
    "-- schema version\n"
    "PRAGMA user_version";
constexpr char kSelectApplicationId[] =
    "-- whose database this is\n"
    "PRAGMA application_id";
constexpr char kCountTables[] =
    "-- whether the database is empty\n"
    "SELECT COUNT(*) FROM sqlite_master";

// Times are microseconds UTC, statuses and states the numbers of their enumerations, JSON texts are
// compact. Ids of nouns are never reused (AUTOINCREMENT).
constexpr char kNouns[] = R"sql(
CREATE TABLE organisations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  plan TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
INSERT INTO organisations (id, name, plan, created_at) VALUES (1, 'default', '', 0);

CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  dialect TEXT NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  scopes TEXT NOT NULL,
  rate_class TEXT NOT NULL,
  expires_at INTEGER,
  disabled_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (org_id, dialect, name) WHERE revoked_at IS NULL;

CREATE TABLE audit_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX audit_entries_by_org ON audit_entries (org_id, at);

CREATE TABLE site_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (org_id, key)
);

CREATE TABLE monitors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  uid TEXT NOT NULL,
  tag TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  image TEXT NOT NULL,
  external_url TEXT NOT NULL,
  category TEXT NOT NULL,
  kind TEXT NOT NULL,
  spec TEXT NOT NULL,
  schedule_kind INTEGER NOT NULL,
  schedule_interval INTEGER NOT NULL,
  schedule_cron TEXT NOT NULL,
  schedule_time_zone TEXT NOT NULL,
  active INTEGER NOT NULL,
  hidden INTEGER NOT NULL,
  confirmation_threshold INTEGER NOT NULL,
  default_status INTEGER,
  uptime_numerator TEXT NOT NULL,
  uptime_denominator TEXT NOT NULL,
  notes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  UNIQUE (org_id, tag)
);
-- Results of a monitor may still be on their way when it is deleted; what they would write is void.
CREATE TABLE deleted_monitors (
  monitor_id INTEGER PRIMARY KEY
);

CREATE TABLE monitor_states (
  monitor_id INTEGER PRIMARY KEY,
  shown INTEGER NOT NULL,
  observed INTEGER NOT NULL,
  shown_since INTEGER NOT NULL,
  last_result_at INTEGER NOT NULL,
  last_sample_at INTEGER NOT NULL,
  latency_ms REAL NOT NULL,
  message TEXT NOT NULL,
  anchor INTEGER,
  held TEXT NOT NULL,
  last_signal_at INTEGER NOT NULL,
  last_signal_status INTEGER NOT NULL,
  newest_is_manual INTEGER NOT NULL,
  transitions INTEGER NOT NULL
);

CREATE TABLE transitions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  monitor_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  from_status INTEGER NOT NULL,
  to_status INTEGER NOT NULL,
  cause TEXT NOT NULL,
  ordinal INTEGER NOT NULL
);
CREATE INDEX transitions_by_monitor ON transitions (monitor_id, at);
)sql";

constexpr char kIncidents[] = R"sql(
CREATE TABLE incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  uid TEXT NOT NULL,
  title TEXT NOT NULL,
  state INTEGER NOT NULL,
  source INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX incidents_open ON incidents (org_id) WHERE state <> 3;
CREATE INDEX incidents_by_end ON incidents (org_id, ended_at);

CREATE TABLE incident_impacts (
  incident_id INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  monitor_id INTEGER NOT NULL,
  impact INTEGER NOT NULL,
  PRIMARY KEY (incident_id, position)
) WITHOUT ROWID;
CREATE INDEX incident_impacts_by_monitor ON incident_impacts (monitor_id);

CREATE TABLE incident_updates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  incident_id INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  state INTEGER NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX incident_updates_by_incident ON incident_updates (incident_id, at);

CREATE TABLE channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  disabled_reason TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX channels_by_org ON channels (org_id);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  event TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  message TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  claimed_until INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  UNIQUE (channel_id, dedup_key)
);
CREATE INDEX deliveries_pending ON deliveries (due_at) WHERE state = 0;
CREATE INDEX deliveries_claimed ON deliveries (claimed_until) WHERE state = 1;
CREATE INDEX deliveries_by_org ON deliveries (org_id);
)sql";

// The integer keys of the packed tables are made of a monitor and a day, or a block of days
// (history_key.h): a plain table with an integer key wastes the least space on rows of this size.
constexpr char kHistory[] = R"sql(
CREATE TABLE history_journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  min_at_ms INTEGER NOT NULL,
  max_at_ms INTEGER NOT NULL,
  data BLOB NOT NULL
);
-- How many folds were committed; tells a process that another one folded.
CREATE TABLE history_folds (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
);
INSERT INTO history_folds (id, count) VALUES (1, 0);
CREATE TABLE history_chunks (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE history_counts (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE history_latencies (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
)sql";

// Version 2: who did what to which noun, services and automatic incidents, drafts, channels that
// listen to less than everything. The texts in the middle of the uids make them version 4 UUIDs.
constexpr char kWiderNouns[] = R"sql(
ALTER TABLE api_keys ADD COLUMN uid TEXT NOT NULL DEFAULT '';
UPDATE api_keys SET uid =
  lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' ||
  substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) ||
  substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)));

ALTER TABLE audit_entries ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN actor_kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit_entries ADD COLUMN actor_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN resource_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN resource_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN changes TEXT NOT NULL DEFAULT 'null';
UPDATE audit_entries SET
  actor_kind = CASE WHEN actor IN ('', 'cli', 'system') THEN 0 ELSE 1 END,
  resource_kind = CASE WHEN instr(subject, ':') > 0
    THEN substr(subject, 1, instr(subject, ':') - 1) ELSE subject END,
  resource_id = CASE WHEN instr(subject, ':') > 0
    THEN substr(subject, instr(subject, ':') + 1) ELSE '' END,
  uid =
  lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' ||
  substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) ||
  substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)));
UPDATE audit_entries SET resource_id = coalesce(
  (SELECT m.uid FROM monitors m WHERE m.org_id = audit_entries.org_id
    AND m.tag = audit_entries.resource_id), resource_id)
  WHERE resource_kind = 'monitor';
ALTER TABLE audit_entries DROP COLUMN subject;
CREATE INDEX audit_entries_by_resource
  ON audit_entries (org_id, resource_kind, resource_id, at);

ALTER TABLE monitors ADD COLUMN service_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE monitors ADD COLUMN auto_incident INTEGER NOT NULL DEFAULT 0;
ALTER TABLE monitors ADD COLUMN auto_threshold INTEGER NOT NULL DEFAULT 3;
ALTER TABLE monitors ADD COLUMN auto_cooldown INTEGER NOT NULL DEFAULT 900000000;
ALTER TABLE monitors ADD COLUMN auto_severity INTEGER;
ALTER TABLE monitors ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
CREATE INDEX monitors_by_service ON monitors (service_id) WHERE service_id <> 0;

ALTER TABLE monitor_states ADD COLUMN facts TEXT NOT NULL DEFAULT '';
ALTER TABLE monitor_states ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;

ALTER TABLE incidents ADD COLUMN severity INTEGER NOT NULL DEFAULT 1;
ALTER TABLE incidents ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN publish_at INTEGER;
ALTER TABLE incidents ADD COLUMN closed_at INTEGER;
ALTER TABLE incidents ADD COLUMN cause INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE incidents ADD COLUMN notes TEXT NOT NULL DEFAULT 'null';
CREATE INDEX incidents_by_org ON incidents (org_id);
CREATE INDEX incidents_by_uid ON incidents (org_id, uid);
CREATE INDEX incidents_by_start ON incidents (org_id, started_at);
CREATE INDEX incidents_by_cause ON incidents (cause) WHERE cause <> 0;
CREATE INDEX incidents_living ON incidents (id) WHERE state <> 3;
CREATE INDEX incidents_drafts ON incidents (publish_at) WHERE draft = 1;

ALTER TABLE incident_updates ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE incident_updates ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
UPDATE incident_updates SET uid =
  lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' ||
  substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) ||
  substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)));

ALTER TABLE channels ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE channels ADD COLUMN scope INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN events TEXT NOT NULL DEFAULT '[]';
ALTER TABLE channels ADD COLUMN on_incident INTEGER NOT NULL DEFAULT 1;
ALTER TABLE channels ADD COLUMN on_maintenance INTEGER NOT NULL DEFAULT 1;
ALTER TABLE channels ADD COLUMN last_tested_at INTEGER;
ALTER TABLE channels ADD COLUMN notes TEXT NOT NULL DEFAULT 'null';
ALTER TABLE channels ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE channels SET updated_at = created_at, uid =
  lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' ||
  substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) ||
  substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)));
CREATE INDEX channels_by_uid ON channels (org_id, uid);

CREATE TABLE channel_monitors (
  channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  monitor_id INTEGER NOT NULL,
  PRIMARY KEY (channel_id, position)
) WITHOUT ROWID;
CREATE INDEX channel_monitors_by_monitor ON channel_monitors (monitor_id);

CREATE TABLE delivery_attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  channel_id INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
  delivery_id INTEGER NOT NULL,
  uid TEXT NOT NULL,
  event TEXT NOT NULL,
  payload TEXT NOT NULL,
  status_code INTEGER NOT NULL,
  error TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX delivery_attempts_by_channel ON delivery_attempts (channel_id);
CREATE INDEX deliveries_done ON deliveries (created_at) WHERE state >= 2;
)sql";

constexpr char kPlans[] = R"sql(
CREATE TABLE maintenances (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  uid TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  starts_at INTEGER NOT NULL,
  rrule TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  duration INTEGER NOT NULL,
  active INTEGER NOT NULL,
  notify_scheduled INTEGER NOT NULL,
  notify_started INTEGER NOT NULL,
  notify_ended INTEGER NOT NULL,
  notes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX maintenances_by_org ON maintenances (org_id);
CREATE INDEX maintenances_by_uid ON maintenances (org_id, uid);
CREATE INDEX maintenances_active ON maintenances (id) WHERE active = 1;

CREATE TABLE maintenance_impacts (
  maintenance_id INTEGER NOT NULL REFERENCES maintenances (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  monitor_id INTEGER NOT NULL,
  impact INTEGER NOT NULL,
  PRIMARY KEY (maintenance_id, position)
) WITHOUT ROWID;
CREATE INDEX maintenance_impacts_by_monitor ON maintenance_impacts (monitor_id);

CREATE TABLE occurrences (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  maintenance_id INTEGER NOT NULL REFERENCES maintenances (id) ON DELETE CASCADE,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX occurrences_by_maintenance ON occurrences (maintenance_id, starts_at);
CREATE INDEX occurrences_by_start ON occurrences (org_id, starts_at);
CREATE INDEX occurrences_living ON occurrences (starts_at) WHERE state <= 2;

CREATE TABLE pages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  uid TEXT NOT NULL,
  path TEXT NOT NULL,
  title TEXT NOT NULL,
  header TEXT NOT NULL,
  subheader TEXT,
  logo TEXT,
  is_default INTEGER NOT NULL,
  all_monitors INTEGER NOT NULL,
  visibility INTEGER NOT NULL,
  password_hash TEXT NOT NULL,
  password_hint TEXT NOT NULL,
  custom_domain TEXT NOT NULL,
  settings TEXT NOT NULL,
  look TEXT NOT NULL,
  notes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (org_id, path)
);
CREATE INDEX pages_by_uid ON pages (org_id, uid);
CREATE UNIQUE INDEX pages_by_domain ON pages (custom_domain) WHERE custom_domain <> '';

CREATE TABLE page_monitors (
  page_id INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  monitor_id INTEGER NOT NULL,
  PRIMARY KEY (page_id, position)
) WITHOUT ROWID;
CREATE INDEX page_monitors_by_monitor ON page_monitors (monitor_id);

-- Each organisation has a page from the first moment.
INSERT INTO pages (org_id, uid, path, title, header, is_default, all_monitors, visibility,
  password_hash, password_hint, custom_domain, settings, look, notes, created_at, updated_at)
SELECT id, lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' ||
  substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) ||
  substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
  '', name, name, 1, 1, 0, '', '', '', 'null', 'null', 'null', at, at
FROM (SELECT o.id AS id,
  coalesce((SELECT json_extract(e.value, '$') FROM site_entries e WHERE e.org_id = o.id
    AND e.key = 'siteName' AND json_type(e.value) = 'text' AND e.value <> '""'), 'Status') AS name,
  CAST(strftime('%s', 'now') AS INTEGER) * 1000000 AS at
  FROM organisations o);
)sql";

constexpr char kOutbox[] = R"sql(
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE TABLE event_places (
  reader TEXT PRIMARY KEY,
  place INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  collection TEXT NOT NULL,
  uid TEXT NOT NULL,
  key TEXT NOT NULL,
  parent TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (org_id, collection, uid)
);
CREATE UNIQUE INDEX records_by_key ON records (collection, key, org_id) WHERE key <> '';
CREATE INDEX records_by_collection ON records (org_id, collection);
CREATE INDEX records_by_parent ON records (org_id, collection, parent);
CREATE INDEX records_by_age ON records (collection, created_at);
)sql";

constexpr char kWatching[] = R"sql(
ALTER TABLE monitors ADD COLUMN parents TEXT NOT NULL DEFAULT '';
ALTER TABLE monitors ADD COLUMN flap_detection INTEGER NOT NULL DEFAULT 1;
ALTER TABLE monitors ADD COLUMN flap_low INTEGER NOT NULL DEFAULT 20;
ALTER TABLE monitors ADD COLUMN flap_high INTEGER NOT NULL DEFAULT 40;
ALTER TABLE monitor_states ADD COLUMN watching TEXT NOT NULL DEFAULT '';
)sql";

constexpr char kEvidence[] = R"sql(
CREATE TABLE evidence (
  monitor_id INTEGER NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  message TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (monitor_id, slot)
);
CREATE INDEX evidence_by_org ON evidence (org_id, at);
)sql";

constexpr char kSecrets[] = R"sql(
CREATE TABLE secrets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  org_id INTEGER NOT NULL REFERENCES organisations (id),
  name TEXT NOT NULL,
  key_mark BLOB NOT NULL,
  sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (org_id, name)
);
)sql";

// One row per version, the first being 1. Rows are never edited once released: changes are new
// rows.
struct Migration {
  std::string_view sql;
  std::string_view more;
  std::string_view rest;
};
constexpr std::array<Migration, 5> kMigrations = {{
    {kNouns, kIncidents, kHistory},
    {kWiderNouns, kPlans, kOutbox},
    {kWatching, "", ""},
    {kEvidence, "", ""},
    {kSecrets, "", ""},
}};

Error Refused(const char* why) { return Error(ErrorKind::kInvalid, why); }

// Inside a write transaction, so that two processes starting at once do not both do it.
Status Advance(Connection& connection, int target, bool& done) {
  PHAROS_ASSIGN_OR_RETURN(const int64_t version, connection.QueryInt(kSelectUserVersion));
  if (version > SchemaVersion()) {
    return Refused("the database was written by a newer version of this program");
  }
  done = version >= target;
  if (done) return Ok();
  if (version == 0) {
    PHAROS_ASSIGN_OR_RETURN(const int64_t tables, connection.QueryInt(kCountTables));
    if (tables > 0) return Refused("the file is a database of another program");
    const std::string claim = "PRAGMA application_id=" + std::to_string(kApplicationId);
    PHAROS_RETURN_IF_ERROR(connection.Execute(claim.c_str()));
  }
  const Migration& step = kMigrations[static_cast<size_t>(version)];
  for (const std::string_view sql : {step.sql, step.more, step.rest}) {
    PHAROS_RETURN_IF_ERROR(connection.Execute(std::string(sql).c_str()));
  }
  const std::string number = "PRAGMA user_version=" + std::to_string(version + 1);
  return connection.Execute(number.c_str());
}

}  // namespace

int SchemaVersion() { return static_cast<int>(kMigrations.size()); }

Status Migrate(Connection& connection, int target) {
  PHAROS_ASSIGN_OR_RETURN(const int64_t owner, connection.QueryInt(kSelectApplicationId));
  PHAROS_ASSIGN_OR_RETURN(const int64_t version, connection.QueryInt(kSelectUserVersion));
  if (owner != kApplicationId && (owner != 0 || version != 0)) {
    return Refused("the file is a database of another program");
  }
  if (version == target) return Ok();
  bool done = false;
  while (!done) {
    PHAROS_RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
    Status step = Advance(connection, target, done);
    if (step) step = connection.Execute("COMMIT");
    if (!step) {
      if (connection.InTransaction()) PHAROS_RETURN_IF_ERROR(connection.Execute("ROLLBACK"));
      return step;
    }
  }
  return Ok();
}

}  // namespace pharos::store::sqlite
