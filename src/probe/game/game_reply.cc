#include "probe/game/game_reply.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxText = 256;
constexpr size_t kMaxParts = 32;
constexpr size_t kMaxJavaBytes = 200 * 1024;
constexpr int kMaxChatDepth = 8;
constexpr int64_t kMaxCount = 1'000'000;
constexpr int kTheShip = 2400;
constexpr std::string_view kSimple = "\xff\xff\xff\xff";
constexpr std::string_view kSplit = "\xfe\xff\xff\xff";
constexpr std::string_view kMagic =
    std::string_view("\x00\xff\xff\x00\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78", 16);

std::string CleanText(std::string_view text) {
  std::string clean = SanitizeUtf8(text.substr(0, 4 * kMaxText));
  std::erase_if(clean, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return Ellipsize(Trim(clean), kMaxText);
}

// Reads little-endian numbers and texts; after the end everything is zero and `ok` is false.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }

  uint64_t Number(size_t size) {
    if (!Has(size)) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(size);
    return value;
  }
  int64_t Int(size_t size) { return static_cast<int64_t>(Number(size)); }
  std::string Text() {
    const size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    std::string text = CleanText(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

 private:
  bool Has(size_t size) {
    if (ok_ && rest_.size() >= size) return true;
    ok_ = false;
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  bool ok_ = true;
};

Value PlayerValue(const GamePlayer& player) {
  Value raw(Value::Object{});
  if (player.score) raw.Set("score", *player.score);
  if (player.time_s) raw.Set("time", *player.time_s);
  if (player.ping) raw.Set("ping", *player.ping);
  Value out;
  out.Set("name", player.name);
  out.Set("raw", std::move(raw));
  return out;
}

Value::List PlayerList(const std::vector<GamePlayer>& players) {
  Value::List list;
  for (const GamePlayer& player : players) list.push_back(PlayerValue(player));
  return list;
}

int64_t Count(const Value* value) {
  if (value == nullptr || !value->IsNumber()) return 0;
  const double number = value->AsDouble();
  return std::isfinite(number)
             ? static_cast<int64_t>(std::clamp(number, 0.0, static_cast<double>(kMaxCount)))
             : 0;
}

int64_t Count(std::string_view text) {
  return std::clamp<int64_t>(ParseInt(Trim(text)).value_or(0), 0, kMaxCount);
}

// The words of Minecraft's chat texts: plain, or {text, extra: [...]}.
void AppendChat(const Value& chat, int depth, std::string& out) {
  if (depth > kMaxChatDepth || out.size() > kMaxText) return;
  if (chat.IsString()) out += chat.AsString();
  if (chat.IsList()) {
    for (const Value& part : chat.AsList()) AppendChat(part, depth + 1, out);
  }
  if (!chat.IsObject()) return;
  out += chat.StringOr("text", "");
  if (const Value* extra = chat.Find("extra")) AppendChat(*extra, depth + 1, out);
}

// "§a" and "^1" are colours.
std::string WithoutColours(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool section = text.substr(i).starts_with("\xc2\xa7");
    const bool caret = text[i] == '^' && i + 1 < text.size() && text[i + 1] != ' ';
    if (section) {
      i += 2;
    } else if (caret) {
      ++i;
    } else {
      plain += text[i];
    }
  }
  return CleanText(plain);
}

// "\key\value\key\value", at most kMaxGameRules pairs.
Value::Object Pairs(std::string_view text) {
  Value::Object pairs;
  if (text.starts_with('\\')) text.remove_prefix(1);
  const std::vector<std::string_view> words = Split(text, '\\');
  for (size_t i = 0; i + 1 < words.size() && pairs.size() < kMaxGameRules; i += 2) {
    if (!words[i].empty()) pairs.emplace_back(CleanText(words[i]), CleanText(words[i + 1]));
  }
  return pairs;
}

std::string FirstOf(const Value& rules, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const std::string text = rules.StringOr(name, ""); !text.empty()) return text;
  }
  return {};
}

void ReadCommonRules(GameState& state) {
  state.name = WithoutColours(FirstOf(state.raw, {"sv_hostname", "hostname"}));
  state.map = FirstOf(state.raw, {"mapname", "map"});
  state.version = FirstOf(state.raw, {"version", "*version", "gamever"});
  state.players_max = Count(FirstOf(state.raw, {"sv_maxclients", "maxclients", "maxplayers"}));
  const std::string locked = AsciiLower(FirstOf(state.raw, {"g_needpass", "needpass", "password"}));
  state.password = !locked.empty() && locked != "0" && locked != "false";
}

}  // namespace

