// PostgreSQL by libpq, without blocking calls.
#include <libpq-fe.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <vector>

#include "base/text.h"
#include "net/sql_driver.h"

namespace pharos::net {
namespace {

// A path that no file can have: for options whose default is a file in the home directory.
constexpr const char* kNoFile = "/dev/null/none";

struct PqDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, PqDeleter>;
using Rows = std::unique_ptr<PGresult, PqDeleter>;

const char* SslMode(SqlTls tls) {
  switch (tls) {
    case SqlTls::kDisable:
      return "disable";
    case SqlTls::kPrefer:
      return "prefer";
    case SqlTls::kRequire:
      return "require";
    case SqlTls::kVerifyCa:
      return "verify-ca";
    case SqlTls::kVerifyFull:
      return "verify-full";
  }
  return "verify-full";
}

// `connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  no` -> `no`. What is before
// it we know, and say ourselves.
std::string_view Essence(std::string_view text) {
  constexpr std::string_view kFailed = " failed: ";
  while (text.starts_with("connection to server ")) {
    const size_t end = text.find(kFailed);
    if (end == std::string_view::npos) break;
    text = text.substr(end + kFailed.size());
  }
  for (const std::string_view level : {"FATAL:", "ERROR:"}) {
    if (text.starts_with(level)) text = Trim(text.substr(level.size()));
  }
  return text;
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What sort of failure a text of libpq about a connection is; the library gives no codes.
SqlFailure SortOf(std::string_view text) {
  if (Has(text, "Connection refused")) return SqlFailure::kRefused;
  if (Has(text, "No route to host") || Has(text, "Network is unreachable")) {
    return SqlFailure::kUnreachable;
  }
  if (Has(text, "FATAL:") || Has(text, "password")) return SqlFailure::kLogin;
  if (Has(text, "SSL") || Has(text, "certificate") || Has(text, "tlsv1")) return SqlFailure::kTls;
  return SqlFailure::kProtocol;
}

class Conversation {
 public:
  Conversation(const SqlTask& task, SqlWaiter& waiter) : task_(task), waiter_(waiter) {}

  SqlAnswer Run() {
    if (Connect() && Send()) ReadResults();
    return std::move(answer_);
  }

 private:
  // Every option has a value of ours: what is left out libpq looks for in the environment and in
  // files.
  void Begin() {
    const SqlTarget& target = task_.request.target;
    const std::string address = task_.address.ToString();
    const std::string port = std::to_string(target.port);
    std::vector<std::pair<const char*, const char*>> all = {
        {"host", target.host.c_str()},
        {"hostaddr", address.c_str()},
        {"port", port.c_str()},
        {"user", target.user.c_str()},
        {"password", target.password.c_str()},
        {"passfile", kNoFile},
        {"dbname", target.database.empty() ? target.user.c_str() : target.database.c_str()},
        {"sslmode", SslMode(task_.tls)},
        {"sslrootcert", task_.ca_path.empty() ? kNoFile : task_.ca_path.c_str()},
        {"sslcert", kNoFile},
        {"sslkey", kNoFile},
        {"sslcrl", kNoFile},
        {"gssencmode", "disable"},
        {"client_encoding", "UTF8"},
        {"fallback_application_name", "pharos"},
    };
    for (const auto& [name, value] : target.options) all.emplace_back(name.c_str(), value.c_str());
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : all) {
      names.push_back(name);
      values.push_back(value);
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  }

  bool Connect() {
    const MonotonicTime begun = waiter_.Now();
    MonotonicTime connected = begun;
    Begin();
    if (connection_ == nullptr || PQstatus(connection_.get()) == CONNECTION_BAD) {
      return FailConnection();
    }
    for (PostgresPollingStatusType want = PGRES_POLLING_WRITING; want != PGRES_POLLING_OK;) {
      if (want == PGRES_POLLING_FAILED) return FailConnection();
      if (!Wait(want == PGRES_POLLING_READING ? POLLIN : POLLOUT, Doing())) return false;
      want = PQconnectPoll(connection_.get());
      if (answer_.phases.connect_us < 0 && PQstatus(connection_.get()) != CONNECTION_STARTED &&
          PQstatus(connection_.get()) != CONNECTION_BAD) {
        connected = waiter_.Now();
        answer_.phases.connect_us = (connected - begun).count();
        waiter_.EndConnecting();
      }
    }
    answer_.phases.login_us = (waiter_.Now() - connected).count();
    if (const char* version = PQparameterStatus(connection_.get(), "server_version")) {
      answer_.server_version =
          Ellipsize(SanitizeUtf8(std::string_view(version).substr(0, 100)), 60);
    }
    if (PQsslInUse(connection_.get()) != 0) {
      const char* protocol = PQsslAttribute(connection_.get(), "protocol");
      answer_.tls = protocol != nullptr ? protocol : "TLS";
    }
    return true;
  }

  std::string Doing() const {
    if (answer_.phases.connect_us < 0) return "a connection to " + SqlEndpoint(task_);
    return "the login at " + SqlEndpoint(task_);
  }

  bool Send() {
    query_begun_ = waiter_.Now();
    PQsetnonblocking(connection_.get(), 1);
    if (PQsendQuery(connection_.get(), task_.request.query.c_str()) != 1) return FailAnswer();
    PQsetSingleRowMode(connection_.get());
    while (true) {
      const int left = PQflush(connection_.get());
      if (left < 0) return FailAnswer();
      if (left == 0) return true;
      short got = 0;
      if (!Wait(POLLIN | POLLOUT, "the query to be sent", &got)) return false;
      if ((got & POLLIN) != 0 && !Consume()) return false;
    }
  }

  bool Consume() {
    const bool read = PQconsumeInput(connection_.get()) == 1;
    tcp_info info{};
    socklen_t size = sizeof info;
    const int fd = PQsocket(connection_.get());
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
        info.tcpi_bytes_received > kMaxSqlBytes) {
      FailSql(task_, SqlFailure::kTooLarge,
              "the answer is larger than " + std::to_string(kMaxSqlBytes) + " bytes", answer_);
      return false;
    }
    return read || FailAnswer();
  }

  void ReadResults() {
    while (true) {
      while (PQisBusy(connection_.get()) != 0) {
        if (!Wait(POLLIN, "the answer to the query") || !Consume()) return;
      }
      const Rows result(PQgetResult(connection_.get()));
      if (result == nullptr) break;
      if (!TakeResult(result.get())) return;
    }
    answer_.phases.query_us = (waiter_.Now() - query_begun_).count();
  }

  // False when the conversation is over.
  bool TakeResult(PGresult* result) {
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
        return TakeRow(result);
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        return true;
      case PGRES_FATAL_ERROR: {
        const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        if (text == nullptr || PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) {
          return FailAnswer();  // libpq's own words: the connection is gone or the answer is broken
        }
        FailSql(task_, SqlFailure::kQuery, text, answer_);
        return false;
      }
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        FailSql(task_, SqlFailure::kQuery, "COPY cannot be watched, a query with rows can",
                answer_);
        return false;
      case PGRES_BAD_RESPONSE:
      case PGRES_NONFATAL_ERROR:
      case PGRES_PIPELINE_SYNC:
      case PGRES_PIPELINE_ABORTED:
        break;
    }
    return FailAnswer();
  }

