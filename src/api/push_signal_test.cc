#include "api/push_signal.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"

namespace pharos::api {
namespace {

using model::Status;

http::Request RequestOf(std::string query, std::string body = "") {
  http::Request request;
  request.query = std::move(query);
  request.body = std::move(body);
  return request;
}

// "status latency message metrics", or the field that is wrong.
std::string Read(std::string query, std::string body = "") {
  const auto signal = ReadPushSignal(RequestOf(std::move(query), std::move(body)));
  if (!signal) {
    const Error& error = signal.error();
    return error.fields.empty() ? "! " + error.message : "! " + error.fields.front().field;
  }
  std::string out(model::StatusName(signal->status));
  if (signal->latency_ms) out += " " + std::to_string(static_cast<int>(*signal->latency_ms));
  if (!signal->message.empty()) out += " '" + signal->message + "'";
  if (!signal->metrics.IsNull()) out += " " + WriteJson(signal->metrics);
  return out;
}

TEST(PushSignal, QueriesAndBodies) {
  struct Row {
    const char* query;
    const char* body;
    const char* read;
  };
  constexpr Row kRows[] = {
      {"", "", "up"},
      {"status=up&msg=OK&ping=", "", "up 'OK'"},
      {"status=down&msg=disk+full&ping=12", "", "down 12 'disk full'"},
      {"status=DEGRADED&latency=7.9", "", "degraded 7"},
      {"status=ok", "", "up"},
      {"status=warning", "", "degraded"},
      {"status=error", "", "down"},
      {"status=", "", "up"},
      {"who=knows&cares=not", "", "up"},
      {"status=maybe", "", "! status"},
      {"ping=fast", "", "! ping"},
      {"ping=-1", "", "! ping"},
      {"metrics.queue=17&metrics.free=2.5", "", R"(up {"queue":17,"free":2.5})"},
      {"metrics.queue=many", "", "! metrics.queue"},
      {"metrics=%7B%22q%22:1%7D", "", R"(up {"q":1})"},
      {"metrics=[1]", "", "! metrics"},
      {"", R"({"status":"down","latency_ms":3,"message":"x","metrics":{"q":1}})",
       R"(down 3 'x' {"q":1})"},
      {"status=up", R"({"status":"down"})", "down"},
      {"", "status=degraded&msg=form", "degraded 'form'"},
      {"", R"({"status":1})", "! status"},
      {"", R"({"message":1})", "! message"},
      {"", R"({"metrics":[]})", "! metrics"},
      {"", R"({"latency":null,"message":null,"more":{}})", "up"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Read(row.query, row.body), row.read) << row.query << " " << row.body;
  }
}

TEST(PushSignal, IsBounded) {
  EXPECT_EQ(Read("", std::string(16 * 1024 + 1, 'x')), "! A report may have at most 16 KiB");
  EXPECT_EQ(Read("", "{\"status\":").front(), '!');
  http::Request large;
  large.body_too_large = true;
  EXPECT_FALSE(ReadPushSignal(large));
  const auto cut = ReadPushSignal(RequestOf("msg=" + std::string(1'000, 'x')));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->message.size(), model::kMaxMessageBytes);
}

}  // namespace
}  // namespace pharos::api