Value GameValue(const GameState& state, std::string_view connect, std::optional<double> ping_ms) {
  Value out;
  out.Set("name", state.name);
  out.Set("map", state.map);
  out.Set("password", state.password);
  out.Set("numplayers", state.players_now);
  out.Set("maxplayers", state.players_max);
  out.Set("players", PlayerList(state.players));
  out.Set("bots", PlayerList(state.bots));
  out.Set("version", state.version);
  out.Set("connect", connect);
  out.Set("ping", ping_ms ? Value(*ping_ms) : Value());
  out.Set("raw", state.raw);
  return out;
}

A2sKind KindOfA2s(std::string_view payload) {
  if (payload.empty()) return A2sKind::kOther;
  switch (payload[0]) {
    case 'A':
      return payload.size() >= 5 ? A2sKind::kChallenge : A2sKind::kOther;
    case 'I':
      return A2sKind::kInfo;
    case 'm':
      return A2sKind::kOldInfo;
    case 'D':
      return A2sKind::kPlayers;
    case 'E':
      return A2sKind::kRules;
  }
  return A2sKind::kOther;
}

bool ParseA2sInfo(std::string_view payload, GameState& state) {
  const A2sKind kind = KindOfA2s(payload);
  if (kind != A2sKind::kInfo && kind != A2sKind::kOldInfo) return false;
  Bytes bytes(payload.substr(1));
  const bool is_old = kind == A2sKind::kOldInfo;
  if (is_old) bytes.Text();  // its address
  const int64_t protocol = is_old ? 0 : bytes.Int(1);
  state.name = bytes.Text();
  state.map = bytes.Text();
  state.raw.Set("folder", bytes.Text());
  state.raw.Set("game", bytes.Text());
  const int64_t app = is_old ? 0 : bytes.Int(2);
  state.players_now = bytes.Int(1);
  state.players_max = bytes.Int(1);
  if (is_old) {
    state.raw.Set("protocol", bytes.Int(1));
  } else {
    state.raw.Set("protocol", protocol);
    state.raw.Set("appId", app);
    state.bot_count = bytes.Int(1);
  }
  state.raw.Set("listentype", std::string(1, static_cast<char>(bytes.Int(1) & 0x7f)));
  state.raw.Set("environment", std::string(1, static_cast<char>(bytes.Int(1) & 0x7f)));
  state.password = bytes.Int(1) == 1;
  if (is_old) return bytes.ok();
  state.raw.Set("secure", bytes.Int(1));
  if (app == kTheShip) bytes.Int(3);
  state.version = bytes.Text();
  if (!bytes.ok()) return false;
  state.raw.Set("numbots", state.bot_count);
  if (bytes.left() == 0) return true;
  const uint64_t extra = bytes.Number(1);
  if ((extra & 0x80) != 0) state.raw.Set("gamePort", bytes.Int(2));
  if ((extra & 0x10) != 0) state.raw.Set("steamid", std::to_string(bytes.Number(8)));
  if ((extra & 0x40) != 0) {
    bytes.Int(2);
    bytes.Text();
  }
  if ((extra & 0x20) != 0) state.raw.Set("tags", bytes.Text());
  return true;
}

bool ParseA2sPlayers(std::string_view payload, GameState& state) {
  if (KindOfA2s(payload) != A2sKind::kPlayers) return false;
  Bytes bytes(payload.substr(1));
  const auto count = std::min(static_cast<size_t>(bytes.Number(1)), kMaxGamePlayers);
  std::vector<GamePlayer> players;
  for (size_t i = 0; i < count && bytes.ok(); ++i) {
    bytes.Number(1);
    GamePlayer player;
    player.name = bytes.Text();
    player.score = static_cast<int32_t>(static_cast<uint32_t>(bytes.Number(4)));
    const float seconds = std::bit_cast<float>(static_cast<uint32_t>(bytes.Number(4)));
    player.time_s = std::isfinite(seconds) && seconds > 0
                        ? std::round(static_cast<double>(seconds) * 10.0) / 10.0
                        : 0.0;
    if (bytes.ok()) players.push_back(std::move(player));
  }
  state.players = std::move(players);
  return true;
}