  bool TakeRow(const PGresult* row) {
    if (answer_.rows == 0 && PQnfields(row) > 0 && PQgetisnull(row, 0, 0) == 0) {
      KeepFirstValue(PQgetvalue(row, 0, 0), static_cast<size_t>(PQgetlength(row, 0, 0)), answer_);
    }
    if (answer_.rows < kMaxSqlRows) {
      ++answer_.rows;
      return true;
    }
    answer_.more_rows = true;
    answer_.phases.query_us = (waiter_.Now() - query_begun_).count();
    return false;
  }

  bool Wait(int events, std::string_view doing, short* got = nullptr) {
    const SqlWaiter::Outcome outcome =
        waiter_.Wait(PQsocket(connection_.get()), static_cast<short>(events), got);
    if (outcome == SqlWaiter::Outcome::kReady) return true;
    FailWait(outcome, doing, answer_);
    return false;
  }

  bool FailConnection() {
    const char* given =
        connection_ == nullptr ? "out of memory" : PQerrorMessage(connection_.get());
    const std::string text(Trim(given));
    const SqlFailure sort = SortOf(text);
    switch (sort) {
      case SqlFailure::kRefused:
        FailSql(task_, sort, "connection refused by " + SqlEndpoint(task_), answer_);
        return false;
      case SqlFailure::kProtocol:
      case SqlFailure::kUnreachable:
        FailSql(task_, sort, SqlEndpoint(task_) + ": " + std::string(Essence(text)), answer_);
        return false;
      default:
        FailSql(task_, sort, Essence(text), answer_);
        return false;
    }
  }

  bool FailAnswer() {
    const std::string text(Trim(PQerrorMessage(connection_.get())));
    FailSql(task_, SqlFailure::kProtocol, SqlEndpoint(task_) + ": " + std::string(Essence(text)),
            answer_);
    return false;
  }

  const SqlTask& task_;
  SqlWaiter& waiter_;
  Connection connection_;
  MonotonicTime query_begun_;
  SqlAnswer answer_;
};

}  // namespace

SqlAnswer RunPostgres(const SqlTask& task, SqlWaiter& waiter) {
  return Conversation(task, waiter).Run();
}

}  // namespace pharos::net
