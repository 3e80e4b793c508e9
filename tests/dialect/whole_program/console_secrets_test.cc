// Secrets against targets that send back what they get, and against the organisation next door: a
// value goes out to the target and nowhere else.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "net/testing/scripted_server.h"
#include "store/organisation_store.h"
#include "whole_program.h"

namespace pharos {
namespace {

constexpr const char* kValue = "Zq8&x/R+4=w*Secret-93";

// The forms in which a value may come out.
std::vector<std::string> Forms(const std::string& value) {
  std::string escaped;
  JsonWriter(escaped).String(value);
  return {value,
          PercentEncode(value),
          AsciiLower(value),
          AsciiLower(PercentEncode(value)),
          escaped.substr(1, escaped.size() - 2),
          Base64Encode(value),
          "Zq8&amp;x/R"};
}

// Answers with everything that it was sent, in the reason, a header and the body.
class Echo {
 public:
  Echo()
      : server_([this](net::ScriptedConnection& connection) {
          const std::string request = connection.ReadRequest();
          if (request.empty()) return;
          {
            std::lock_guard lock(mutex_);
            requests_.push_back(request);
          }
          std::string line = request;
          for (char& c : line) {
            if (c == '\r' || c == '\n') c = ' ';
          }
          std::string html;
          for (const char c : request) html += c == '&' ? "&amp;" : std::string(1, c);
          const std::string body =
              request + Base64Encode(kValue) + PercentEncode(kValue) + AsciiLower(kValue) + html;
          connection.Send("HTTP/1.1 500 " + line.substr(0, 300) + "\r\nX-Echo: " + line +
                          "\r\nContent-Length: " + std::to_string(body.size()) +
                          "\r\nConnection: close\r\n\r\n" + body);
        }) {}
  std::string Url(const std::string& path) const { return server_.Url(path); }
  std::vector<std::string> Requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
  net::ScriptedServer server_;  // last: it calls back
};

class ConsoleSecretsTest : public WholeProgramTest {
 protected:
  void SetUp() override {
    WholeProgramTest::SetUp();
    UseKeyOf("console");
    model::Organisation other;
    other.name = "other";
    other.created_at = clock_.Now();
    ASSERT_TRUE(wiring_->store().Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(other, wiring_->store().organisations().Insert(tx, other));
      return Ok();
    }));
    other_ = other.id;
  }
  void SetSecret(const std::string& name, const std::string& value) {
    Value body;
    body.Set("value", value);
    Send("PUT", "/console/api/v1/secrets/" + name, WriteJson(body), 200);
  }
  static std::string MonitorBody(const std::string& tag, const std::string& url) {
    Value header;
    header.Set("name", "Authorization");
    header.Set("value", "Bearer $TOKEN");
    Value spec;
    spec.Set("url", url);
    spec.Set("method", "POST");
    spec.Set("headers", Value::List{header});
    spec.Set("body", "token=${TOKEN}&x=$NOBODY");
    spec.Set("retries", 0);  // the clock stands still
    Value body;
    body.Set("tag", tag);
    body.Set("name", tag);
    body.Set("kind", "http");
    body.Set("spec", std::move(spec));
    return WriteJson(body);
  }
  void ExpectNoValue(const std::string& text, const std::string& where) {
    for (const std::string& form : Forms(kValue)) {
      EXPECT_EQ(text.find(form), std::string::npos) << where << " shows " << form;
    }
  }
  std::string DatabaseBytes() {
    std::string folder =
        (std::filesystem::temp_directory_path() / "pharos-secrets-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/copy.db";
    EXPECT_TRUE(wiring_->store().BackupTo(path));
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    std::filesystem::remove_all(folder);
    return bytes.str();
  }

  model::OrgId other_;
};

TEST_F(ConsoleSecretsTest, AValueThatTheTargetSendsBackComesOutNowhere) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  Echo echo;
  SetSecret("TOKEN", kValue);
  const std::string body = MonitorBody("web", echo.Url("/a?t=$TOKEN"));
  Post("/console/api/v1/monitors", body, 201);
  std::string seen;
  seen += WriteJson(Send("POST", "/console/api/v1/monitors/web/check", "", 200));
  Value test;
  test.Set("monitor", "web");
  seen += WriteJson(Post("/console/api/v1/tests", WriteJson(test), 200));
  for (const char* path : {"/console/api/v1/monitors", "/console/api/v1/monitors/web",
                           "/console/api/v1/monitors/web/checks", "/console/api/v1/secrets"}) {
    seen += WriteJson(Send("GET", path, "", 200));
  }
  seen += DatabaseBytes() + wiring_->metrics().Render();
  const std::string logs =
      testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
  ExpectNoValue(seen, "an answer or the database");
  ExpectNoValue(logs, "the log");
  EXPECT_NE(seen.find("\"status\":\"down\""), std::string::npos);
  const std::vector<std::string> requests = echo.Requests();
  ASSERT_GE(requests.size(), 2u);
  EXPECT_NE(requests[0].find("Authorization: Bearer " + std::string(kValue)), std::string::npos);
  EXPECT_NE(requests[0].find("/a?t=" + std::string(kValue)), std::string::npos);
  EXPECT_NE(requests[0].find("token=" + std::string(kValue) + "&x=$NOBODY"), std::string::npos);
}

