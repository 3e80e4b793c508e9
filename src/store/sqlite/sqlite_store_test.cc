#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/fake_clock.h"
#include "store/audit_store.h"
#include "store/delivery_store.h"
#include "store/history_store.h"
#include "store/incident_store.h"
#include "store/key_store.h"
#include "store/monitor_store.h"
#include "store/organisation_store.h"
#include "store/page_store.h"
#include "store/sqlite/file_sync.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/state_store.h"

namespace pharos::store {
namespace {

using sqlite::Connection;
using sqlite::ConnectionSettings;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() {
    std::string path = (std::filesystem::temp_directory_path() / "pharos-sqlite-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  ~SqliteStoreTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string Path() const { return directory_ + "/pharos.db"; }
  std::unique_ptr<Connection> Connect(int busy_timeout_ms = 5000) {
    ConnectionSettings settings;
    settings.path = Path();
    settings.create = true;
    settings.full_sync = false;
    settings.busy_timeout_ms = busy_timeout_ms;
    auto connection = Connection::Open(settings);
    EXPECT_TRUE(connection) << (connection ? "" : connection.error().detail);
    return connection ? *std::move(connection) : nullptr;
  }
  Result<std::unique_ptr<Store>> Open() {
    SqliteSettings settings;
    settings.path = Path();
    return OpenSqliteStore(settings, clock_, metrics_);
  }
  ErrorKind OpenFailure() {
    const auto store = Open();
    EXPECT_FALSE(store);
    return store ? ErrorKind::kInternal : store.error().kind;
  }

  std::string directory_;
  FakeClock clock_;
  Metrics metrics_;
};

constexpr char kUserVersion[] = "PRAGMA user_version";
constexpr char kApplicationId[] = "PRAGMA application_id";
constexpr char kJournalMode[] = "SELECT journal_mode = 'wal' FROM pragma_journal_mode";
constexpr char kCountOrganisations[] = "SELECT COUNT(*) FROM organisations";

TEST_F(SqliteStoreTest, FreshDatabaseIsOursAndInWalMode) {
  ASSERT_TRUE(Open());
  const auto connection = Connect();
  EXPECT_EQ(connection->QueryInt(kUserVersion).value(), sqlite::SchemaVersion());
  EXPECT_EQ(connection->QueryInt(kApplicationId).value(), sqlite::kApplicationId);
  EXPECT_EQ(connection->QueryInt(kJournalMode).value(), 1);
  EXPECT_EQ(connection->QueryInt(kCountOrganisations).value(), 1);
}

TEST_F(SqliteStoreTest, MigratesFromEveryOldVersion) {
  for (int version = 0; version <= sqlite::SchemaVersion(); ++version) {
    std::filesystem::remove(Path());
    {
      const auto connection = Connect();
      ASSERT_TRUE(sqlite::Migrate(*connection, version));
      EXPECT_EQ(connection->QueryInt(kUserVersion).value(), version);
    }
    EXPECT_TRUE(Open()) << "from " << version;
    const auto connection = Connect();
    EXPECT_EQ(connection->QueryInt(kUserVersion).value(), sqlite::SchemaVersion());
    EXPECT_EQ(connection->QueryInt(kCountOrganisations).value(), 1);
  }
}

// What version 1 wrote: two organisations, one with a name for its site.
constexpr char kFirstVersionData[] = R"sql(
INSERT INTO organisations (id, name, plan, created_at) VALUES (2, 'second', '', 5);
INSERT INTO site_entries (org_id, key, value, type)
  VALUES (1, 'siteName', '"Northwind"', 'string'), (2, 'siteName', '5', 'string');
INSERT INTO api_keys (org_id, dialect, name, prefix, sha256, scopes, rate_class, created_at)
  VALUES (1, 'kodo', 'ci', 'p', x'00', '[]', '', 1), (2, 'kodo', 'cd', 'p', x'00', '[]', '', 1);
INSERT INTO monitors (id, org_id, uid, tag, name, description, image, external_url, category, kind,
  spec, schedule_kind, schedule_interval, schedule_cron, schedule_time_zone, active, hidden,
  confirmation_threshold, uptime_numerator, uptime_denominator, notes, created_at, updated_at,
  revision) VALUES (7, 1, 'uid-7', 'shop', 'Shop', '', '', '', '', 'http', '{}', 0, 0, '', '', 1,
  0, 1, '', '', 'null', 1, 1, 1);
INSERT INTO audit_entries (org_id, at, actor, action, subject, detail)
  VALUES (1, 1, 'cli', 'site.update', 'site', 'null'),
  (1, 2, 'ci', 'monitor.create', 'monitor:shop', '{"a":1}'),
  (2, 3, 'cd', 'monitor.create', 'monitor:shop', 'null');
INSERT INTO monitor_states VALUES (7, 0, 0, 1, 1, 1, 0, '', NULL,
  '[[1000,0,3,0,1.5,"held"]]', 0, 0, 0, 2);
INSERT INTO incidents (id, org_id, uid, title, state, source, started_at, created_at, updated_at)
  VALUES (3, 1, 'uid-3', 'Outage', 0, 0, 1, 1, 1);
INSERT INTO incident_impacts VALUES (3, 0, 7, 3);
INSERT INTO incident_updates (incident_id, state, text, at, created_at, updated_at)
  VALUES (3, 0, 'We look.', 1, 1, 1), (3, 1, 'We know.', 2, 2, 2);
INSERT INTO channels (org_id, kind, name, config, enabled, disabled_reason, created_at)
  VALUES (1, 'webhook', 'Team', '{}', 1, '', 9);
)sql";

TEST_F(SqliteStoreTest, DataOfTheFirstVersionReadsBack) {
  {
    const auto connection = Connect();
    ASSERT_TRUE(sqlite::Migrate(*connection, 1));
    ASSERT_TRUE(connection->Execute(kFirstVersionData));
  }
  const auto store = Open();
  ASSERT_TRUE(store);
  const auto session = *(*store)->Read();
  const model::OrgId first(1);
  const model::OrgId second(2);

  const auto keys = *(*store)->keys().ListAll(*session);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].uid.size(), 36U);
  EXPECT_EQ(keys[0].uid[14], '4');
  EXPECT_NE(std::string("89ab").find(keys[0].uid[19]), std::string::npos);
  EXPECT_NE(keys[0].uid, keys[1].uid);

