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

// One row per version, the first being 1. Rows are never edited once released: changes are new
// rows.
struct Migration {
  std::string_view sql;
  std::string_view more;
  std::string_view rest;
};
constexpr std::array<Migration, 1> kMigrations = {{
    {kNouns, kIncidents, kHistory},
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
