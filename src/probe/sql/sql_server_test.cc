// Database checks against a real PostgreSQL and a real MariaDB, and against servers that behave
// like none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "net/sql_client.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_dns.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/testing/child_process.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using net::ScriptedConnection;
using net::ScriptedServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Text = testing::Matcher<std::string>;

constexpr const char* kPassword = "pw-Tr0ub4dor";
constexpr const char* kPostgresBin = "/usr/lib/postgresql/15/bin/";
constexpr const char* kMariadb = "/usr/sbin/mariadbd";
constexpr const char* kMariadbShare = "/usr/share/mysql";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Both servers, started once for the whole binary, with certificates for db.test of a CA that only
// the tests know.
class Databases {
 public:
  Databases() {
    ca_ = net::MakeTestCertificate({.common_name = "test CA", .names = "", .is_ca = true});
    const auto own = net::MakeTestCertificate(
        {.common_name = "db.test", .names = "DNS:db.test", .issuer = &ca_});
    cert_ = directory_.Write("cert.pem", own.cert_pem);
    key_ = directory_.Write("key.pem", own.key_pem);
    StartPostgres();
    StartMariadb();
  }

  uint16_t postgres_port() const { return postgres_port_; }
  uint16_t mariadb_port() const { return mariadb_port_; }
  const std::string& ca_pem() const { return ca_.cert_pem; }

 private:
  void StartPostgres() {
    const std::string data = directory_.Path("pg");
    const std::string password = directory_.Write("password", std::string(kPassword) + "\n");
    ChildProcess init({std::string(kPostgresBin) + "initdb", "-D", data, "-U", "watcher",
                       "--auth=scram-sha-256", "--pwfile=" + password, "--no-sync", "--no-locale",
                       "-E", "UTF8", "--wal-segsize=1"});
    ASSERT_EQ(init.Wait(), 0) << "PostgreSQL 15 is needed (packages.txt): " << init.Output();
    postgres_port_ = FreePort();
    postgres_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{std::string(kPostgresBin) + "postgres", "-D", data, "-p",
                                 std::to_string(postgres_port_), "-c", "listen_addresses=127.0.0.1",
                                 "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
                                 "ssl=on", "-c", "ssl_cert_file=" + cert_, "-c",
                                 "ssl_key_file=" + key_},
        "", SIGQUIT);
    ASSERT_NE(postgres_->WaitForLine("ready to accept connections"), "") << postgres_->Output();
  }

  void StartMariadb() {
    const std::string data = directory_.Path("my");
    const std::vector<std::string> common = {kMariadb,
                                             "--no-defaults",
                                             "--datadir=" + data,
                                             "--skip-innodb",
                                             "--default-storage-engine=Aria",
                                             std::string("--lc-messages-dir=") + kMariadbShare};
    ASSERT_EQ(ChildProcess({"/bin/mkdir", data}).Wait(), 0);
    std::vector<std::string> bootstrap = common;
    bootstrap.insert(bootstrap.end(), {"--bootstrap", "--skip-networking"});
    ChildProcess init(bootstrap,
                      "create database mysql;\nuse mysql;\n" +
                          ReadFile(std::string(kMariadbShare) + "/mysql_system_tables.sql") +
                          ReadFile(std::string(kMariadbShare) + "/mysql_performance_tables.sql"));
    ASSERT_EQ(init.Wait(), 0) << "MariaDB is needed (packages.txt): " << init.Output();
    const std::string users = directory_.Write(
        "users.sql", "CREATE DATABASE shop;\nCREATE USER 'watcher'@'%' IDENTIFIED BY '" +
                         std::string(kPassword) + "';\nGRANT ALL ON shop.* TO 'watcher'@'%';\n");
    mariadb_port_ = FreePort();
    std::vector<std::string> serve = common;
    serve.insert(serve.end(), {"--port=" + std::to_string(mariadb_port_),
                               "--bind-address=127.0.0.1", "--socket=" + directory_.Path("my.sock"),
                               "--init-file=" + users, "--pid-file=" + directory_.Path("my.pid"),
                               "--ssl-cert=" + cert_, "--ssl-key=" + key_});
    mariadb_ = std::make_unique<ChildProcess>(serve, "", SIGKILL);
    ASSERT_NE(mariadb_->WaitForLine("ready for connections"), "") << mariadb_->Output();
  }

  TempDirectory directory_;
  net::TestCertificate ca_;
  std::string cert_;
  std::string key_;
  uint16_t postgres_port_ = 0;
  uint16_t mariadb_port_ = 0;
  std::unique_ptr<ChildProcess> postgres_;
  std::unique_ptr<ChildProcess> mariadb_;
};