bool ParseA2sRules(std::string_view payload, GameState& state) {
  if (KindOfA2s(payload) != A2sKind::kRules) return false;
  Bytes bytes(payload.substr(1));
  const auto count = std::min(static_cast<size_t>(bytes.Number(2)), kMaxGameRules);
  Value::Object rules;
  for (size_t i = 0; i < count && bytes.ok(); ++i) {
    std::string name = bytes.Text();
    std::string value = bytes.Text();
    if (bytes.ok()) rules.emplace_back(std::move(name), std::move(value));
  }
  state.raw.Set("rules", std::move(rules));
  return true;
}

std::optional<std::string> SplitReply::Add(std::string_view datagram) {
  if (datagram.starts_with(kSimple)) return std::string(datagram.substr(kSimple.size()));
  if (!datagram.starts_with(kSplit) || datagram.size() < 13 || parts_.size() >= kMaxParts) {
    return std::nullopt;
  }
  parts_.emplace_back(datagram);
  // Headers of the Source engine, of its first years, and of Half-Life.
  for (const size_t header_bytes : {12, 10, 9}) {
    if (auto whole = Assemble(header_bytes)) return whole;
  }
  return std::nullopt;
}

std::optional<std::string> SplitReply::Assemble(size_t header_bytes) const {
  const auto number = [header_bytes](const std::string& part) -> size_t {
    return header_bytes == 9 ? static_cast<uint8_t>(part[8]) >> 4 : static_cast<uint8_t>(part[9]);
  };
  const auto total = [header_bytes](const std::string& part) -> size_t {
    return header_bytes == 9 ? static_cast<uint8_t>(part[8]) & 15 : static_cast<uint8_t>(part[8]);
  };
  const auto first = std::find_if(parts_.begin(), parts_.end(), [&](const std::string& part) {
    return number(part) == 0 && part.compare(header_bytes, kSimple.size(), kSimple) == 0;
  });
  if (first == parts_.end() || total(*first) == 0 || total(*first) > kMaxParts) return std::nullopt;
  std::string whole;
  for (size_t i = 0; i < total(*first); ++i) {
    const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const std::string& one) {
      return number(one) == i && one.compare(4, 4, *first, 4, 4) == 0;
    });
    if (part == parts_.end()) return std::nullopt;
    whole.append(*part, header_bytes);
  }
  return whole.substr(kSimple.size());
}

