#include "net/sql_target.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "net/address.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxBytes = 8192;
constexpr size_t kMaxHostBytes = 253;
constexpr uint16_t kPostgresPort = 5432;
constexpr uint16_t kMysqlPort = 3306;

struct Scheme {
  std::string_view name;
  SqlProduct product;
};
constexpr std::array kSchemes = {
    Scheme{"postgres", SqlProduct::kPostgres},
    Scheme{"postgresql", SqlProduct::kPostgres},
    Scheme{"mysql", SqlProduct::kMysql},
    Scheme{"mariadb", SqlProduct::kMysql},
};

struct Foreign {
  std::string_view name;
  std::string_view product;
};
constexpr std::array kForeign = {
    Foreign{"mssql", "SQL Server"},     Foreign{"sqlserver", "SQL Server"},
    Foreign{"oracle", "Oracle"},        Foreign{"oracledb", "Oracle"},
    Foreign{"sqlite", "SQLite"},        Foreign{"sqlite3", "SQLite"},
    Foreign{"mongodb", "MongoDB"},      Foreign{"mongodb+srv", "MongoDB"},
    Foreign{"clickhouse", "ClickHouse"}};

// Options that PostgreSQL gets as they are.
constexpr std::array<std::string_view, 5> kHandedOn = {
    "application_name", "options", "channel_binding", "ssl_min_protocol_version",
    "target_session_attrs"};
// Options that mean nothing to one check: time-out and text encoding are ours.
constexpr std::array<std::string_view, 10> kIgnored = {
    "connect_timeout",           "client_encoding", "keepalives",       "keepalives_idle",
    "keepalives_interval",       "charset",         "keepalives_count", "tcp_user_timeout",
    "fallback_application_name", "timezone"};

template <size_t n>
bool IsIn(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error Bad(std::string message) { return Error(ErrorKind::kInvalid, std::move(message)); }

Result<std::string> Decode(std::string_view text) {
  std::optional<std::string> decoded = PercentDecode(text);
  if (!decoded) return Bad("has a part that is not percent-encoded UTF-8");
  if (decoded->find('\0') != std::string::npos) return Bad("must not hold a zero byte");
  return std::move(*decoded);
}

std::optional<SqlTls> TlsOf(std::string_view word) {
  std::string plain = AsciiLower(word);
  std::replace(plain.begin(), plain.end(), '_', '-');
  if (plain == "disable" || plain == "disabled") return SqlTls::kDisable;
  if (plain == "allow" || plain == "prefer" || plain == "preferred") return SqlTls::kPrefer;
  if (plain == "require" || plain == "required") return SqlTls::kRequire;
  if (plain == "verify-ca") return SqlTls::kVerifyCa;
  if (plain == "verify-full" || plain == "verify-identity") return SqlTls::kVerifyFull;
  return std::nullopt;
}

bool IsName(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  return host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

Status ReadHostAndPort(std::string_view text, SqlTarget& target) {
  std::string_view port;
  std::string_view host = text;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return Bad("has a host with an open bracket");
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return Bad("has no port after the host");
    if (!IpAddress::Parse(host)) return Bad("has a host in brackets that is no IPv6 address");
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  PHAROS_ASSIGN_OR_RETURN(const std::string decoded, Decode(host));
  if (decoded.find('/') != std::string::npos) {
    return Bad("must name a host; Unix sockets are not connected to");
  }
  if (decoded.find(',') != std::string::npos || text.find(',') != std::string_view::npos) {
    return Bad("must name one host; give each host its own monitor");
  }
  target.host = AsciiLower(decoded);
  if (!IsName(target.host) && !IpAddress::Parse(target.host)) {
    return Bad("must name a host, as in postgres://user:password@db.example.org/shop");
  }
  target.port = target.product == SqlProduct::kPostgres ? kPostgresPort : kMysqlPort;
  if (port.size() <= 1) return Ok();
  const std::optional<int64_t> number = ParseInt(port.substr(1));
  if (!number || *number < 1 || *number > 65535) return Bad("has a port outside 1 to 65535");
  target.port = static_cast<uint16_t>(*number);
  return Ok();
}

Status ReadOption(std::string_view name, std::string value, SqlTarget& target) {
  const std::string key = AsciiLower(name);
  const bool is_postgres = target.product == SqlProduct::kPostgres;
  if (key == "sslmode" || key == "ssl-mode" || key == "ssl_mode") {
    const std::optional<SqlTls> tls = TlsOf(value);
    if (!tls) {
      return Bad("has an sslmode that is not disable, prefer, require, verify-ca or verify-full");
    }
    target.tls = *tls;
    target.tls_is_chosen = true;
    return Ok();
  }
  if (key == "ssl" && (value == "true" || value == "false" || value == "1" || value == "0")) {
    // As libpq and the usual drivers of MySQL read it.
    const bool on = value == "true" || value == "1";
    target.tls = !on ? SqlTls::kDisable : is_postgres ? SqlTls::kRequire : SqlTls::kVerifyFull;
    target.tls_is_chosen = true;
    return Ok();
  }
  if (IsIn(kIgnored, key)) return Ok();
  if (is_postgres && IsIn(kHandedOn, key)) {
    target.options.emplace_back(key, std::move(value));
    return Ok();
  }
  if (key == "host" || key == "hostaddr" || key == "port" || key == "socket") {
    return Bad("must name host and port before the '?'; Unix sockets are not connected to");
  }
  if (key == "sslrootcert" || key == "sslca" || key == "ssl-ca" || key == "ssl_ca") {
    return Bad("must not name files; put the certificates to trust into ca_pem");
  }
  const bool is_word =
      !key.empty() && key.size() <= 40 && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || c == '-';
      });
  return Bad(is_word ? "must not hold the option " + key : "holds an option that is not known");
}

