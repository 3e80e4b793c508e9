#include "probe/game/game_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "probe/game/game_list.h"

namespace pharos::probe {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string Info(int players = 3) {
  return "I\x11"s + "Best server\0de_dust2\0csgo\0Counter-Strike\0"s + "\xda\x02"s +
         static_cast<char>(players) + "\x10\x01" + "dl\x01\x01"s + "1.38\0"s + "\xa1"s +
         "\x87\x69" + "secure,nodm\0"s + "\x01\0\0\0\0\0\0\0"s;
}

TEST(GameReply, SourceInfo) {
  GameState state;
  ASSERT_TRUE(ParseA2sInfo(Info(), state));
  EXPECT_EQ(state.name, "Best server");
  EXPECT_EQ(state.map, "de_dust2");
  EXPECT_EQ(state.players_now, 3);
  EXPECT_EQ(state.players_max, 16);
  EXPECT_EQ(state.bot_count, 1);
  EXPECT_TRUE(state.password);
  EXPECT_EQ(state.version, "1.38");
  EXPECT_EQ(state.raw.IntOr("gamePort", 0), 27015);
  EXPECT_EQ(state.raw.StringOr("tags", ""), "secure,nodm");
  EXPECT_EQ(state.raw.IntOr("appId", 0), 730);
}

TEST(GameReply, EveryCutOfAnAnswerIsSafe) {
  const std::string info = Info();
  size_t whole = 0;
  for (size_t size = 0; size <= info.size(); ++size) {
    GameState state;
    whole += ParseA2sInfo(std::string_view(info).substr(0, size), state) ? 1 : 0;
  }
  EXPECT_GT(whole, 0u);
  EXPECT_LT(whole, 30u);  // what comes behind the version may be missing
}

TEST(GameReply, PlayersAndRules) {
  const std::string players =
      "D\x02"s + "\0ada\0\x05\0\0\0\0\0\x70\x42"s + "\x01" + "grace\0\xff\xff\xff\xff\0\0\0\0"s;
  GameState state;
  ASSERT_TRUE(ParseA2sPlayers(players, state));
  ASSERT_EQ(state.players.size(), 2u);
  EXPECT_EQ(state.players[0].name, "ada");
  EXPECT_EQ(state.players[0].score, 5);
  EXPECT_EQ(state.players[0].time_s, 60.0);
  EXPECT_EQ(state.players[1].score, -1);
  ASSERT_TRUE(ParseA2sPlayers("D\xff"s + "\0a"s, state));
  EXPECT_TRUE(state.players.empty());
  ASSERT_TRUE(ParseA2sRules("E\x02\0mp_limit\0"s + "15\0sv_tags\0\0"s, state));
  EXPECT_EQ(WriteJson(*state.raw.Find("rules")), R"({"mp_limit":"15","sv_tags":""})");
}

TEST(GameReply, SplitAnswersAreJoinedInOrder) {
  const std::string payload = "\xff\xff\xff\xff" + Info();
  const auto part = [&](const std::string& header, size_t at, size_t size) {
    return "\xfe\xff\xff\xff"s + "\x01\0\0\0"s + header + payload.substr(at, size);
  };
  const struct {
    std::vector<std::string> parts;
  } rows[] = {
      {{part("\x02\x00\xe0\x04"s, 0, 20), part("\x02\x01\xe0\x04"s, 20, 999)}},
      {{part("\x02\x01\xe0\x04"s, 20, 999), part("\x02\x00\xe0\x04"s, 0, 20)}},
      {{part("\x02\x00"s, 0, 20), part("\x02\x01"s, 20, 999)}},
      {{part("\x02"s, 0, 20), part("\x12"s, 20, 999)}},
  };
  for (const auto& row : rows) {
    SplitReply reply;
    EXPECT_FALSE(reply.Add(row.parts[0]));
    EXPECT_EQ(reply.Add(row.parts[1]), Info());
  }
  SplitReply flood;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(flood.Add(part("\x20\x05\xe0\x04"s, 20, 999)));
  EXPECT_FALSE(flood.Add("short"));
  EXPECT_EQ(flood.Add("\xff\xff\xff\xffx"), "x");
}

TEST(GameReply, JavaStatus) {
  const std::string json =
      R"({"version":{"name":"1.20.4","protocol":765},"players":{"max":20,"online":2,)"
      R"("sample":[{"name":"ada","id":"1"},{"name":"grace","id":"2"}]},)"
      R"("description":{"text":"A ","extra":[{"text":"\u00a7cRed"},"!"]},"favicon":"data:..."})";
  std::string body(1, '\0');
  AppendVarInt(body, static_cast<uint32_t>(json.size()));
  body += json;
  std::string packet;
  AppendVarInt(packet, static_cast<uint32_t>(body.size()));
  packet += body;
  std::string read;
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_EQ(ReadJavaStatus(std::string_view(packet).substr(0, size), read), JavaRead::kMore);
  }
  ASSERT_EQ(ReadJavaStatus(packet, read), JavaRead::kDone);
  GameState state;
  ASSERT_TRUE(ParseJavaStatus(read, state));
  EXPECT_EQ(state.name, "A Red!");
  EXPECT_EQ(state.version, "1.20.4");
  EXPECT_EQ(state.players_now, 2);
  EXPECT_EQ(state.players_max, 20);
  EXPECT_EQ(state.players[1].name, "grace");
  EXPECT_EQ(state.raw.Find("favicon"), nullptr);
  for (const std::string& bad : {"HTTP/1.1 400"s, "\xff\xff\xff\xff\xff\xff"s, "\x02\x00\x00"s,
                                 "\x05\x01\x02{}x"s, "\x05\x00\x09{}x"s, "\xff\xff\xff\x7f"s}) {
    EXPECT_EQ(ReadJavaStatus(bad, read), JavaRead::kNonsense) << bad;
  }
  for (const char* bad : {"", "{}", "[]", "5", "{\"version\":", "null"}) {
    EXPECT_FALSE(ParseJavaStatus(bad, state)) << bad;
  }
  EXPECT_TRUE(ParseJavaStatus(R"({"players":{"max":1e300,"online":"x","sample":5}})", state));
}