const Databases& TheDatabases() {
  static const Databases databases;
  return databases;
}

struct Product {
  const char* name;
  const char* scheme;
  uint16_t (Databases::*port)() const;
  const char* database;
};
constexpr Product kPostgres = {"postgres", "postgres", &Databases::postgres_port, "postgres"};
constexpr Product kMysql = {"mariadb", "mysql", &Databases::mariadb_port, "shop"};

class SqlServerTest : public testing::TestWithParam<Product> {
 protected:
  SqlServerTest()
      : dns_([](const std::string& name) {
          net::ScriptedDns::Answer answer;
          if (name == "db.test" || name == "other.test" || name == "two.test") {
            if (name == "two.test") answer.addresses.push_back(*net::IpAddress::Parse("127.0.0.9"));
            answer.addresses.push_back(*net::IpAddress::Parse("127.0.0.1"));
          } else if (name == "silent.test") {
            answer.silent = true;
          } else {
            answer.not_found = true;
          }
          return answer;
        }) {
    signal(SIGPIPE, SIG_IGN);
  }

  net::SqlClient& Client() {
    if (client_) return *client_;
    policy_ = std::make_unique<net::OutboundPolicy>(outbound_);
    net::SqlClientSettings settings;
    settings.dns_servers = {dns_.Address()};
    settings.max_in_flight = max_in_flight_;
    settings.max_queued = max_queued_;
    auto started = net::SqlClient::Start(settings, *policy_, metrics_);
    EXPECT_TRUE(started) << started.error().detail;
    client_ = std::move(*started);
    return *client_;
  }

  static std::string Target(std::string_view host, uint16_t port, std::string_view rest = "",
                            std::string_view password = kPassword) {
    const Product& product = GetParam();
    return std::string(product.scheme) + "://watcher:" + std::string(password) + "@" +
           std::string(host) + ":" + std::to_string(port) + "/" +
           (rest.starts_with("/") ? std::string(rest.substr(1))
                                  : product.database + std::string(rest));
  }
  static std::string Real(std::string_view rest = "", std::string_view password = kPassword) {
    return Target("127.0.0.1", (TheDatabases().*GetParam().port)(), rest, password);
  }
  static bool IsPostgres() { return std::string_view(GetParam().scheme) == "postgres"; }

  static Value Spec(const std::string& target, const std::string& query = "SELECT 1") {
    Value spec;
    spec.Set("connection_string", target);
    spec.Set("query", query);
    return spec;
  }

  Observation Check(const Value& spec) {
    ProbeBench bench(http_);
    bench.tools.sql = &Client();
    bench.tools.secrets = [](std::string_view name) -> std::optional<std::string> {
      if (name == "DB_PASSWORD") return kPassword;
      return std::nullopt;
    };
    Observation seen = bench.CheckSpec(spec, "sql");
    ExpectNoPassword(seen);
    return seen;
  }
  Observation CheckTarget(const std::string& target) { return Check(Spec(target)); }

  static void ExpectNoPassword(const Observation& seen) {
    EXPECT_THAT(seen.message, Not(HasSubstr(kPassword)));
    EXPECT_LE(seen.message.size(), 200u);
    for (const auto& [name, value] : seen.evidence) EXPECT_THAT(value, Not(HasSubstr(kPassword)));
  }

  static void ExpectDown(const Observation& seen, const Text& message) {
    EXPECT_EQ(seen.outcome, CheckOutcome::kError);
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, message);
    EXPECT_FALSE(seen.latency_ms);
  }

  Observation CheckScripted(ScriptedServer::Script script, int64_t timeout_ms = 5000) {
    ScriptedServer server(std::move(script));
    Value spec = Spec(Target("127.0.0.1", server.port(), "?sslmode=disable"));
    spec.Set("timeout_ms", timeout_ms);
    return Check(spec);
  }

  net::ScriptedDns dns_;
  FakeHttpClient http_;
  net::OutboundSettings outbound_;
  size_t max_in_flight_ = 64;
  size_t max_queued_ = 10'000;
  Metrics metrics_;
  std::unique_ptr<net::OutboundPolicy> policy_;
  std::unique_ptr<net::SqlClient> client_;
};