  const auto audit = *(*store)->audit().List(*session, first, {});
  ASSERT_EQ(audit.size(), 2U);
  EXPECT_EQ(audit[0].resource_kind, "monitor");
  EXPECT_EQ(audit[0].resource_id, "uid-7");
  EXPECT_EQ(audit[0].actor_kind, model::ActorKind::kApiKey);
  EXPECT_EQ(audit[0].detail.IntOr("a", 0), 1);
  EXPECT_EQ(audit[1].resource_kind, "site");
  EXPECT_EQ(audit[1].resource_id, "");
  EXPECT_EQ(audit[1].actor_kind, model::ActorKind::kSystem);
  EXPECT_EQ((*store)->audit().List(*session, second, {})->at(0).resource_id, "shop");

  const auto monitor = *(*store)->monitors().FindByTag(*session, first, "shop");
  ASSERT_TRUE(monitor);
  EXPECT_FALSE(monitor->service.IsSet());
  EXPECT_EQ(monitor->auto_incident, model::AutoIncident());
  EXPECT_EQ(monitor->position, 0);

  const auto states = *(*store)->states().ListAll(*session);
  ASSERT_EQ(states.size(), 1U);
  ASSERT_EQ(states[0].held.size(), 1U);
  EXPECT_EQ(states[0].held[0].message, "held");
  EXPECT_EQ(states[0].held[0].attempts, 1);
  EXPECT_TRUE(states[0].facts.IsNull());
  EXPECT_EQ(states[0].failures, 0);

  const auto incident = *(*store)->incidents().Find(*session, first, model::IncidentId(3));
  ASSERT_TRUE(incident);
  EXPECT_EQ(incident->severity, model::IncidentSeverity::kMinor);
  EXPECT_FALSE(incident->draft || incident->closed_at || incident->cause.IsSet());
  EXPECT_EQ(incident->impacts.size(), 1U);
  EXPECT_TRUE(incident->pages.empty());
  const auto updates = *(*store)->incidents().ListUpdates(*session, first, incident->id);
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_EQ(updates[0].uid.size(), 36U);
  EXPECT_NE(updates[0].uid, updates[1].uid);
}

