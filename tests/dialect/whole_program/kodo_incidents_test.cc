// Incidents that open by themselves: kodo.md 7.1, checks 51 to 53 and 71. Failed checks are
// repeated after three seconds, so the clock is moved on while an answer is awaited.
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>

#include "net/testing/scripted_server.h"
#include "whole_program.h"

namespace pharos {
namespace {

using net::ScriptedServer;

// A web server that answers what the test says at the moment.
class Moody {
 public:
  void Fail(bool fails) {
    std::lock_guard lock(mutex_);
    fails_ = fails;
  }
  std::string Url() const { return server_.Url(); }

 private:
  std::string Answer() {
    std::lock_guard lock(mutex_);
    return fails_ ? "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
                  : ScriptedServer::Ok("fine");
  }

  std::mutex mutex_;
  bool fails_ = true;
  ScriptedServer server_{[this](net::ScriptedConnection& connection) {
    if (!connection.ReadRequest().empty()) connection.Send(Answer());
  }};
};

class KodoIncidentsTest : public WholeProgramTest {
 protected:
  void SetUp() override {
    WholeProgramTest::SetUp();
    UseKeyOf("kodo");
  }

  // Moves the clock on until it holds, five times as fast as the world: a program that sees ten
  // seconds pass at once believes to have slept, and then nothing that it missed counts.
  bool MoveUntil(const std::function<bool()>& holds) {
    constexpr int kSteps = 600;
    std::mutex mutex;
    std::condition_variable never;
    for (int i = 0; i < kSteps; ++i) {
      if (holds()) return true;
      clock_.Advance(Milliseconds(500));
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(100));
    }
    return false;
  }
  // The same while time stands still, for what follows by itself.
  bool Await(const std::function<bool()>& holds) {
    std::mutex mutex;
    std::condition_variable never;
    for (int i = 0; i < 1000; ++i) {
      if (holds()) return true;
      std::unique_lock lock(mutex);
      never.wait_for(lock, std::chrono::milliseconds(20));
    }
    return false;
  }