INSTANTIATE_TEST_SUITE_P(Products, SqlServerTest, testing::Values(kPostgres, kMysql),
                         [](const auto& given) { return std::string(given.param.name); });

TEST_P(SqlServerTest, UpWithPhases) {
  const Observation seen = CheckTarget(Real());
  EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered) << seen.message;
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(seen.message, "");
  ASSERT_TRUE(seen.latency_ms);
  EXPECT_GT(*seen.latency_ms, 0);
  EXPECT_EQ(EvidenceOf(seen, "remote address"), "127.0.0.1");
  for (const char* phase : {"connect", "login", "query", "total"}) {
    EXPECT_THAT(EvidenceOf(seen, phase), HasSubstr(" ms")) << phase;
  }
  EXPECT_EQ(EvidenceOf(seen, "rows"), "1 row");
  EXPECT_THAT(EvidenceOf(seen, "server"), HasSubstr(IsPostgres() ? "15." : "MariaDB"));
  // Both servers offer TLS, and it is taken unless the string says otherwise.
  EXPECT_THAT(EvidenceOf(seen, "encryption"), StartsWith("TLSv1."));
  EXPECT_EQ(EvidenceOf(CheckTarget(Real("?sslmode=disable")), "encryption"), "none");
}

TEST_P(SqlServerTest, SecretsAreFilledInAndNamesResolved) {
  const uint16_t port = (TheDatabases().*GetParam().port)();
  const Observation seen = CheckTarget(Target("db.test", port, "", "$DB_PASSWORD"));
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_THAT(EvidenceOf(seen, "resolve"), HasSubstr(" ms"));
}

TEST_P(SqlServerTest, ASecondAddressIsTried) {
  // 127.0.0.9 refuses, since both servers listen on 127.0.0.1 alone.
  const Observation seen =
      CheckTarget(Target("two.test", (TheDatabases().*GetParam().port)(), "?sslmode=disable"));
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
}

TEST_P(SqlServerTest, Refused) {
  const net::RefusingPort port;
  ExpectDown(CheckTarget(Target("127.0.0.1", port.port())),
             "connection refused by 127.0.0.1:" + std::to_string(port.port()));
}

TEST_P(SqlServerTest, NoSuchName) {
  ExpectDown(CheckTarget(Target("nowhere.test", 5432)), HasSubstr("nowhere.test"));
}

TEST_P(SqlServerTest, ASilentNameServer) {
  Value spec = Spec(Target("silent.test", 5432));
  spec.Set("timeout_ms", 200);
  ExpectDown(Check(spec), "no name server answered in time about silent.test");
}

TEST_P(SqlServerTest, WrongPassword) {
  const Observation seen = CheckTarget(Real("", "wrong-password"));
  ExpectDown(seen, IsPostgres()
                       ? Text(HasSubstr("password authentication failed for user \"watcher\""))
                       : StartsWith("Access denied for user 'watcher'@"));
  EXPECT_THAT(seen.message, Not(HasSubstr("wrong-password")));
}

TEST_P(SqlServerTest, UnknownDatabase) {
  ExpectDown(CheckTarget(Real("/nothing")), IsPostgres()
                                                ? Text("database \"nothing\" does not exist")
                                                : HasSubstr("to database 'nothing'"));
}

TEST_P(SqlServerTest, SyntaxError) {
  const Observation seen = Check(Spec(Real(), "SELEKT 1"));
  ExpectDown(seen, IsPostgres() ? Text("syntax error at or near \"SELEKT\"")
                                : StartsWith("You have an error in your SQL syntax"));
  EXPECT_EQ(EvidenceOf(seen, "failure"), "query");
}