Status ReadOptions(std::string_view text, SqlTarget& target) {
  for (const std::string_view pair : Split(text, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return Bad("has an option without a value");
    PHAROS_ASSIGN_OR_RETURN(std::string value, Decode(pair.substr(equals + 1)));
    if (Status read = ReadOption(pair.substr(0, equals), std::move(value), target); !read) {
      return read;
    }
  }
  return Ok();
}

Status ReadUser(std::string_view text, SqlTarget& target) {
  const size_t colon = text.find(':');
  PHAROS_ASSIGN_OR_RETURN(target.user, Decode(text.substr(0, colon)));
  if (target.user.empty()) return Bad("must name a user before the '@'");
  if (colon == std::string_view::npos) return Ok();
  PHAROS_ASSIGN_OR_RETURN(target.password, Decode(text.substr(colon + 1)));
  return Ok();
}

}  // namespace

Result<SqlProduct> SqlProductOf(std::string_view text) {
  const size_t end = text.find(':');
  const std::string scheme = AsciiLower(text.substr(0, std::min<size_t>(end, 20)));
  for (const Foreign& foreign : kForeign) {
    if (scheme == foreign.name) {
      return Bad("names " + std::string(foreign.product) +
                 ", which is not supported; PostgreSQL, MySQL and MariaDB are");
    }
  }
  for (const Scheme& known : kSchemes) {
    if (scheme == known.name && text.substr(scheme.size()).starts_with("://")) return known.product;
  }
  return Bad("must begin with postgres://, postgresql://, mysql:// or mariadb://");
}

Result<SqlTarget> SqlTarget::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) return Bad("is too long");
  SqlTarget target;
  PHAROS_ASSIGN_OR_RETURN(target.product, SqlProductOf(text));
  std::string_view rest = text.substr(text.find("://") + 3);
  std::string_view options;
  if (const size_t mark = rest.find('?'); mark != std::string_view::npos) {
    options = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  std::string_view database;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    database = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  const size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return Bad("must name a user, as in postgres://user@host/db");
  if (Status user = ReadUser(rest.substr(0, at), target); !user) return user.error();
  if (Status host = ReadHostAndPort(rest.substr(at + 1), target); !host) return host.error();
  PHAROS_ASSIGN_OR_RETURN(target.database, Decode(database));
  if (Status read = ReadOptions(options, target); !read) return read.error();
  return target;
}

}  // namespace pharos::net