  Value Get(const std::string& target) { return Send("GET", target, "", 200); }
  std::string Make(const std::string& target, const std::string& body) {
    return Post(target, body, 201).StringOr("id", "");
  }
  std::string MakeMonitor(const std::string& name, const Moody& target,
                          const std::string& service) {
    return Make("/api/v1/uptime-monitors", R"({"name":")" + name + R"(","url":")" + target.Url() +
                                               R"(","interval_seconds":1800,"service_id":")" +
                                               service + R"("})");
  }
  std::string StatusOf(const std::string& target) { return Get(target).StringOr("status", ""); }
  bool AwaitStatus(const std::string& target, const std::string& status) {
    return Await([&] { return StatusOf(target) == status; });
  }
  // The status that a check now finds.
  std::string CheckNow(const std::string& monitor) {
    auto answer = std::async(std::launch::async, [&] {
      return Post("/api/v1/uptime-monitors/" + monitor, "", 200).StringOr("status", "");
    });
    MoveUntil(
        [&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return answer.get();
  }
  Value::List IncidentsOf(const std::string& monitor) {
    Value::List found;
    const Value reply = Get("/api/v1/incidents");
    for (const Value& incident : reply.Find("incidents")->AsList()) {
      if (incident.StringOr("monitor_id", "") == monitor) found.push_back(incident);
    }
    return found;
  }
};

// Checks 51 and 52.
TEST_F(KodoIncidentsTest, TheThirdFailureOpensOneIncidentAndTheRecoveryEndsIt) {
  Moody target;
  const std::string service = Make("/api/v1/services", R"({"name":"Checkout"})");
  const std::string monitor = MakeMonitor("Front", target, service);
  const std::string monitor_path = "/api/v1/uptime-monitors/" + monitor;
  const std::string service_path = "/api/v1/services/" + service;
  ASSERT_TRUE(MoveUntil([&] { return StatusOf(monitor_path) == "down"; }));  // the first failure
  EXPECT_TRUE(AwaitStatus(service_path, "major_outage"));
  EXPECT_TRUE(IncidentsOf(monitor).empty());
  EXPECT_EQ(CheckNow(monitor), "down");
  EXPECT_TRUE(IncidentsOf(monitor).empty());
  EXPECT_EQ(CheckNow(monitor), "down");
  ASSERT_TRUE(Await([&] { return IncidentsOf(monitor).size() == 1; }));
  const Value opened = IncidentsOf(monitor).front();
  EXPECT_EQ(opened.StringOr("severity", ""), "major");
  EXPECT_EQ(opened.StringOr("source", ""), "uptime");
  EXPECT_EQ(opened.StringOr("status", ""), "investigating");
  EXPECT_EQ(opened.Find("services")->AsList().size(), 1U);

  EXPECT_EQ(CheckNow(monitor), "down");
  EXPECT_EQ(IncidentsOf(monitor).size(), 1U);

  target.Fail(false);
  EXPECT_EQ(CheckNow(monitor), "up");
  EXPECT_TRUE(AwaitStatus(service_path, "operational"));
  EXPECT_TRUE(
      Await([&] { return IncidentsOf(monitor).front().StringOr("status", "") == "resolved"; }));

  // Within the cooldown nothing new is opened.
  target.Fail(true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(CheckNow(monitor), "down");
  EXPECT_TRUE(AwaitStatus(service_path, "major_outage"));
  EXPECT_EQ(IncidentsOf(monitor).size(), 1U);
}

// Check 53.
TEST_F(KodoIncidentsTest, AMaintenanceOfTheServiceKeepsQuiet) {
  Moody target;
  const std::string service = Make("/api/v1/services", R"({"name":"Checkout"})");
  const std::string other = Make("/api/v1/services", R"({"name":"Search"})");
  Make("/api/v1/maintenance", R"({"title":"Move","services":["Checkout"],"scheduled_start":")" +
                                  FormatIsoSeconds(clock_.Now() - Minutes(1)) +
                                  R"(","scheduled_end":")" +
                                  FormatIsoSeconds(clock_.Now() + Hours(8)) + R"("})");
  EXPECT_EQ(StatusOf("/api/v1/services/" + service), "maintenance");
  const std::string quiet = MakeMonitor("Front", target, service);
  const std::string loud = MakeMonitor("Back", target, other);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(CheckNow(quiet), "down");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(CheckNow(loud), "down");
  ASSERT_TRUE(Await([&] { return IncidentsOf(loud).size() == 1; }));
  EXPECT_TRUE(IncidentsOf(quiet).empty());
}

// Check 71.
TEST_F(KodoIncidentsTest, SilenceOfAHeartbeatOpensOneMinorIncident) {
  const std::string service = Make("/api/v1/services", R"({"name":"Import"})");
  const std::string monitor =
      Make("/api/v1/heartbeat-monitors",
           R"({"name":"Nightly","interval_seconds":30,"grace_seconds":0,"service_id":")" + service +
               R"("})");
  const std::string path = "/api/heartbeat/" + monitor;
  Post(path, "", 200);
  EXPECT_EQ(StatusOf(path), "up");
  ASSERT_TRUE(MoveUntil([&] { return !IncidentsOf(monitor).empty(); }));
  EXPECT_EQ(StatusOf(path), "down");
  ASSERT_EQ(IncidentsOf(monitor).size(), 1U);
  EXPECT_EQ(IncidentsOf(monitor).front().StringOr("severity", ""), "minor");
  EXPECT_EQ(IncidentsOf(monitor).front().StringOr("source", ""), "heartbeat");
  EXPECT_TRUE(AwaitStatus("/api/v1/services/" + service, "major_outage"));

  Post(path, "", 200);
  EXPECT_EQ(StatusOf(path), "up");
  EXPECT_TRUE(AwaitStatus("/api/v1/services/" + service, "operational"));
  EXPECT_TRUE(
      Await([&] { return IncidentsOf(monitor).front().StringOr("status", "") == "resolved"; }));
}

}  // namespace
}  // namespace pharos
