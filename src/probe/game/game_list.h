#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pharos::probe {

// How a game server is asked.
enum class GameProtocol : uint8_t {
  kValve,      // A2S, of the Source engine and many others
  kMinecraft,  // Java edition over TCP, then Bedrock
  kBedrock,    // RakNet's unconnected ping
  kQuake3,
  kQuake2,
  kQuake1,
  kGamespy1,
  kTcp,  // a connection is enough
  kUdp,  // any answer is enough
};

// A game as GameDig names it (product.md 2.12).
struct Game {
  std::string_view id;
  std::string_view old_id;    // of releases before 5; empty = the same
  std::string_view protocol;  // also such that are not supported
  uint16_t port;              // where players connect
  uint16_t query_port;        // where it answers questions
};
std::span<const Game> Games();
size_t GameCount();

struct GameQuery {
  GameProtocol protocol = GameProtocol::kValve;
  uint16_t port = 0;
  uint16_t query_port = 0;
};
// By id, by old id, by "protocol-<name>" or a protocol's bare name. Error: kInvalid, whose message
// continues the name of the field.
Result<GameQuery> LookUpGame(std::string_view id);
// "valve, minecraft, ..."
std::string SupportedProtocols();

}  // namespace pharos::probe
