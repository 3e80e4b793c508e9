#include "probe/game/game_talk.h"

#include <utility>

#include "base/crypto.h"

namespace pharos::probe {
namespace {

using When = net::DialHeard::When;

constexpr std::string_view kHead = "\xff\xff\xff\xff";
constexpr size_t kMaxGamespyBytes = 64 * 1024;
constexpr size_t kShownBytes = 40;

std::string A2sInfoRequest() {
  return std::string(kHead) + std::string("TSource Engine Query\0", 21);
}

class A2sInfoTalk : public GameTalk {
 public:
  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) {
      split_.Clear();
      return Say(A2sInfoRequest(), "the answer to A2S_INFO");
    }
    const auto payload = split_.Add(heard.received);
    if (!payload) return WaitMore();
    if (KindOfA2s(*payload) == A2sKind::kChallenge) {
      return Say(A2sInfoRequest() + payload->substr(1, 4), "the answer to A2S_INFO");
    }
    GameState seen;
    if (ParseA2sInfo(*payload, seen)) {
      state_ = std::move(seen);
      return Finish();
    }
    const A2sKind kind = KindOfA2s(*payload);
    if (kind != A2sKind::kInfo && kind != A2sKind::kOldInfo) return WaitMore();
    return Wrong("the answer to A2S_INFO is cut off");
  }

 private:
  SplitReply split_;
};

class A2sDetailsTalk : public GameTalk {
 public:
  A2sDetailsTalk(GameState known, bool rules) : wants_rules_(rules) { state_ = std::move(known); }

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) return Ask('U', kHead);
    const auto payload = split_.Add(heard.received);
    if (!payload) return WaitMore();
    switch (KindOfA2s(*payload)) {
      case A2sKind::kChallenge:
        return Ask(asking_, payload->substr(1, 4));
      case A2sKind::kPlayers:
        if (asking_ != 'U' || !ParseA2sPlayers(*payload, state_)) return WaitMore();
        return wants_rules_ ? Ask('V', kHead) : Finish();
      case A2sKind::kRules:
        return ParseA2sRules(*payload, state_) ? Finish() : WaitMore();
      case A2sKind::kInfo:
      case A2sKind::kOldInfo:
      case A2sKind::kOther:
        break;
    }
    return WaitMore();
  }

 private:
  net::DialTurn Ask(char what, std::string_view challenge) {
    split_.Clear();
    asking_ = what;
    return Say(std::string(kHead) + what + std::string(challenge), "players and rules");
  }

  const bool wants_rules_;
  char asking_ = 'U';
  SplitReply split_;
};

class JavaTalk : public GameTalk {
 public:
  JavaTalk(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) return Say(Request(), "the server's status");
    std::string json;
    switch (ReadJavaStatus(heard.received, json)) {
      case JavaRead::kMore:
        return WaitMore();
      case JavaRead::kNonsense:
        return Wrong("this is no Minecraft server: it answered \"" +
                     ShownText(heard.received, kShownBytes) + "\"");
      case JavaRead::kDone:
        break;
    }
    if (!ParseJavaStatus(json, state_)) return Wrong("the server's status cannot be read");
    return Finish();
  }

 private:
  std::string Request() const {
    constexpr uint32_t kAnyVersion = 47;
    std::string hello(1, '\0');
    AppendVarInt(hello, kAnyVersion);
    AppendVarInt(hello, static_cast<uint32_t>(host_.size()));
    hello += host_;
    hello += static_cast<char>(port_ >> 8);
    hello += static_cast<char>(port_ & 0xff);
    hello += '\x01';  // status
    std::string out;
    AppendVarInt(out, static_cast<uint32_t>(hello.size()));
    return out + hello + std::string("\x01\x00", 2);
  }

  const std::string host_;
  const uint16_t port_;
};

class BedrockTalk : public GameTalk {
 public:
  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) {
      return Say("\x01" + time_ + std::string(RakNetMagic()) + RandomBytes(8),
                 "the answer to a RakNet ping");
    }
    GameState seen;
    if (!ParseBedrockPong(heard.received, time_, seen)) return WaitMore();
    state_ = std::move(seen);
    return Finish();
  }

 private:
  const std::string time_ = RandomBytes(8);  // any number will do; it comes back
};

class QuakeTalk : public GameTalk {
 public:
  QuakeTalk(std::string_view ask, std::string_view header) : ask_(ask), header_(header) {}

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) {
      return Say(std::string(kHead) + std::string(ask_) + "\n",
                 "the answer to " + std::string(ask_));
    }
    GameState seen;
    if (!ParseQuakeStatus(heard.received, header_, seen)) return WaitMore();
    state_ = std::move(seen);
    return Finish();
  }

 private:
  const std::string_view ask_;
  const std::string_view header_;
};

class GamespyTalk : public GameTalk {
 public:
  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != When::kReceived) {
      text_.clear();
      return Say("\\status\\", "the whole answer to \\status\\");
    }
    if (!heard.received.starts_with('\\')) return WaitMore();
    if (text_.size() + heard.received.size() > kMaxGamespyBytes) {
      return Wrong("the answer to \\status\\ is longer than 64 KiB");
    }
    text_ += heard.received;
    if (text_.find("\\final\\") == std::string::npos) return WaitMore();
    GameState seen;
    if (!ParseGamespyStatus(text_, seen)) return Wrong("the answer to \\status\\ cannot be read");
    state_ = std::move(seen);
    return Finish();
  }

 private:
  std::string text_;
};

// A connection or any answer at all.
class PlainTalk : public GameTalk {
 public:
  explicit PlainTalk(bool is_stream) : is_stream_(is_stream) {}

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when == When::kReceived || is_stream_) return Finish();
    return Say(A2sInfoRequest(), "any answer");
  }

 private:
  const bool is_stream_;
};

}  // namespace

net::Transport TransportOf(GameProtocol protocol) {
  const bool is_stream = protocol == GameProtocol::kMinecraft || protocol == GameProtocol::kTcp;
  return is_stream ? net::Transport::kTcp : net::Transport::kUdp;
}

std::shared_ptr<GameTalk> MakeGameTalk(GameProtocol protocol, const std::string& host,
                                       uint16_t port) {
  switch (protocol) {
    case GameProtocol::kValve:
      return std::make_shared<A2sInfoTalk>();
    case GameProtocol::kMinecraft:
      return std::make_shared<JavaTalk>(host, port);
    case GameProtocol::kBedrock:
      return std::make_shared<BedrockTalk>();
    case GameProtocol::kQuake3:
      return std::make_shared<QuakeTalk>("getstatus", "statusResponse");
    case GameProtocol::kQuake2:
      return std::make_shared<QuakeTalk>("status", "print");
    case GameProtocol::kQuake1:
      return std::make_shared<QuakeTalk>("status", "n");
    case GameProtocol::kGamespy1:
      return std::make_shared<GamespyTalk>();
    case GameProtocol::kTcp:
      return std::make_shared<PlainTalk>(true);
    case GameProtocol::kUdp:
      return std::make_shared<PlainTalk>(false);
  }
  return nullptr;
}

std::shared_ptr<GameTalk> MakeA2sDetails(GameState known, bool rules) {
  return std::make_shared<A2sDetailsTalk>(std::move(known), rules);
}

}  // namespace pharos::probe
