#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "net/outbound_policy.h"
#include "net/sql_target.h"

namespace pharos::net {

struct SqlRequest {
  SqlTarget target;
  std::string query;  // one statement
  // Certificates to trust instead of the system's, PEM. With them TLS is verified in full unless
  // the target itself says how far.
  std::string ca_pem;
  int ip_version = 0;             // 0 any, 4, 6
  Duration timeout = Seconds(5);  // everything: resolve, connect, log in, query
  Purpose purpose = Purpose::kProbe;
};

enum class SqlFailure : uint8_t {
  kNone,
  kBlocked,  // outbound policy; never downtime
  kResolve,
  kRefused,
  kUnreachable,
  kTimeout,
  kTls,
  kLogin,     // the server does not let us in: password, database, too many connections
  kQuery,     // the server does not run the query
  kProtocol,  // not this database, a broken answer, or closed in the middle
  kTooLarge,  // more bytes than we read
  kOverload,  // our own caps, or shutting down; never downtime
};
std::string_view SqlFailureName(SqlFailure failure);

// Microseconds; -1 where the phase did not end.
struct SqlPhases {
  int64_t resolve_us = -1;
  int64_t connect_us = -1;  // TCP
  int64_t login_us = -1;    // TLS and login
  int64_t query_us = -1;    // from sent to the last row
  int64_t total_us = -1;    // all of them; waiting for a free thread is not counted
};

struct SqlAnswer {
  SqlFailure failure = SqlFailure::kNone;
  std::string message;         // for people; holds no password
  std::string remote_address;  // the address tried last, without port
  std::string server_version;  // "15.4", "10.11.6-MariaDB"
  std::string tls;             // "TLSv1.3"; empty = not encrypted
  SqlPhases phases;
  uint64_t rows = 0;                       // read; at most kMaxSqlRows
  bool more_rows = false;                  // there were more
  std::optional<std::string> first_value;  // first column of the first row, 1 KiB at most
};
using SqlDone = std::function<void(SqlAnswer answer)>;

inline constexpr uint64_t kMaxSqlRows = 10'000;
inline constexpr size_t kMaxSqlBytes = 4 * 1024 * 1024;  // of all that a server sends

struct SqlClientSettings {
  size_t max_in_flight = 64;  // threads; they exist only while there is work for them
  size_t max_queued = 10'000;
  std::string ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
  std::vector<std::string> dns_servers;  // empty = the system's
};

// Runs one query against PostgreSQL (libpq) or MySQL and MariaDB (libmariadb), each time over a new
// connection. Names are resolved by c-ares, every address is checked by the policy, a checked one
// is connected to (architecture D14). The libraries run on a bounded pool of threads, since parts
// of them compute or read without asking us (key stretching that a server orders); a thread that is
// held up there loses its place, and its check still ends in time. Thread-safe.
class SqlClient {
 public:
  // Forgets the PG* variables of the process, which libpq would read at each connection; to be
  // called before other threads read the environment.
  static Result<std::unique_ptr<SqlClient>> Start(const SqlClientSettings& settings,
                                                  const OutboundPolicy& policy, Metrics& metrics);
  // What is in flight ends with kOverload ("shutting down"). Nobody may call Start any more.
  virtual ~SqlClient() = default;

  // Always calls `done` exactly once, on the client's thread, never from inside this call.
  virtual void Start(SqlRequest request, SqlDone done) = 0;
  virtual size_t InFlight() const = 0;
};

}  // namespace pharos::net
