#pragma once

#include <memory>
#include <string>

#include "net/dialer.h"
#include "probe/conversation.h"
#include "probe/game/game_list.h"
#include "probe/game/game_reply.h"

namespace pharos::probe {

// One conversation with a game server; `state` is complete once it has settled.
class GameTalk : public Conversation {
 public:
  GameState& state() { return state_; }

 protected:
  GameState state_;
};

net::Transport TransportOf(GameProtocol protocol);
// `host` and `port` are told to Minecraft servers, which may choose by them.
std::shared_ptr<GameTalk> MakeGameTalk(GameProtocol protocol, const std::string& host,
                                       uint16_t port);

// Players and, when wanted, rules of a server that speaks A2S and has answered already. Fills
// `state()` as far as answers come.
std::shared_ptr<GameTalk> MakeA2sDetails(GameState known, bool rules);

}  // namespace pharos::probe