TEST_F(SqliteStoreTest, ChannelsOfTheFirstVersionReadBackAndEveryoneGetsAPage) {
  {
    const auto connection = Connect();
    ASSERT_TRUE(sqlite::Migrate(*connection, 1));
    ASSERT_TRUE(connection->Execute(kFirstVersionData));
  }
  const auto store = Open();
  ASSERT_TRUE(store);
  const auto session = *(*store)->Read();
  const auto channels = *(*store)->deliveries().ListChannels(*session, model::OrgId(1));
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_EQ(channels[0].scope, model::ChannelScope::kAllMonitors);
  EXPECT_EQ(channels[0].uid.size(), 36U);
  EXPECT_EQ(channels[0].updated_at, FromUnixMicros(9));

  const auto pages = *(*store)->pages().ListAll(*session);
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_EQ(pages[0].title, "Northwind");
  EXPECT_EQ(pages[0].header, "Northwind");
  EXPECT_EQ(pages[1].title, "Status");
  for (const model::Page& page : pages) {
    EXPECT_TRUE(page.is_default && page.all_monitors && page.path.empty());
    EXPECT_EQ(page.uid.size(), 36U);
  }
}

TEST_F(SqliteStoreTest, OpeningAgainChangesNothing) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Open());
  EXPECT_EQ(Connect()->QueryInt(kCountOrganisations).value(), 1);
}

TEST_F(SqliteStoreTest, NewerVersionIsRefused) {
  ASSERT_TRUE(Open());
  ASSERT_TRUE(Connect()->Execute("PRAGMA user_version=99"));
  EXPECT_EQ(OpenFailure(), ErrorKind::kInvalid);
}

TEST_F(SqliteStoreTest, OtherProgramsDatabaseIsRefused) {
  ASSERT_TRUE(Connect()->Execute("CREATE TABLE theirs (a)"));
  EXPECT_EQ(OpenFailure(), ErrorKind::kInvalid);
  ASSERT_TRUE(Connect()->Execute("PRAGMA application_id=7; PRAGMA user_version=1"));
  EXPECT_EQ(OpenFailure(), ErrorKind::kInvalid);
}

TEST_F(SqliteStoreTest, FileThatIsNoDatabaseIsRefused) {
  std::ofstream(Path()) << std::string(5000, 'x');
  EXPECT_EQ(OpenFailure(), ErrorKind::kInvalid);
}

TEST_F(SqliteStoreTest, MissingDirectoryIsAnError) {
  SqliteSettings settings;
  settings.path = directory_ + "/none/pharos.db";
  EXPECT_FALSE(OpenSqliteStore(settings, clock_, metrics_));
}

TEST_F(SqliteStoreTest, TwoOpenersAtOnceBothSucceed) {
  auto first = std::async(std::launch::async, [&] { return Open().has_value(); });
  auto second = std::async(std::launch::async, [&] { return Open().has_value(); });
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_EQ(Connect()->QueryInt(kCountOrganisations).value(), 1);
}

TEST_F(SqliteStoreTest, HeldDatabaseIsUnavailable) {
  ASSERT_TRUE(Open());
  const auto holder = Connect();
  ASSERT_TRUE(holder->Execute("BEGIN IMMEDIATE"));
  const auto waiting = Connect(1);
  const Status status = waiting->Execute("BEGIN IMMEDIATE");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::kUnavailable);
  EXPECT_GT(status.error().retry_after_s, 0);
}

TEST_F(SqliteStoreTest, WriteInsideAWriteIsRefused) {
  const auto store = Open();
  ASSERT_TRUE(store);
  Status inner = Ok();
  ASSERT_TRUE((*store)->Write([&](Transaction&) {
    inner = (*store)->Write([](Transaction&) { return Ok(); });
    return Ok();
  }));
  ASSERT_FALSE(inner);
  EXPECT_EQ(inner.error().kind, ErrorKind::kInternal);
}

TEST_F(SqliteStoreTest, ReaderPoolOpensAsManyAsAreNeededAndReusesThem) {
  SqliteSettings settings;
  settings.path = Path();
  settings.max_readers = 3;
  const auto store = OpenSqliteStore(settings, clock_, metrics_);
  ASSERT_TRUE(store);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Session>> sessions;
    for (int i = 0; i < 3; ++i) {
      auto session = (*store)->Read();
      ASSERT_TRUE(session);
      sessions.push_back(*std::move(session));
    }
    // A fourth waits until one comes back.
    std::thread waiting([&] { EXPECT_TRUE((*store)->Read()); });
    sessions.pop_back();
    waiting.join();
  }
}