TEST(GameReply, BedrockPong) {
  const std::string text = "MCPE;My §lworld;671;1.20.80;1;10;123;Level one;Survival;1;19132;";
  const std::string pong = "\x1c" + "12345678"s + "serverid" + std::string(RakNetMagic()) + "\0"s +
                           static_cast<char>(text.size()) + text;
  GameState state;
  ASSERT_TRUE(ParseBedrockPong(pong, "12345678", state));
  EXPECT_EQ(state.name, "My world");
  EXPECT_EQ(state.map, "Level one");
  EXPECT_EQ(state.version, "1.20.80");
  EXPECT_EQ(state.players_max, 10);
  EXPECT_FALSE(ParseBedrockPong(pong, "87654321", state));
  for (size_t size = 0; size < pong.size(); ++size) {
    EXPECT_FALSE(ParseBedrockPong(std::string_view(pong).substr(0, size), "12345678", state));
  }
}

TEST(GameReply, QuakeStatus) {
  const std::string status =
      "\xff\xff\xff\xffstatusResponse\n\\sv_hostname\\^1Red ^7Arena\\mapname\\q3dm17\\"
      "sv_maxclients\\8\\g_needpass\\1\\version\\ioq3 1.36\n12 40 \"^2ada\"\n0 0 \"Xaero\"\n";
  GameState state;
  ASSERT_TRUE(ParseQuakeStatus(status, "statusResponse", state));
  EXPECT_EQ(state.name, "Red Arena");
  EXPECT_EQ(state.map, "q3dm17");
  EXPECT_EQ(state.players_max, 8);
  EXPECT_EQ(state.players_now, 2);
  EXPECT_TRUE(state.password);
  ASSERT_EQ(state.players.size(), 1u);
  EXPECT_EQ(state.players[0].name, "ada");
  EXPECT_EQ(state.players[0].score, 12);
  EXPECT_EQ(state.bots[0].name, "Xaero");
  EXPECT_FALSE(ParseQuakeStatus(status, "print", state));
  EXPECT_FALSE(ParseQuakeStatus("\xff\xff\xff\xffstatusResponse\n", "statusResponse", state));
  EXPECT_FALSE(ParseQuakeStatus("\xff\xff\xff\xffstatusResponse", "statusResponse", state));
  EXPECT_TRUE(ParseQuakeStatus("\xff\xff\xff\xffn\\hostname\\Old\\map\\e1m1\n1 5 9 30 \"a\" \"b\"",
                               "n", state));
  EXPECT_EQ(state.name, "Old");
}