TEST_P(SqlServerTest, TimeOutOfTheQuery) {
  Value spec = Spec(Real(), IsPostgres() ? "SELECT pg_sleep(30)" : "SELECT SLEEP(30)");
  spec.Set("timeout_ms", 400);
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.message, "Query execution exceeded timeout of 400ms");
  EXPECT_EQ(EvidenceOf(seen, "detail"), "timed out waiting for the answer to the query");
}

TEST_P(SqlServerTest, AServerThatSaysNothing) {
  const Observation seen =
      CheckScripted([](ScriptedConnection& connection) { connection.WaitForClose(); }, 300);
  EXPECT_EQ(seen.outcome, CheckOutcome::kTimeout);
  EXPECT_EQ(seen.message, "Query execution exceeded timeout of 300ms");
  EXPECT_THAT(EvidenceOf(seen, "detail"), StartsWith("timed out waiting for the login at "));
}

TEST_P(SqlServerTest, AServerOfAnotherKind) {
  const Observation seen = CheckScripted([](ScriptedConnection& connection) {
    connection.Send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nthis is no database");
    connection.ReadBytes(1);
  });
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(seen.outcome, CheckOutcome::kError);
  EXPECT_THAT(seen.message, Not(testing::IsEmpty()));
}

TEST_P(SqlServerTest, AServerThatHangsUp) {
  const Observation seen = CheckScripted([](ScriptedConnection& connection) {
    if (IsPostgres()) connection.ReadBytes(8);
  });
  ExpectDown(seen, StartsWith("127.0.0.1:"));
}

TEST_P(SqlServerTest, AnAnswerThatIsCutOff) {
  const Observation seen = CheckScripted([](ScriptedConnection& connection) {
    if (IsPostgres()) {
      connection.ReadBytes(8);
      // Authenticated, ready, then half of a row description.
      connection.Send(std::string("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", 15));
      connection.ReadBytes(20);
      connection.Send(std::string("T\0\0\0\x40\0\x01no", 9));
      return;
    }
    // Half of a greeting.
    connection.Send(
        std::string("\x4a\0\0\0\x0a"
                    "10.11.6-Maria",
                    18));
  });
  ExpectDown(seen, StartsWith("127.0.0.1:"));
}

TEST_P(SqlServerTest, AServerThatNeverStopsSending) {
  const Observation seen = CheckScripted([](ScriptedConnection& connection) {
    if (IsPostgres()) {
      connection.ReadBytes(8);
      connection.Send(std::string("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", 15));
      connection.ReadBytes(20);
      // One row description without columns, then rows without end: 1 MiB in each.
      connection.Send(std::string("T\0\0\0\x06\0\0", 7));
      connection.SendForever(std::string("D\x10\0\0\0\0\1\x0f\xff\xff\xf6", 11) +
                             std::string(0x0ffffff6, 'x').substr(0, 1 << 20));
      return;
    }
    connection.SendForever(std::string("\xff\xff\xff\0", 4) + std::string(1 << 20, '\x0a'));
  });
  EXPECT_EQ(seen.status, Status::kDown) << seen.message;
  EXPECT_NE(seen.message, "");
}

TEST_P(SqlServerTest, AnUntrustedCertificate) {
  const uint16_t port = (TheDatabases().*GetParam().port)();
  const Observation seen = CheckTarget(Target("db.test", port, "?sslmode=verify-full"));
  ExpectDown(seen, HasSubstr("certificate"));
  EXPECT_EQ(EvidenceOf(seen, "failure"), "tls");
}

TEST_P(SqlServerTest, ACertificateOfAKnownCa) {
  const uint16_t port = (TheDatabases().*GetParam().port)();
  Value spec = Spec(Target("db.test", port));
  spec.Set("ca_pem", TheDatabases().ca_pem());
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_THAT(EvidenceOf(seen, "encryption"), StartsWith("TLSv1."));
}

TEST_P(SqlServerTest, ACertificateForAnotherName) {
  const uint16_t port = (TheDatabases().*GetParam().port)();
  Value spec = Spec(Target("other.test", port));
  spec.Set("ca_pem", TheDatabases().ca_pem());
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kDown) << EvidenceOf(seen, "encryption");
  EXPECT_EQ(EvidenceOf(seen, "failure"), "tls") << seen.message;
  spec.Set("connection_string", Target("other.test", port, "?sslmode=verify-ca"));
  // libmariadb has no verification without the name.
  EXPECT_EQ(Check(spec).status, IsPostgres() ? Status::kUp : Status::kDown);
}