class StrangeSession : public Session {};

TEST_F(SqliteStoreTest, SessionOfAnotherStoreIsRefused) {
  const auto store = Open();
  ASSERT_TRUE(store);
  StrangeSession session;
  const auto orgs = (*store)->organisations().List(session);
  ASSERT_FALSE(orgs);
  EXPECT_EQ(orgs.error().kind, ErrorKind::kInternal);
}

TEST_F(SqliteStoreTest, MemoryStoresAreSeparate) {
  SqliteSettings settings;
  settings.path = ":memory:";
  const auto first = OpenSqliteStore(settings, clock_, metrics_);
  const auto second = OpenSqliteStore(settings, clock_, metrics_);
  ASSERT_TRUE(first && second);
  model::Organisation org;
  org.name = "only in the first";
  ASSERT_TRUE((*first)->Write([&](Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR((*first)->organisations().Insert(tx, org));
    return Ok();
  }));
  const auto session = (*second)->Read();
  ASSERT_TRUE(session);
  EXPECT_EQ((*second)->organisations().List(**session)->size(), 1U);
}

TEST_F(SqliteStoreTest, StatementsMayNestAndFailuresDoNotStick) {
  const auto connection = Connect();
  ASSERT_TRUE(connection->Execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)"));
  static constexpr char kInsert[] = "INSERT INTO t (b) VALUES (?1)";
  static constexpr char kSelect[] = "SELECT a, b FROM t ORDER BY a";
  for (const char* text : {"x", "y"}) {
    auto insert = connection->Prepare(kInsert);
    ASSERT_TRUE(insert);
    EXPECT_TRUE(insert->Bind(std::string_view(text)).Run());
    const Status again = insert->Bind(std::string_view(text)).Run();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  }
  int pairs = 0;
  auto outer = connection->Prepare(kSelect);
  while (outer->Step().value()) {
    auto inner = connection->Prepare(kSelect);
    while (inner->Step().value()) ++pairs;
  }
  EXPECT_EQ(pairs, 4);
  EXPECT_FALSE(connection->Prepare("SELECT nothing FROM nowhere"));
}

TEST_F(SqliteStoreTest, ColumnsKeepTypes) {
  const auto connection = Connect();
  static constexpr char kEcho[] = "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7";
  auto s = connection->Prepare(kEcho);
  ASSERT_TRUE(s);
  const std::string bytes("\0\xff\1", 3);
  s->Bind(model::OrgId(7), FromUnixMicros(-5), 2.5, std::string_view(), std::optional<int>(),
          sqlite::Blob{bytes}, model::Status::kDown);
  ASSERT_TRUE(s->Step().value());
  model::OrgId org;
  Timestamp at;
  double real = 0;
  std::optional<std::string> empty;
  std::optional<int64_t> none = 1;
  std::string blob;
  model::Status status{};
  s->Read(org, at, real, empty, none, blob, status);
  EXPECT_EQ(org, model::OrgId(7));
  EXPECT_EQ(at, FromUnixMicros(-5));
  EXPECT_EQ(real, 2.5);
  EXPECT_EQ(empty, "");
  EXPECT_EQ(none, std::nullopt);
  EXPECT_EQ(blob, bytes);
  EXPECT_EQ(status, model::Status::kDown);
}

TEST_F(SqliteStoreTest, PublishedFileHasItsFinalNameOnly) {
  std::ofstream(directory_ + "/a") << "text";
  ASSERT_TRUE(sqlite::PublishFile(directory_ + "/a", directory_ + "/b"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a"));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/b"));
  EXPECT_FALSE(sqlite::PublishFile(directory_ + "/a", directory_ + "/c"));
}

TEST(JsonColumn, TextsRoundTripAndDamageIsAnError) {
  const std::vector<std::string> texts = {"a:b", "\"quoted\"", "", "\xC3\xA4"};
  EXPECT_EQ(sqlite::ParseTexts(sqlite::WriteTexts(texts)).value(), texts);
  EXPECT_FALSE(sqlite::ParseTexts("{}"));
  EXPECT_FALSE(sqlite::ParseTexts("[1]"));
  EXPECT_FALSE(sqlite::ParseColumn("{"));
}

}  // namespace
}  // namespace pharos::store
