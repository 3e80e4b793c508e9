#include "probe/game/game_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/datagram_server.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "probe/game/game_reply.h"
#include "probe/testing/fakes.h"
#include "script/evaluator.h"

namespace pharos::probe {
namespace {

using namespace std::string_literals;
using model::CheckOutcome;
using model::Status;
using testing::HasSubstr;
using Replies = std::vector<std::string>;

const std::string kHead = "\xff\xff\xff\xff";

std::string SourceInfo() {
  return kHead + "I\x11"s + "Best server\0de_dust2\0csgo\0Counter-Strike\0"s +
         "\xda\x02\x03\x10\x01" + "dl"s + "\0\x01"s + "1.38\0"s;
}

// A Source server of a test: asks for its challenge, splits its rules.
Replies AnswerSource(const std::string& datagram) {
  const std::string challenge = "\x11\x22\x33\x44";
  if (datagram.size() < 5) return {};
  const bool challenged = datagram.ends_with(challenge);
  if (!challenged) return {kHead + "A" + challenge};
  if (datagram[4] == 'T') return {SourceInfo()};
  if (datagram[4] == 'U') return {kHead + "D\x01"s + "\0ada\0\x05\0\0\0\0\0\x70\x42"s};
  const std::string rules = kHead + "E\x02\0a\0"s + "1\0b\0"s + "2\0"s;
  const std::string split = "\xfe\xff\xff\xff\x09\0\0\0\x02"s;
  return {split + "\x01\xe0\x04" + rules.substr(8), split + "\0\xe0\x04"s + rules.substr(0, 8)};
}

std::string JavaPacket(const std::string& json) {
  std::string body(1, '\0');
  AppendVarInt(body, static_cast<uint32_t>(json.size()));
  body += json;
  std::string packet;
  AppendVarInt(packet, static_cast<uint32_t>(body.size()));
  return packet + body;
}

std::string BedrockPong(const std::string& ping) {
  const std::string text = "MCPE;My world;671;1.20.80;1;10;1;Level one;Survival;";
  return "\x1c" + ping.substr(1, 8) + "serverid" + std::string(RakNetMagic()) + "\0"s +
         static_cast<char>(text.size()) + text;
}

class GameProbeNet : public testing::Test {
 protected:
  Observation Check(const char* game, uint16_t port, std::string_view more = "{}") {
    Value spec = ParseSpec(more);
    spec.Set("game", game);
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(port));
    return bench_.CheckSpec(spec, "game");
  }
  static const Value& Game(const Observation& seen) {
    static const Value none;
    const Value* game = seen.facts.Find("game");
    return game == nullptr ? none : *game;
  }

  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(GameProbeNet, SourceWithChallengePlayersAndRules) {
  net::DatagramServer server(AnswerSource);
  const Observation seen = Check("csgo", server.port(), R"({"request_rules":true})");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_TRUE(seen.latency_ms);
  EXPECT_EQ(seen.code, 3);
  const Value& game = Game(seen);
  EXPECT_EQ(game.StringOr("name", ""), "Best server");
  EXPECT_EQ(game.IntOr("numplayers", 0), 3);
  EXPECT_EQ(game.StringOr("connect", ""), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(game.Find("players")->AsList()[0].StringOr("name", ""), "ada");
  EXPECT_EQ(game.Find("raw")->Find("rules")->StringOr("b", ""), "2");
  EXPECT_EQ(EvidenceOf(seen, "players"), "3 of 16");
  EXPECT_EQ(server.Count(), 6u);
}

TEST_F(GameProbeNet, PlayersThatDoNotComeDoNotMatter) {
  net::DatagramServer server([](const std::string& datagram) -> Replies {
    return datagram[4] == 'T' ? Replies{SourceInfo()} : Replies{};
  });
  const Observation seen = Check("css", server.port(), R"({"timeout_ms":700})");
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_TRUE(Game(seen).Find("players")->AsList().empty());
}

TEST_F(GameProbeNet, MinecraftOverTcpAndBedrock) {
  std::string hello;
  net::ScriptedServer java([&](net::ScriptedConnection& peer) {
    hello = peer.ReadBytes(18);
    peer.Send(JavaPacket(R"({"version":{"name":"1.20"},"players":{"max":20,"online":2},)"
                         R"("description":"Hi"})"));
    peer.WaitForClose();
  });
  const Observation seen = Check("minecraft", java.port());
  EXPECT_EQ(seen.status, Status::kUp) << seen.message;
  EXPECT_EQ(Game(seen).StringOr("name", ""), "Hi");
  EXPECT_THAT(hello, HasSubstr("127.0.0.1"));
  EXPECT_TRUE(hello.ends_with("\x01\x01\0"s));

  net::DatagramServer bedrock(
      [](const std::string& ping) -> Replies { return {"nonsense", BedrockPong(ping)}; });
  for (const char* game : {"mbe", "minecraft"}) {
    const Observation pocket = Check(game, bedrock.port());
    EXPECT_EQ(pocket.status, Status::kUp) << game << pocket.message;
    EXPECT_EQ(Game(pocket).StringOr("map", ""), "Level one");
  }
}

TEST_F(GameProbeNet, QuakeGamespyAndPlain) {
  net::DatagramServer quake([](const std::string& ask) -> Replies {
    if (ask == kHead + "getstatus\n") {
      return {kHead + "statusResponse\n\\sv_hostname\\Arena\\mapname\\q3dm17\n1 40 \"ada\"\n"};
    }
    if (ask == kHead + "status\n") return {kHead + "print\n\\hostname\\Two\\mapname\\base1\n"};
    if (ask == "\\status\\") {
      return {"\\hostname\\UT\\mapname\\DM\\maxplayers\\8\\queryid\\1.1",
              "\\final\\\\queryid\\1.2"};
    }
    return {"pong"};
  });
  const struct {
    const char* game;
    const char* name;
  } rows[] = {{"quake3", "Arena"}, {"quake2", "Two"}, {"protocol-gamespy1", "UT"}, {"udp", ""}};
  for (const auto& row : rows) {
    const Observation seen = Check(row.game, quake.port());
    EXPECT_EQ(seen.status, Status::kUp) << row.game << seen.message;
    EXPECT_EQ(Game(seen).StringOr("name", "-"), row.name);
  }
  net::ScriptedServer open([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  EXPECT_EQ(Check("tcp", open.port()).status, Status::kUp);
}

TEST_F(GameProbeNet, FailuresAreToldApart) {
  net::DatagramServer silent([](const std::string&) { return Replies{}; });
  const struct {
    const char* game;
    const char* message;
  } rows[] = {
      {"csgo", "in time (waiting for the answer to A2S_INFO)"},
      {"quake3", "in time (waiting for the answer to getstatus)"},
      {"mbe", "in time (waiting for the answer to a RakNet ping)"},
      {"minecraft", "connection refused by 127.0.0.1:"},
  };
  for (const auto& row : rows) {
    const Observation seen = Check(row.game, silent.port(), R"({"timeout_ms":200})");
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, HasSubstr(row.message)) << row.game;
    EXPECT_FALSE(seen.latency_ms);
  }
  EXPECT_EQ(Check("csgo", silent.port(), R"({"timeout_ms":150})").outcome, CheckOutcome::kTimeout);

  net::DatagramServer wrong([](const std::string&) -> Replies { return {"hello", kHead + "Q"}; });
  EXPECT_EQ(Check("csgo", wrong.port(), R"({"timeout_ms":200})").outcome, CheckOutcome::kTimeout);
  net::DatagramServer cut(
      [](const std::string&) -> Replies { return {SourceInfo().substr(0, 20)}; });
  EXPECT_EQ(Check("csgo", cut.port()).message, "the answer to A2S_INFO is cut off");
  const net::RefusingPort nobody;
  EXPECT_THAT(Check("csgo", nobody.port()).message, HasSubstr("connection refused by 127.0.0.1:"));

  const struct {
    std::string answer;
    const char* message;
  } java_rows[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "this is no Minecraft server: it answered \"HTTP/1.1"},
      {JavaPacket("{\"version\":"), "the server's status cannot be read"},
      {JavaPacket(R"({"version":{"name":"1"}})").substr(0, 9), "(waiting for the server's status)"},
  };
  for (const auto& row : java_rows) {
    net::ScriptedServer server([&row](net::ScriptedConnection& peer) {
      peer.ReadBytes(18);
      peer.Send(row.answer);
    });
    const Observation seen = Check("minecraft", server.port(), R"({"timeout_ms":400})");
    EXPECT_EQ(seen.status, Status::kDown);
    EXPECT_THAT(seen.message, HasSubstr(row.message));
  }
}

TEST_F(GameProbeNet, PortsAreGuessedWhenAsked) {
  net::DatagramServer server(AnswerSource);
  const auto below = static_cast<uint16_t>(server.port() - 1);
  const Observation found = Check("csgo", below, R"({"guess_port":true,"timeout_ms":4000})");
  EXPECT_EQ(found.status, Status::kUp) << found.message;
  EXPECT_EQ(Game(found).StringOr("connect", ""), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(Check("csgo", below, R"({"timeout_ms":200})").status, Status::kDown);
}

// product.md 2.4: (responseTime, responseRaw).
TEST_F(GameProbeNet, FunctionsJudgeAnswersAndNothingElse) {
  script::EvaluatorSettings settings;
  settings.program = PHAROS_SCRIPT_WORKER;
  settings.arguments = {};
  Metrics metrics;
  const auto pool = script::Evaluator::Start(settings, metrics).value();
  bench_.tools.evaluator = pool.get();
  net::DatagramServer server(AnswerSource);
  Value spec;
  spec.Set("eval",
           "(async function (responseTime, responseRaw) { return {status: "
           "responseRaw.players[0].name === 'ada' && responseRaw.maxplayers === 16 ? "
           "'DEGRADED' : 'UP', latency: responseTime + 1000 } })");
  const Observation seen = Check("csgo", server.port(), WriteJson(spec));
  EXPECT_EQ(seen.status, Status::kDegraded) << seen.message;
  EXPECT_GT(seen.latency_ms.value_or(0), 1000.0);
  EXPECT_EQ(seen.message, "the function says DEGRADED");
  const net::RefusingPort nobody;
  EXPECT_THAT(Check("csgo", nobody.port(), WriteJson(spec)).message,
              HasSubstr("connection refused by"));
}

TEST(GameProbe, PortsAreTriedInOrder) {
  const struct {
    const char* spec;
    std::vector<int> ports;
  } rows[] = {
      {R"({"game":"valheim","host":"a"})", {2457}},
      {R"({"game":"valheim","host":"a","port":2456})", {2456}},
      {R"({"game":"valheim","host":"a","guess_port":true})", {2457, 2456, 2458}},
      {R"({"game":"valheim","host":"a","port":3000,"guess_port":true})", {3000, 3001, 2457, 2999}},
      {R"({"game":"minecraft","host":"a"})", {25565, 19132}},
      {R"({"game":"minecraft","host":"a","port":4000})", {4000, 4000}},
  };
  for (const auto& row : rows) {
    FakeDialer dialer;
    dialer.answers = {FakeDialer::Failure(net::DialFailure::kRefused, "no")};
    ProbeBench bench(dialer);
    EXPECT_EQ(bench.CheckSpec(ParseSpec(row.spec), "game").message, "no");
    std::vector<int> ports;
    for (const auto& request : dialer.requests) ports.push_back(request.port);
    EXPECT_EQ(ports, row.ports) << row.spec;
  }
}

TEST(GameProbe, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"game":"csgo"})", R"({"host":"a"})", R"({"game":"chess","host":"a"})",
        R"({"game":"teamspeak3","host":"a"})", R"({"game":"csgo","host":"a","port":0})",
        R"({"game":"csgo","host":"a b"})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("game", ParseSpec(bad))) << bad;
  }
  const auto refused = catalog.ValidateSpec("game", ParseSpec(R"({"game":"factorio","host":"a"})"));
  EXPECT_THAT(refused.error().message,
              HasSubstr("game needs the protocol factorio, which is not supported; supported are "
                        "valve"));
}

}  // namespace
}  // namespace pharos::probe