TEST_P(SqlServerTest, TlsWhereThereIsNone) {
  const Observation seen = [&] {
    ScriptedServer server([](ScriptedConnection& connection) {
      if (IsPostgres()) {
        connection.ReadBytes(8);
        connection.Send("N");
      }
      connection.ReadBytes(100);
    });
    Value spec = Spec(Target("127.0.0.1", server.port(), "?sslmode=require"));
    spec.Set("timeout_ms", 500);
    return Check(spec);
  }();
  EXPECT_EQ(seen.status, Status::kDown);
  if (IsPostgres()) {
    ExpectDown(seen, HasSubstr("server does not support SSL"));
  }
}

TEST_P(SqlServerTest, BlockedByThePolicyIsNoDowntime) {
  outbound_.mode = net::PolicyMode::kUntrusted;
  const Observation seen = CheckTarget(Target("db.test", (TheDatabases().*GetParam().port)()));
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlocked);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_THAT(seen.message, HasSubstr("127.0.0.1"));
}

TEST_P(SqlServerTest, OverloadIsNoDowntime) {
  max_queued_ = 0;
  const Observation seen = CheckTarget(Real());
  EXPECT_EQ(seen.outcome, CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, Status::kNoData);
  EXPECT_EQ(seen.message, "too many database checks are waiting");
}

TEST_P(SqlServerTest, TheEndOfTheClientAnswersEverybody) {
  ScriptedServer server([](ScriptedConnection& connection) { connection.WaitForClose(); });
  max_in_flight_ = 2;
  std::vector<std::future<net::SqlAnswer>> answers;
  for (int i = 0; i < 5; ++i) {
    net::SqlRequest request;
    request.target = *net::SqlTarget::Parse(Target("127.0.0.1", server.port()));
    auto promise = std::make_shared<std::promise<net::SqlAnswer>>();
    answers.push_back(promise->get_future());
    Client().Start(request, [promise](net::SqlAnswer a) { promise->set_value(std::move(a)); });
  }
  ASSERT_TRUE(server.WaitForConnections(2));
  client_.reset();
  for (auto& answer : answers) {
    const net::SqlAnswer got = answer.get();
    EXPECT_EQ(got.failure, net::SqlFailure::kOverload);
    EXPECT_EQ(got.message, "shutting down");
  }
}

TEST_P(SqlServerTest, RowsAndValuesAreLookedAt) {
  const std::string three = "SELECT 7 AS n UNION ALL SELECT 8 UNION ALL SELECT 9";
  const struct {
    const char* query;
    const char* spec;
    const char* message;  // "" = up
  } rows[] = {
      {three.c_str(), R"({"min_rows":3,"max_rows":3})", ""},
      {three.c_str(), R"({"min_rows":4})", "the query returned 3 rows, at least 4 expected"},
      {three.c_str(), R"({"max_rows":2})", "the query returned 3 rows, at most 2 expected"},
      {"SELECT 1 WHERE 1 = 0", R"({"max_rows":0})", ""},
      {"SELECT 1 WHERE 1 = 0", R"({"value_op":"equals","value":"1"})",
       "the query returned no row to take a value from"},
      {"SELECT NULL", R"({"value_op":"equals","value":"1"})", "the first value is NULL"},
      {three.c_str(), R"({"value_op":"equals","value":"7"})", ""},
      {"SELECT 'in sync'", R"({"value_op":"equals","value":"in sync"})", ""},
      {"SELECT 'lagging'", R"({"value_op":"equals","value":"in sync"})",
       R"(the first value is "lagging", expected "in sync")"},
      {"SELECT 'a'", R"({"value_op":"not_equals","value":"a"})",
       R"(the first value is "a", expected anything else)"},
      {"SELECT 12", R"({"value_op":"less","value":"30"})", ""},
      {"SELECT 42", R"({"value_op":"less","value":"30"})",
       R"(the first value is "42", expected less than "30")"},
      {"SELECT 42.5", R"({"value_op":"greater","value":"42"})", ""},
      {"SELECT 'x'", R"({"value_op":"greater","value":"42"})",
       R"(the first value is "x", which is not a number)"},
  };
  for (const auto& row : rows) {
    Value spec = ParseSpec(row.spec);
    spec.Set("connection_string", Real("?sslmode=disable"));
    spec.Set("query", row.query);
    const Observation seen = Check(spec);
    EXPECT_EQ(seen.message, row.message) << row.query;
    EXPECT_EQ(seen.status, *row.message == '\0' ? Status::kUp : Status::kDown) << row.query;
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered) << row.query;
  }
}

