#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pharos::net {

enum class SqlProduct : uint8_t { kPostgres, kMysql };

// How far TLS has to go, by PostgreSQL's words (sslmode).
enum class SqlTls : uint8_t {
  kDisable,
  kPrefer,   // encrypted when the server can; nobody is verified
  kRequire,  // encrypted, nobody is verified
  kVerifyCa,
  kVerifyFull,  // a trusted certificate for the host
};

// Where a database is and who asks, read from "postgres://user:password@host:port/database?options"
// (also postgresql, mysql, mariadb).
struct SqlTarget {
  SqlProduct product = SqlProduct::kPostgres;
  std::string user;
  std::string password;
  std::string host;  // lower case, IPv6 without brackets
  uint16_t port = 0;
  std::string database;
  SqlTls tls = SqlTls::kPrefer;
  bool tls_is_chosen = false;  // the string itself says how far
  // Handed on to PostgreSQL: application_name, options, channel_binding, ssl_min_protocol_version,
  // target_session_attrs.
  std::vector<std::pair<std::string, std::string>> options;

  // Strict: percent-encoding is undone, unknown options, options that name files, Unix sockets and
  // several hosts are refused. Error: kInvalid with a text that never repeats what was given.
  static Result<SqlTarget> Parse(std::string_view text);
};

// The product that a string's scheme names. Error: kInvalid, for a scheme of another database with
// its name.
Result<SqlProduct> SqlProductOf(std::string_view text);

}  // namespace pharos::net
