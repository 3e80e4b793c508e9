// What a pause does to the checks of a monitor: kener-classic.md 6.8, checks 43 and 44. A monitor
// is checked once at once when it is new or changed, so the first check of a second monitor tells
// that the scheduler has looked at everything that was due before.
#include <string>

#include "net/testing/scripted_server.h"
#include "whole_program.h"

namespace pharos {
namespace {

using net::ScriptedServer;

class KenerClassicPauseTest : public WholeProgramTest {
 protected:
  std::string MakeMonitor(const std::string& name, const ScriptedServer& target) {
    Value body;
    body.Set("name", name);
    body.Set("type", "API");
    body.Set("url", target.Url());
    body.Set("interval", 60);
    const Value made = Post("/api/monitors", WriteJson(body), 201);
    const Value* data = made.Find("data");
    return data != nullptr ? data->StringOr("id", "") : "";
  }
};

TEST_F(KenerClassicPauseTest, NothingIsCheckedUntilItIsResumed) {
  UseKeyOf("kener_classic");
  ScriptedServer target(ScriptedServer::Answer(ScriptedServer::Ok("fine")));
  ScriptedServer other(ScriptedServer::Answer(ScriptedServer::Ok("fine")));
  const std::string id = MakeMonitor("Ledger API", target);
  ASSERT_TRUE(target.WaitForConnections(1));

  Post("/api/monitors/" + id + "/pause", "", 200);
  const size_t before = target.ConnectionCount();
  for (int i = 0; i < 24; ++i) clock_.Advance(Seconds(5));  // two intervals
  MakeMonitor("Other", other);
  ASSERT_TRUE(other.WaitForConnections(1));
  EXPECT_EQ(target.ConnectionCount(), before);

  Post("/api/monitors/" + id + "/resume", "", 200);
  EXPECT_TRUE(target.WaitForConnections(before + 1));
}

}  // namespace
}  // namespace pharos