TEST(GameReply, GamespyStatus) {
  GameState state;
  ASSERT_TRUE(ParseGamespyStatus(
      "\\hostname\\UT\\mapname\\DM-Deck\\numplayers\\1\\maxplayers\\8\\player_0\\ada\\frags_0\\3"
      "\\queryid\\7.1\\final\\",
      state));
  EXPECT_EQ(state.name, "UT");
  EXPECT_EQ(state.players_now, 1);
  EXPECT_EQ(state.players[0].name, "ada");
  EXPECT_FALSE(ParseGamespyStatus("hello", state));
  EXPECT_FALSE(ParseGamespyStatus("\\a\\b\\final\\", state));
}

TEST(GameReply, TheObjectOfEvaluationFunctions) {
  GameState state;
  ASSERT_TRUE(ParseA2sInfo(Info(), state));
  state.players.push_back({"ada", 5, 60.5, {}});
  const std::string json = WriteJson(GameValue(state, "a.test:27015", 12.5));
  EXPECT_THAT(json,
              testing::StartsWith(
                  R"({"name":"Best server","map":"de_dust2","password":true,"numplayers":3,)"
                  R"("maxplayers":16,"players":[{"name":"ada","raw":{"score":5,"time":60.5)"));
  EXPECT_THAT(json, HasSubstr(R"("connect":"a.test:27015","ping":12.5,"raw":{)"));
}

TEST(GameList, KnowsTheGames) {
  EXPECT_GE(GameCount(), 345u);
  std::string_view last;
  for (const Game& game : Games()) {
    EXPECT_LT(last, game.id);
    last = game.id;
    EXPECT_TRUE(game.port != 0 || game.protocol == "discord") << game.id;
  }
  const struct {
    const char* id;
    GameProtocol protocol;
    int port;
    int query_port;
  } rows[] = {
      {"csgo", GameProtocol::kValve, 27015, 27015},
      {"CS2", GameProtocol::kValve, 27015, 27015},  // an old id
      {"valheim", GameProtocol::kValve, 2456, 2457},
      {"arkse", GameProtocol::kValve, 7777, 27015},
      {"minecraft", GameProtocol::kMinecraft, 25565, 25565},
      {"minecraftbe", GameProtocol::kBedrock, 19132, 19132},
      {"quake3", GameProtocol::kQuake3, 27960, 27960},
      {"q3a", GameProtocol::kQuake3, 27960, 27960},
      {"unrealtournament", GameProtocol::kGamespy1, 7777, 7778},
      {"protocol-valve", GameProtocol::kValve, 27015, 27015},
      {"tcp", GameProtocol::kTcp, 27015, 27015},
  };
  for (const auto& row : rows) {
    const auto query = LookUpGame(row.id);
    ASSERT_TRUE(query) << row.id;
    EXPECT_EQ(query->protocol, row.protocol) << row.id;
    EXPECT_EQ(query->port, row.port) << row.id;
    EXPECT_EQ(query->query_port, row.query_port) << row.id;
  }
  EXPECT_EQ(LookUpGame("teamspeak3").error().message,
            "needs the protocol teamspeak3, which is not supported; supported are valve, "
            "minecraft, bedrock, quake3, quake2, quake1, gamespy1, tcp, udp");
  EXPECT_THAT(LookUpGame("chess").error().message, HasSubstr("is not a known game"));
}

}  // namespace
}  // namespace pharos::probe