TEST_F(ConsoleSecretsTest, AnotherOrganisationsMonitorsDoNotFindIt) {
  SetSecret("TOKEN", kValue);
  Echo echo;
  const service::NewKey wanted{"console", "theirs", {}, std::nullopt, ""};
  setenv("MONITOR_OPERATOR", "operators-own-value", 1);
  // Their key, their monitor, our name.
  auto made = wiring_->use_cases().keys.Create(other_, "test", wanted);
  ASSERT_TRUE(made);
  UseKey(made->text.Reveal());
  Post("/console/api/v1/monitors", MonitorBody("web", echo.Url("/b?o=$MONITOR_OPERATOR")), 201);
  Send("POST", "/console/api/v1/monitors/web/check", "", 200);
  Value test;
  test.Set("monitor", "web");
  Post("/console/api/v1/tests", WriteJson(test), 200);
  const Value list = Send("GET", "/console/api/v1/secrets", "", 200);
  EXPECT_TRUE(list.Find("items")->AsList().empty());
  Send("DELETE", "/console/api/v1/secrets/TOKEN", "", 404);
  unsetenv("MONITOR_OPERATOR");
  const std::vector<std::string> requests = echo.Requests();
  ASSERT_GE(requests.size(), 2u);
  for (const std::string& request : requests) {
    EXPECT_NE(request.find("Bearer $TOKEN"), std::string::npos) << request;
    EXPECT_EQ(request.find("operators-own-value"), std::string::npos) << request;
    ExpectNoValue(request, "their target");
  }
}

TEST_F(ConsoleSecretsTest, AChangeCountsFromTheNextCheckOn) {
  Echo echo;
  Post("/console/api/v1/monitors", MonitorBody("web", echo.Url("/c")), 201);
  // A check that is under way already is the one that answers, so the next one may be meant.
  const auto reaches = [&](const std::string& text) {
    for (int i = 0; i < 5; ++i) {
      Send("POST", "/console/api/v1/monitors/web/check", "", 200);
      const std::vector<std::string> requests = echo.Requests();
      if (!requests.empty() && requests.back().find(text) != std::string::npos) return true;
    }
    return false;
  };
  SetSecret("TOKEN", "first-value");
  EXPECT_TRUE(reaches("Bearer first-value"));
  SetSecret("TOKEN", "second-value");
  EXPECT_TRUE(reaches("Bearer second-value"));
  Send("DELETE", "/console/api/v1/secrets/TOKEN", "", 200);
  EXPECT_TRUE(reaches("Bearer $TOKEN"));
}

}  // namespace
}  // namespace pharos
