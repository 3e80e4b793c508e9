#include "net/sql_target.h"

#include <gtest/gtest.h>

namespace pharos::net {
namespace {

TEST(SqlTarget, ReadsEveryPart) {
  const auto target = SqlTarget::Parse(
      "postgresql://wat%63her:p%40ss%3Aw%2Frd@DB.Example.org:6432/shop%20db"
      "?sslmode=verify-full&application_name=probe&connect_timeout=3");
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->product, SqlProduct::kPostgres);
  EXPECT_EQ(target->user, "watcher");
  EXPECT_EQ(target->password, "p@ss:w/rd");
  EXPECT_EQ(target->host, "db.example.org");
  EXPECT_EQ(target->port, 6432);
  EXPECT_EQ(target->database, "shop db");
  EXPECT_EQ(target->tls, SqlTls::kVerifyFull);
  EXPECT_TRUE(target->tls_is_chosen);
  ASSERT_EQ(target->options.size(), 1u);
  EXPECT_EQ(target->options[0].first, "application_name");
}

TEST(SqlTarget, DefaultsFollowTheProduct) {
  const auto postgres = SqlTarget::Parse("postgres://u@h");
  ASSERT_TRUE(postgres);
  EXPECT_EQ(postgres->port, 5432);
  EXPECT_EQ(postgres->tls, SqlTls::kPrefer);
  EXPECT_FALSE(postgres->tls_is_chosen);
  EXPECT_EQ(postgres->database, "");
  for (const char* scheme : {"mysql", "mariadb", "MySQL"}) {
    const auto mysql = SqlTarget::Parse(std::string(scheme) + "://u:p@[::1]/db");
    ASSERT_TRUE(mysql) << mysql.error().message;
    EXPECT_EQ(mysql->product, SqlProduct::kMysql);
    EXPECT_EQ(mysql->port, 3306);
    EXPECT_EQ(mysql->host, "::1");
  }
}

TEST(SqlTarget, TlsWordsOfBothWorlds) {
  const struct {
    const char* text;
    SqlTls tls;
  } rows[] = {
      {"postgres://u@h/d?sslmode=disable", SqlTls::kDisable},
      {"postgres://u@h/d?sslmode=allow", SqlTls::kPrefer},
      {"postgres://u@h/d?sslmode=require", SqlTls::kRequire},
      {"postgres://u@h/d?ssl=true", SqlTls::kRequire},
      {"postgres://u@h/d?sslmode=verify-ca", SqlTls::kVerifyCa},
      {"mysql://u@h/d?ssl-mode=REQUIRED", SqlTls::kRequire},
      {"mysql://u@h/d?ssl_mode=VERIFY_IDENTITY", SqlTls::kVerifyFull},
      {"mysql://u@h/d?ssl=true", SqlTls::kVerifyFull},
      {"mysql://u@h/d?ssl=false", SqlTls::kDisable},
  };
  for (const auto& row : rows) {
    const auto target = SqlTarget::Parse(row.text);
    ASSERT_TRUE(target) << row.text << ": " << target.error().message;
    EXPECT_EQ(target->tls, row.tls) << row.text;
  }
}

TEST(SqlTarget, RefusalsSayWhatIsWrongAndRepeatNothing) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {"", "must begin with postgres://, postgresql://, mysql:// or mariadb://"},
      {"http://u:s3cret@h/d", "must begin with postgres://, postgresql://, mysql:// or mariadb://"},
      {"mysql", "must begin with postgres://, postgresql://, mysql:// or mariadb://"},
      {"postgres:u:s3cret@h", "must begin with postgres://, postgresql://, mysql:// or mariadb://"},
      {"mssql://sa:s3cret@h/d",
       "names SQL Server, which is not supported; PostgreSQL, MySQL and MariaDB are"},
      {"oracle://u:s3cret@h/d",
       "names Oracle, which is not supported; PostgreSQL, MySQL and MariaDB are"},
      {"sqlite:///etc/s3cret",
       "names SQLite, which is not supported; PostgreSQL, MySQL and MariaDB are"},
      {"postgres://h/d", "must name a user, as in postgres://user@host/db"},
      {"postgres://:s3cret@h/d", "must name a user before the '@'"},
      {"postgres://u:s3cret@/d",
       "must name a host, as in postgres://user:password@db.example.org/shop"},
      {"postgres://u:s3cret@%2Fvar%2Frun/d", "must name a host; Unix sockets are not connected to"},
      {"postgres://u:s3cret@h/d?host=/var/run",
       "must name host and port before the '?'; Unix sockets are not connected to"},
      {"mysql://u:s3cret@h/d?socket=/run/my",
       "must name host and port before the '?'; Unix sockets are not connected to"},
      {"postgres://u:s3cret@h1,h2/d", "must name one host; give each host its own monitor"},
      {"postgres://u:s3cret@h:0/d", "has a port outside 1 to 65535"},
      {"postgres://u:s3cret@h:70000/d", "has a port outside 1 to 65535"},
      {"postgres://u:s3cret@[::1/d", "has a host with an open bracket"},
      {"postgres://u:s3cret@[h]/d", "has a host in brackets that is no IPv6 address"},
      {"postgres://u:s3cret%zz@h/d", "has a part that is not percent-encoded UTF-8"},
      {"postgres://u:s3cret%00@h/d", "must not hold a zero byte"},
      {"postgres://u:s3cret@h/d?sslmode=maybe",
       "has an sslmode that is not disable, prefer, require, verify-ca or verify-full"},
      {"postgres://u:s3cret@h/d?sslkey=/etc/key", "must not hold the option sslkey"},
      {"postgres://u:s3cret@h/d?passfile=/etc/pass", "must not hold the option passfile"},
      {"postgres://u:s3cret@h/d?service=shop", "must not hold the option service"},
      {"postgres://u:s3cret@h/d?sslrootcert=/etc/ca",
       "must not name files; put the certificates to trust into ca_pem"},
      {"mysql://u:s3cret@h/d?options=-c%20x", "must not hold the option options"},
      {"mysql://u:s3cret@h/d?S3+x=1", "holds an option that is not known"},
      {"mysql://u:s3cret@h/d?flag", "has an option without a value"},
  };
  for (const auto& row : rows) {
    const auto target = SqlTarget::Parse(row.text);
    ASSERT_FALSE(target) << row.text;
    EXPECT_EQ(target.error().message, row.message) << row.text;
    EXPECT_EQ(target.error().message.find("s3cret"), std::string::npos) << row.text;
  }
  EXPECT_FALSE(SqlTarget::Parse("postgres://u@h/" + std::string(9000, 'x')));
}

}  // namespace
}  // namespace pharos::net
