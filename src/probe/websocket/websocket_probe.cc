#include "probe/websocket/websocket_probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "net/url.h"
#include "probe/conversation.h"
#include "probe/http/regex.h"
#include "probe/websocket/websocket_frame.h"

namespace pharos::probe {
namespace {

using model::FieldSpec;
using model::FieldType;

constexpr size_t kMaxHeaders = 50;
constexpr size_t kMaxHeadBytes = 32 * 1024;
constexpr size_t kMaxMessages = 20;
constexpr size_t kShownMessage = 60;
constexpr Duration kCloseTime = Seconds(1);              // for the server's answer to our close
constexpr std::string_view kNormalClosure = "\x03\xe8";  // 1000

const std::vector<FieldSpec>& WebSocketFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = WithCommonFields({
        {.name = "url",
         .required = true,
         .min = 1,
         .max = 4096,
         .help = "ws:// or wss://. $NAME is replaced by a secret."},
        {.name = "headers",
         .type = FieldType::kPairList,
         .fallback = Value::List{},
         .max = static_cast<double>(kMaxHeaders),
         .help = "Headers of the handshake. $NAME in values is replaced by a secret."},
        {.name = "origin", .fallback = "", .max = 1024, .help = "Origin header; empty: none."},
        {.name = "subprotocol",
         .fallback = "",
         .max = 255,
         .help = "Subprotocol that the server must choose; empty: none."},
        {.name = "send",
         .fallback = "",
         .max = 16384,
         .help = "Text message to send. $NAME is replaced by a secret."},
        {.name = "expect",
         .fallback = "",
         .max = 4096,
         .help = "Text that one of the first 20 messages must contain."},
        {.name = "expect_regex",
         .fallback = "",
         .max = 1024,
         .help = "Regular expression (RE2) that one of the first 20 messages must match."},
        {.name = "ping",
         .type = FieldType::kBool,
         .fallback = true,
         .help = "Without expect: a ping must be answered; off: the handshake is enough."},
        IpVersionRow(),
    });
    for (FieldSpec& row : TlsRows()) all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

// ws and wss have the syntax of http and https.
Result<net::Url> ParseWsUrl(const std::string& text) {
  const std::string lower = AsciiLower(text.substr(0, 6));
  if (lower.starts_with("wss://")) return net::Url::Parse("https" + text.substr(3));
  if (lower.starts_with("ws://")) return net::Url::Parse("http" + text.substr(2));
  return Error(ErrorKind::kInvalid, "must begin with ws:// or wss://");
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

bool HasLineBreak(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// Headers that the handshake itself sets.
bool IsHandshakeHeader(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"host", "connection", "upgrade", "origin",
                                                      "content-length"};
  const std::string lower = AsciiLower(name);
  return lower.starts_with("sec-websocket-") ||
         std::find(kNames.begin(), kNames.end(), lower) != kNames.end();
}

struct WsWish {
  net::Url url;
  std::string extra_headers;  // whole lines
  std::string subprotocol;
  std::string send;
  std::string expect;
  std::shared_ptr<const Regex> regex;  // may be null
  bool ping = true;
  bool verify_tls = true;

  bool expects() const { return !expect.empty() || regex != nullptr; }
};

// Handshake, then ping and pong or messages, then the close.
class WsTalk : public Conversation {
 public:
  explicit WsTalk(WsWish wish) : wish_(std::move(wish)), key_(Base64Encode(RandomBytes(16))) {}

  net::DialTurn Next(const net::DialHeard& heard) override {
    if (heard.when != net::DialHeard::When::kReceived) {
      at_ = 0;
      const std::string trouble = wish_.verify_tls ? ChainTrouble(heard.chain) : std::string();
      if (!trouble.empty()) return Wrong(trouble);
      return Say(Handshake(), "the answer to the handshake");
    }
    std::string reply;
    if (!is_open_) {
      const size_t end = heard.received.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        const bool foreign = !std::string_view("HTTP/1.").starts_with(heard.received.substr(0, 7));
        if (!foreign && heard.received.size() <= kMaxHeadBytes) return WaitMore();
        return Wrong("this is no web server: it answered \"" +
                     ShownText(heard.received, kShownMessage) + "\"");
      }
      at_ = end + 4;
      std::string wrong = JudgeUpgrade(heard.received.substr(0, at_), key_, wish_.subprotocol);
      if (!wrong.empty()) return Wrong(std::move(wrong));
      is_open_ = true;
      if (!wish_.send.empty()) reply += Frame(WsOpcode::kText, wish_.send);
      if (wish_.expects()) {
        Await("a message with " + WantedText());
      } else if (wish_.ping) {
        reply += Frame(WsOpcode::kPing, key_.substr(0, 8));
        Await("the answer to our ping");
      } else {
        reply += StartClosing();
      }
    }
    return TakeFrames(heard.received, std::move(reply));
  }

  const std::string& last_message() const { return last_message_; }
  bool is_open() const { return is_open_; }
  bool closed_cleanly() const { return closed_cleanly_; }

 private:
  static std::string Frame(WsOpcode opcode, std::string_view payload) {
    return MakeWsFrame(opcode, payload, RandomBytes(4));
  }

  std::string Handshake() const {
    std::string out =
        "GET " + wish_.url.target + " HTTP/1.1\r\nHost: " + wish_.url.Authority() +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
        "\r\nSec-WebSocket-Version: 13\r\n";
    if (!wish_.subprotocol.empty()) {
      out += "Sec-WebSocket-Protocol: " + wish_.subprotocol + "\r\n";
    }
    return out + wish_.extra_headers + "\r\n";
  }

  std::string WantedText() const {
    return wish_.regex != nullptr ? "a match of expect_regex"
                                  : "\"" + ShownText(wish_.expect, kShownMessage) + "\"";
  }

  std::string StartClosing() {
    Settle();
    return Frame(WsOpcode::kClose, kNormalClosure);
  }

  net::DialTurn TakeFrames(std::string_view received, std::string reply) {
    while (true) {
      WsFrame frame;
      std::string problem;
      const WsRead read = ReadWsFrame(received, at_, frame, problem);
      if (read == WsRead::kMore) break;
      if (read == WsRead::kBad) return Wrong("the server sent a bad frame: " + problem);
      std::string wrong;
      if (TakeFrame(frame, reply, wrong)) return Finish(std::move(reply));
      if (!wrong.empty()) return Wrong(std::move(wrong));
    }
    net::DialTurn turn;
    turn.send = std::move(reply);
    if (settled() && !turn.send.empty()) turn.linger = kCloseTime;
    return turn;
  }

  // True at the end of everything.
  bool TakeFrame(const WsFrame& frame, std::string& reply, std::string& wrong) {
    switch (frame.opcode) {
      case WsOpcode::kPing:
        reply += Frame(WsOpcode::kPong, frame.payload);
        return false;
      case WsOpcode::kPong:
        if (settled() || wish_.expects() || frame.payload != key_.substr(0, 8)) return false;
        reply += StartClosing();
        return false;
      case WsOpcode::kClose:
        closed_cleanly_ = settled();
        if (settled()) return true;
        wrong = "the server closed the WebSocket: " + WsCloseText(frame.payload);
        return false;
      case WsOpcode::kContinuation:
      case WsOpcode::kText:
      case WsOpcode::kBinary:
        break;
    }
    const bool is_first = frame.opcode != WsOpcode::kContinuation;
    if (is_first == in_message_) {
      wrong = "the server sent a bad frame: parts of messages are mixed";
      return false;
    }
    if (is_first) message_.clear();
    message_ += frame.payload;
    in_message_ = !frame.is_final;
    if (!in_message_) TakeMessage(reply, wrong);
    return false;
  }

  void TakeMessage(std::string& reply, std::string& wrong) {
    if (settled() || !wish_.expects()) return;
    last_message_ = ShownText(message_, kShownMessage);
    const bool has_text = message_.find(wish_.expect) != std::string::npos;
    if (has_text && (wish_.regex == nullptr || wish_.regex->Matches(message_))) {
      reply += StartClosing();
      return;
    }
    if (++messages_ >= kMaxMessages) {
      wrong = "none of the first 20 messages has " + WantedText() + "; the last was \"" +
              last_message_ + "\"";
    }
    Await("a message with " + WantedText() + "; the last was \"" + last_message_ + "\"");
  }

  const WsWish wish_;
  const std::string key_;
  size_t at_ = 0;
  bool is_open_ = false;
  bool in_message_ = false;
  bool closed_cleanly_ = false;
  size_t messages_ = 0;
  std::string message_;  // bounded by what the dialer reads
  std::string last_message_;
};

void ValidateHeaders(const SpecReader& reader, std::vector<FieldError>& problems) {
  const Value::List& headers = reader.List("headers");
  for (size_t i = 0; i < headers.size(); ++i) {
    const std::string field = "headers[" + std::to_string(i) + "]";
    const std::string name = headers[i].StringOr("name", "");
    if (!IsToken(name)) problems.push_back({field + ".name", "is not a header name"});
    if (IsHandshakeHeader(name)) problems.push_back({field + ".name", "is set by the handshake"});
    if (HasLineBreak(headers[i].StringOr("value", ""))) {
      problems.push_back({field + ".value", "must be one line"});
    }
  }
}

// Error: the URL or a header is not usable once secrets are in.
Result<WsWish> ReadWish(const SpecReader& reader, SecretExpander& secrets) {
  WsWish wish;
  PHAROS_ASSIGN_OR_RETURN(wish.url, ParseWsUrl(secrets.Expand(reader.Text("url"))));
  if (const std::string origin = reader.Text("origin"); !origin.empty()) {
    wish.extra_headers += "Origin: " + origin + "\r\n";
  }
  for (const Value& header : reader.List("headers")) {
    const std::string value = secrets.Expand(header.StringOr("value", ""));
    if (HasLineBreak(value)) return Error(ErrorKind::kInvalid, "a header has a line break");
    wish.extra_headers += header.StringOr("name", "") + ": " + value + "\r\n";
  }
  wish.subprotocol = reader.Text("subprotocol");
  wish.send = secrets.Expand(reader.Text("send"));
  wish.expect = secrets.Expand(reader.Text("expect"));
  if (const std::string pattern = reader.Text("expect_regex"); !pattern.empty()) {
    PHAROS_ASSIGN_OR_RETURN(Regex regex, Regex::Compile(pattern));
    wish.regex = std::make_shared<const Regex>(std::move(regex));
  }
  wish.ping = reader.Bool("ping");
  wish.verify_tls = reader.Bool("verify_tls");
  return wish;
}

int64_t UpgradeTime(const net::Phases& phases) {
  int64_t sum = 0;
  for (const int64_t us :
       {phases.resolve_us, phases.connect_us, phases.tls_us, phases.first_byte_us}) {
    sum += std::max<int64_t>(us, 0);
  }
  return sum;
}

Observation Judge(const CommonSpec& common, const WsTalk& talk, const SecretExpander& secrets,
                  const net::DialAnswer& answer) {
  Observation observation = JudgeConversation(common, answer);
  if (answer.failure == net::DialFailure::kNone) {
    observation.status = model::Status::kUp;
    observation.message.clear();
    observation.latency_ms = RoundedMillis(UpgradeTime(answer.phases));
    JudgeLatency(common, observation);
    observation.evidence.emplace_back(
        "close", talk.closed_cleanly() ? "answered" : "the connection ended without an answer");
  }
  if (talk.is_open()) observation.evidence.emplace_back("upgraded", "yes");
  if (!talk.last_message().empty()) {
    observation.evidence.emplace_back("message", talk.last_message());
  }
  HideLogin(secrets, {}, observation);
  return observation;
}

class WebSocketProbe : public Probe {
 public:
  WebSocketProbe() {
    descriptor_.kind = "websocket";
    descriptor_.title = "WebSocket";
    descriptor_.posture =
        "The target gets a handshake, one text, pings and a close. Masks and keys are random; the "
        "answer is verified. At most 256 KiB, 32 KiB of headers, frames of 128 KiB and twenty "
        "messages are read, no redirect is followed; patterns run in linear time. Texts are cut, "
        "secrets taken out of messages and evidence. The address passes the policy.";
    descriptor_.fields = WebSocketFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, WebSocketFields());
    const std::string url = reader.Text("url");
    if (MayExpand(url)) {
      const std::string lower = AsciiLower(url.substr(0, 6));
      if (url[0] != '$' && !lower.starts_with("ws://") && !lower.starts_with("wss://")) {
        problems.push_back({"url", "must begin with ws:// or wss://"});
      }
      if (HasLineBreak(url)) problems.push_back({"url", "must be one line"});
    } else if (!url.empty()) {
      if (const auto parsed = ParseWsUrl(url); !parsed) {
        problems.push_back({"url", parsed.error().message});
      }
    }
    ValidateHeaders(reader, problems);
    if (HasLineBreak(reader.Text("origin"))) problems.push_back({"origin", "must be one line"});
    if (!reader.Text("subprotocol").empty() && !IsToken(reader.Text("subprotocol"))) {
      problems.push_back({"subprotocol", "must be one name"});
    }
    if (const std::string pattern = reader.Text("expect_regex"); !pattern.empty()) {
      if (const auto regex = Regex::Compile(pattern); !regex) {
        problems.push_back({"expect_regex", regex.error().message});
      }
    }
    ValidateTlsRows(reader, problems);
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, WebSocketFields());
    auto secrets = std::make_shared<SecretExpander>(tools.secrets);
    Result<WsWish> wish = ReadWish(reader, *secrets);
    if (!wish) {
      return done(MakeObservation(model::CheckOutcome::kError, model::Status::kDown,
                                  "Invalid URL: " + secrets->Redact(wish.error().message)));
    }
    net::DialRequest request = MakeDialRequest(reader, spec, purpose, tools.clock->Now());
    request.host = wish->url.host;
    request.port = wish->url.port;
    if (wish->url.scheme == "https") request.transport = net::Transport::kTls;
    auto talk = std::make_shared<WsTalk>(std::move(*wish));
    Converse(*tools.dialer, std::move(request), talk,
             [common = ReadCommon(spec), talk, secrets, done = std::move(done)](
                 const net::DialAnswer& answer) { done(Judge(common, *talk, *secrets, answer)); });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeWebSocketProbe() { return std::make_unique<WebSocketProbe>(); }

}  // namespace pharos::probe
