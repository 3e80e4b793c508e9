#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace pharos::probe {

// What game servers answer, read. Every function takes bytes of strangers: nothing is read beyond
// them, lists end at kMaxGamePlayers and kMaxGameRules, texts are cut and valid UTF-8.

inline constexpr size_t kMaxGamePlayers = 128;
inline constexpr size_t kMaxGameRules = 128;

struct GamePlayer {
  std::string name;
  std::optional<int64_t> score;
  std::optional<double> time_s;
  std::optional<int64_t> ping;
};

// What a check found out about a game server, whatever it speaks.
struct GameState {
  std::string name;
  std::string map;
  std::string version;
  bool password = false;
  int64_t players_now = 0;
  int64_t players_max = 0;
  int64_t bot_count = 0;
  std::vector<GamePlayer> players;
  std::vector<GamePlayer> bots;
  Value raw{Value::Object{}};
};

// The object that evaluation functions and facts get: {name, map, password, numplayers, maxplayers,
// players, bots, version, connect, ping, raw}.
Value GameValue(const GameState& state, std::string_view connect, std::optional<double> ping_ms);

// Source (A2S). `payload` begins behind the four 0xff bytes.
enum class A2sKind : uint8_t { kChallenge, kInfo, kOldInfo, kPlayers, kRules, kOther };
A2sKind KindOfA2s(std::string_view payload);
bool ParseA2sInfo(std::string_view payload, GameState& state);
bool ParseA2sPlayers(std::string_view payload, GameState& state);
bool ParseA2sRules(std::string_view payload, GameState& state);

// An answer that comes as one datagram or as several.
class SplitReply {
 public:
  // The payload behind the 0xff bytes once it is whole. Datagrams of other shapes are ignored.
  std::optional<std::string> Add(std::string_view datagram);
  void Clear() { parts_.clear(); }

 private:
  std::optional<std::string> Assemble(size_t header_bytes) const;

  std::vector<std::string> parts_;
};

// Minecraft, Java edition: a length, a packet number and a text, over a stream.
enum class JavaRead : uint8_t { kDone, kMore, kNonsense };
JavaRead ReadJavaStatus(std::string_view bytes, std::string& json);
bool ParseJavaStatus(std::string_view json, GameState& state);
void AppendVarInt(std::string& out, uint32_t number);

// Minecraft, Bedrock edition: RakNet's pong. `time` is what our ping held.
bool ParseBedrockPong(std::string_view datagram, std::string_view time, GameState& state);
// The 16 bytes that mark RakNet's messages outside connections.
std::string_view RakNetMagic();

// Quake and its relatives: `header` is "statusResponse", "print" or "n".
bool ParseQuakeStatus(std::string_view datagram, std::string_view header, GameState& state);

// GameSpy 1: all datagrams of an answer, joined.
bool ParseGamespyStatus(std::string_view text, GameState& state);

}  // namespace pharos::probe
