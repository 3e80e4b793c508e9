#include "probe/sql/sql_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

std::vector<FieldError> ProblemsOf(std::string_view json) {
  const Catalog catalog;
  auto spec = catalog.ValidateSpec("sql", ParseSpec(json), "");
  return spec ? std::vector<FieldError>{} : spec.error().fields;
}

TEST(SqlProbe, DefaultsAreThoseOfTheOriginal) {
  const Catalog catalog;
  auto spec = catalog.ValidateSpec("sql", ParseSpec(R"({"connection_string":"mysql://u:p@h/d"})"));
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->StringOr("query", ""), "SELECT 1");
  EXPECT_EQ(spec->IntOr("timeout_ms", 0), 5000);
}

TEST(SqlProbe, ProblemsNameTheField) {
  const struct {
    const char* spec;
    const char* field;
    const char* message;
  } rows[] = {
      {R"({"connection_string":"mssql://sa:pw@h/d"})", "connection_string",
       "names SQL Server, which is not supported; PostgreSQL, MySQL and MariaDB are"},
      {R"({"connection_string":"oracle://sa:$PW@h/d"})", "connection_string",
       "names Oracle, which is not supported; PostgreSQL, MySQL and MariaDB are"},
      {R"({"connection_string":"postgres://u@h/d?host=/run"})", "connection_string",
       "must name host and port before the '?'; Unix sockets are not connected to"},
      {R"({"connection_string":"mysql://u@h/d","min_rows":3,"max_rows":2})", "max_rows",
       "must not be less than min_rows"},
      {R"({"connection_string":"mysql://u@h/d","value_op":"less","value":"x"})", "value",
       "must be a number, to be compared with"},
      {R"({"connection_string":"mysql://u@h/d","ca_pem":"x"})", "ca_pem",
       "must be PEM text (-----BEGIN CERTIFICATE-----)"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(ProblemsOf(row.spec), testing::ElementsAre(FieldError{row.field, row.message}))
        << row.spec;
  }
  for (const char* fine : {"$DATABASE", "${DATABASE}", "postgres://u:$PW@h/d", "mysql://$U@$H/d"}) {
    EXPECT_TRUE(ProblemsOf(std::string(R"({"connection_string":")") + fine + "\"}").empty())
        << fine;
  }
}

TEST(SqlProbe, WithoutConnectionsTheServerIsBlind) {
  FakeHttpClient http;
  ProbeBench bench(http);
  const Observation seen =
      bench.CheckSpec(ParseSpec(R"({"connection_string":"mysql://u:p@h/d"})"), "sql");
  EXPECT_EQ(seen.outcome, model::CheckOutcome::kBlind);
  EXPECT_EQ(seen.status, model::Status::kNoData);
  EXPECT_EQ(seen.message, "this server has no connections to databases");
}

}  // namespace
}  // namespace pharos::probe