TEST_P(SqlServerTest, ReadingStopsAtTheLimits) {
  const std::string many = IsPostgres() ? "SELECT generate_series(1, 200000)"
                                        : "SELECT seq FROM information_schema.tables";
  if (IsPostgres()) {
    const Observation seen = Check(Spec(Real("?sslmode=disable"), many));
    EXPECT_EQ(seen.status, Status::kUp) << seen.message;
    EXPECT_EQ(EvidenceOf(seen, "rows"), "more than 10000 rows");
  }
  const std::string large =
      IsPostgres() ? "SELECT repeat('x', 8000000)" : "SELECT REPEAT('x', 8000000)";
  const Observation seen = Check(Spec(Real("?sslmode=disable"), large));
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_NE(seen.message, "");
}

TEST_P(SqlServerTest, StatementsWithoutRowsAreFine) {
  const Observation seen = Check(Spec(Real(), IsPostgres() ? "SET TIME ZONE 'UTC'" : "DO 1"));
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(EvidenceOf(seen, "rows"), "0 rows");
}

TEST_P(SqlServerTest, TheServersOwnVariablesDoNotLeakIn) {
  // With any of these libpq would connect elsewhere, or with other credentials.
  TempDirectory directory;
  const std::string passwords = directory.Write("pgpass", std::string("*:*:*:*:") + kPassword);
  const std::string services = directory.Write("services", "[shop]\nhost=192.0.2.1\n");
  setenv("PGPASSFILE", passwords.c_str(), 1);
  setenv("PGPASSWORD", kPassword, 1);
  setenv("PGSERVICE", "shop", 1);
  setenv("PGSERVICEFILE", services.c_str(), 1);
  setenv("PGSSLMODE", "verify-full", 1);
  setenv("PGOPTIONS", "-c nothing=1", 1);
  EXPECT_EQ(CheckTarget(Real()).status, Status::kUp);
  const std::string with = std::string(":") + kPassword + "@";
  std::string target = Real();
  target.replace(target.find(with), with.size(), "@");
  ExpectDown(CheckTarget(target),
             IsPostgres() ? Text(HasSubstr("no password supplied")) : StartsWith("Access denied"));
}

TEST_P(SqlServerTest, ABrokenStringAfterExpansionIsToldWithoutItsText) {
  Value spec = Spec("$DB_PASSWORD");
  const Observation seen = Check(spec);
  ExpectDown(seen,
             "the connection string must begin with postgres://, postgresql://, mysql:// or "
             "mariadb://");
}

// A hostile server may order work from the library that nothing can interrupt; the check ends in
// time all the same, and others go on.
TEST_P(SqlServerTest, WorkThatAServerOrdersDoesNotHoldUpOthers) {
  if (!IsPostgres()) return;  // MySQL's methods stretch no keys by a count of the server's choice
  ScriptedServer server([](ScriptedConnection& connection) {
    connection.ReadBytes(8);
    connection.Send(std::string("R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", 24));
    std::string first = connection.ReadBytes(60);
    const size_t at = first.find("r=");
    const std::string nonce = first.substr(at + 2);
    const std::string text = "r=" + nonce + "x,s=QUJDRA==,i=3000000";
    const auto size = static_cast<unsigned char>(8 + text.size());
    connection.Send(std::string("R\0\0\0", 4) + static_cast<char>(size) +
                    std::string("\0\0\0\x0b", 4) + text);
    connection.WaitForClose();
  });
  Value spec = Spec(Target("127.0.0.1", server.port(), "?sslmode=disable"));
  spec.Set("timeout_ms", 300);
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_EQ(CheckTarget(Real()).status, Status::kUp);
}

}  // namespace
}  // namespace pharos::probe
