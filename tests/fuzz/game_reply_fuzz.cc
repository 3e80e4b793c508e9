// What game servers answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "probe/game/game_reply.h"

namespace {

void Check(const pharos::probe::GameState& state) {
  using pharos::probe::kMaxGamePlayers;
  if (state.players.size() > kMaxGamePlayers || state.bots.size() > kMaxGamePlayers) std::abort();
  const std::string json = pharos::WriteJson(pharos::probe::GameValue(state, "host:1", 1.0));
  if (!pharos::IsValidUtf8(json)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pharos::probe;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  GameState state;
  ParseA2sInfo(bytes, state);
  ParseA2sPlayers(bytes, state);
  ParseA2sRules(bytes, state);
  Check(state);
  // Several datagrams: each begins with its length.
  SplitReply split;
  for (std::string_view rest = bytes; rest.size() > 1;) {
    const size_t length = std::min<size_t>(static_cast<uint8_t>(rest[0]), rest.size() - 1);
    if (const auto whole = split.Add(rest.substr(1, length))) {
      GameState joined;
      ParseA2sInfo(*whole, joined);
      ParseA2sRules(*whole, joined);
      Check(joined);
    }
    rest.remove_prefix(1 + length);
  }
  std::string json;
  if (ReadJavaStatus(bytes, json) == JavaRead::kDone && json.size() > bytes.size()) std::abort();
  for (const std::string_view text : {bytes, std::string_view(json)}) {
    GameState java;
    if (ParseJavaStatus(text, java)) Check(java);
  }
  GameState bedrock;
  if (ParseBedrockPong(bytes, bytes.substr(bytes.empty() ? 0 : 1, 8), bedrock)) Check(bedrock);
  for (const std::string_view header : {"statusResponse", "print", "n"}) {
    GameState quake;
    if (ParseQuakeStatus(bytes, header, quake)) Check(quake);
  }
  GameState gamespy;
  if (ParseGamespyStatus(bytes, gamespy)) Check(gamespy);
  return 0;
}
