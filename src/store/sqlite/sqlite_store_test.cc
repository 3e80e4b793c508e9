#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/fake_clock.h"
#include "store/history_store.h"
#include "store/organisation_store.h"
#include "store/sqlite/file_sync.h"
#include "store/sqlite/json_column.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/sqlite_connection.h"

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