void AppendVarInt(std::string& out, uint32_t number) {
  while (number >= 0x80) {
    out += static_cast<char>((number & 0x7f) | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

namespace {

JavaRead ReadVarInt(std::string_view bytes, size_t& at, uint32_t& number) {
  number = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (at >= bytes.size()) return JavaRead::kMore;
    const auto byte = static_cast<uint8_t>(bytes[at++]);
    number |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return JavaRead::kDone;
  }
  return JavaRead::kNonsense;
}

}  // namespace

JavaRead ReadJavaStatus(std::string_view bytes, std::string& json) {
  size_t at = 0;
  uint32_t packet = 0;
  JavaRead read = ReadVarInt(bytes, at, packet);
  if (read != JavaRead::kDone) return read;
  if (packet < 3 || packet > kMaxJavaBytes) return JavaRead::kNonsense;
  const size_t end = at + packet;
  uint32_t id = 0;
  uint32_t size = 0;
  read = ReadVarInt(bytes, at, id);
  if (read != JavaRead::kDone) return read;
  if (id != 0) return JavaRead::kNonsense;
  read = ReadVarInt(bytes, at, size);
  if (read != JavaRead::kDone) return read;
  if (at + size != end) return JavaRead::kNonsense;
  if (bytes.size() < end) return JavaRead::kMore;
  json = std::string(bytes.substr(at, size));
  return JavaRead::kDone;
}

bool ParseJavaStatus(std::string_view json, GameState& state) {
  JsonLimits limits;
  limits.max_bytes = kMaxJavaBytes;
  limits.max_depth = 16;
  Result<Value> parsed = ParseJson(json, limits);
  if (!parsed || !parsed->IsObject()) return false;
  const Value* version = parsed->Find("version");
  const Value* players = parsed->Find("players");
  if (version == nullptr && players == nullptr) return false;
  if (version != nullptr) {
    state.version = CleanText(version->StringOr("name", ""));
    Value shown;
    shown.Set("name", state.version);
    shown.Set("protocol", version->IntOr("protocol", 0));
    state.raw.Set("version", std::move(shown));
  }
  if (players != nullptr) {
    state.players_now = Count(players->Find("online"));
    state.players_max = Count(players->Find("max"));
    const Value* sample = players->Find("sample");
    for (size_t i = 0; sample != nullptr && sample->IsList() &&
                       i < std::min(sample->AsList().size(), kMaxGamePlayers);
         ++i) {
      state.players.push_back({CleanText(sample->AsList()[i].StringOr("name", "")), {}, {}, {}});
    }
  }
  std::string words;
  if (const Value* description = parsed->Find("description")) AppendChat(*description, 0, words);
  state.name = WithoutColours(words);
  state.raw.Set("description", state.name);
  return true;
}

std::string_view RakNetMagic() { return kMagic; }

bool ParseBedrockPong(std::string_view datagram, std::string_view time, GameState& state) {
  constexpr size_t kTextAt = 35;
  if (datagram.size() < kTextAt || datagram[0] != 0x1c || datagram.substr(1, 8) != time ||
      datagram.substr(17, 16) != kMagic) {
    return false;
  }
  const size_t size = static_cast<size_t>(static_cast<uint8_t>(datagram[33])) << 8 |
                      static_cast<uint8_t>(datagram[34]);
  if (size > datagram.size() - kTextAt) return false;
  const std::vector<std::string_view> words = Split(datagram.substr(kTextAt, size), ';');
  if (words.size() < 6) return false;
  state.raw.Set("edition", CleanText(words[0]));
  state.name = WithoutColours(words[1]);
  state.raw.Set("protocolVersion", CleanText(words[2]));
  state.version = CleanText(words[3]);
  state.players_now = Count(words[4]);
  state.players_max = Count(words[5]);
  if (words.size() > 7) state.map = WithoutColours(words[7]);
  if (words.size() > 8) state.raw.Set("gameMode", CleanText(words[8]));
  return true;
}

namespace {

// `12 40 "name"` and, in Quake 1, `number score minutes ping "name" ...`.
std::optional<GamePlayer> ParseQuakePlayer(std::string_view line, bool is_first_quake) {
  const size_t quote = line.find('"');
  if (quote == std::string_view::npos) return std::nullopt;
  const size_t end = line.find('"', quote + 1);
  if (end == std::string_view::npos) return std::nullopt;
  GamePlayer player;
  player.name = WithoutColours(line.substr(quote + 1, end - quote - 1));
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(line.substr(0, quote), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  const size_t score = is_first_quake ? 1 : 0;
  const size_t ping = is_first_quake ? 3 : 1;
  if (words.size() > score) player.score = ParseInt(words[score]);
  if (words.size() > ping) player.ping = ParseInt(words[ping]);
  return player;
}

}  // namespace

bool ParseQuakeStatus(std::string_view datagram, std::string_view header, GameState& state) {
  if (!datagram.starts_with(kSimple)) return false;
  std::string_view rest = datagram.substr(kSimple.size());
  if (!rest.starts_with(header)) return false;
  rest.remove_prefix(header.size());
  const bool is_first_quake = header == "n";
  if (!is_first_quake) {
    if (rest.empty() || (rest[0] != '\n' && rest[0] != '\r')) return false;
    rest.remove_prefix(1);
  }
  const std::vector<std::string_view> lines = Split(rest, '\n');
  if (lines[0].find('\\') == std::string_view::npos) return false;
  state.raw = Value(Pairs(lines[0]));
  ReadCommonRules(state);
  for (size_t i = 1; i < lines.size(); ++i) {
    std::optional<GamePlayer> player = ParseQuakePlayer(lines[i], is_first_quake);
    if (!player || state.players.size() + state.bots.size() >= kMaxGamePlayers) continue;
    const bool is_bot = player->ping && *player->ping == 0;
    (is_bot ? state.bots : state.players).push_back(std::move(*player));
  }
  state.bot_count = static_cast<int64_t>(state.bots.size());
  state.players_now = static_cast<int64_t>(state.players.size() + state.bots.size());
  return true;
}

bool ParseGamespyStatus(std::string_view text, GameState& state) {
  Value all(Pairs(text));
  if (!text.starts_with('\\') || all.AsObject().empty()) return false;
  Value rules(Value::Object{});
  for (const auto& [name, value] : all.AsObject()) {
    const bool is_player =
        (name.starts_with("player_") || name.starts_with("playername_")) && value.IsString();
    if (is_player && state.players.size() < kMaxGamePlayers) {
      state.players.push_back({value.AsString(), {}, {}, {}});
    } else if (name != "final" && name != "queryid") {
      rules.Set(name, value);
    }
  }
  state.raw = std::move(rules);
  ReadCommonRules(state);
  state.players_now = Count(state.raw.StringOr("numplayers", "0"));
  return !state.name.empty() || !state.map.empty() || state.players_max > 0;
}

}  // namespace pharos::probe
