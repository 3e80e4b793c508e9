#include "probe/game/game_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/conversation.h"
#include "probe/evaluation.h"
#include "probe/game/game_list.h"
#include "probe/game/game_talk.h"

namespace pharos::probe {
namespace {

using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr uint16_t kBedrockPort = 19132;
constexpr size_t kMaxTries = 6;
constexpr Duration kDetailsTime = Seconds(2);
constexpr Duration kLeastDetailsTime = Milliseconds(200);
constexpr Duration kMinResend = Milliseconds(250);
constexpr Duration kMaxResend = Seconds(2);

const std::vector<FieldSpec>& GameFields() {
  static const std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "game",
       .required = true,
       .min = 1,
       .max = 64,
       .help = "Id of the game as GameDig names it (csgo, minecraft, quake3), or protocol-<name>."},
      {.name = "host", .required = true, .min = 1, .max = 253, .help = "Name or address."},
      {.name = "port",
       .type = FieldType::kInt,
       .min = 1,
       .max = 65535,
       .help = "Port that answers queries. Empty: the usual one of the game."},
      {.name = "guess_port",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "Also try the ports near port where such games answer."},
      {.name = "request_rules",
       .type = FieldType::kBool,
       .fallback = false,
       .help = "Source games: ask for the server's rules, too."},
      IpVersionRow(),
      EvaluationRow("Function (responseTime, responseRaw) in JavaScript that returns {status, "
                    "latency} when the server answered."),
  });
  return rows;
}

struct Try {
  GameProtocol protocol;
  uint16_t port;
};

// Where to ask, in this order; the first answer counts.
std::vector<Try> PlanTries(const GameQuery& query, int64_t port, bool guess) {
  const bool is_given = port != 0;
  const int64_t first = is_given ? port : query.query_port;
  std::vector<int64_t> ports = {first};
  if (guess && is_given) {
    ports.insert(ports.end(),
                 {port + query.query_port - query.port, query.query_port, port + 1, port - 1});
  } else if (guess) {
    ports.insert(ports.end(), {query.port, first + 1});
  }
  std::vector<Try> tries;
  for (const int64_t one : ports) {
    const bool is_known = std::any_of(tries.begin(), tries.end(),
                                      [one](const Try& earlier) { return earlier.port == one; });
    if (one < 1 || one > 65535 || is_known) continue;
    tries.push_back({query.protocol, static_cast<uint16_t>(one)});
  }
  if (query.protocol == GameProtocol::kMinecraft) {
    tries.push_back(
        {GameProtocol::kBedrock, is_given ? static_cast<uint16_t>(port) : kBedrockPort});
  }
  if (tries.size() > kMaxTries) tries.resize(kMaxTries);
  return tries;
}

// One attempt: tries one after the other, then the players. Used by one thread at a time.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(const Tools& tools, const Value& spec, net::Purpose purpose, const GameQuery& query,
          Done done)
      : tools_(tools),
        common_(ReadCommon(spec)),
        function_(EvaluationFunctionOf("game", spec)),
        done_(std::move(done)) {
    const SpecReader reader(spec, GameFields());
    tries_ = PlanTries(query, reader.Int("port"), reader.Bool("guess_port"));
    wants_rules_ = reader.Bool("request_rules");
    base_ = MakeDialRequest(reader, spec, purpose, {});
  }

  void Begin() { StartTry(); }

 private:
  Duration TimeLeft() const { return common_.timeout - Duration(spent_us_); }

  net::DialRequest RequestFor(const Try& one, Duration timeout) const {
    net::DialRequest request = base_;
    request.transport = TransportOf(one.protocol);
    request.port = one.port;
    request.timeout = timeout;
    request.resend_after = std::clamp(timeout / 4, kMinResend, kMaxResend);
    return request;
  }

  void StartTry() {
    const Try& one = tries_[next_];
    const auto left = static_cast<int64_t>(tries_.size() - next_);
    auto talk = MakeGameTalk(one.protocol, base_.host, one.port);
    Converse(*tools_.dialer, RequestFor(one, TimeLeft() / left), talk,
             [self = shared_from_this(), talk](net::DialAnswer answer) {
               self->OnTry(*talk, std::move(answer));
             });
  }

  void OnTry(GameTalk& talk, net::DialAnswer answer) {
    spent_us_ += std::max<int64_t>(answer.phases.total_us, 0);
    const bool is_first = next_ == 0;
    if (answer.failure == net::DialFailure::kNone) {
      protocol_ = tries_[next_].protocol;
      answer_ = std::move(answer);
      state_ = std::move(talk.state());
      const bool worth_it = wants_rules_ || (state_.players_now > 0 && state_.players.empty());
      if (protocol_ == GameProtocol::kValve && worth_it && TimeLeft() > kLeastDetailsTime) {
        return AskDetails();
      }
      return Finish();
    }
    // The first failure is about what was asked for; a better address does not exist.
    const bool is_ours = JudgeDialFailure(answer).status == Status::kNoData;
    if (is_first || is_ours) answer_ = std::move(answer);
    if (is_ours || ++next_ >= tries_.size() || TimeLeft() <= Duration::zero()) return Finish();
    StartTry();
  }

  void AskDetails() {
    auto talk = MakeA2sDetails(std::move(state_), wants_rules_);
    Converse(*tools_.dialer, RequestFor(tries_[next_], std::min(kDetailsTime, TimeLeft())), talk,
             [self = shared_from_this(), talk](const net::DialAnswer&) {
               self->state_ = std::move(talk->state());
               self->Finish();
             });
  }

  void Finish() {
    Observation observation = JudgeConversation(common_, answer_);
    if (answer_.failure != net::DialFailure::kNone) return done_(std::move(observation));
    AddFacts(observation);
    if (function_.empty()) return done_(std::move(observation));
    EvaluationInput input;
    input.arguments = {Value(*observation.latency_ms), *observation.facts.Find("game")};
    EvaluateTargets(function_, std::move(input), common_, tools_, std::move(observation), done_);
  }

  void AddFacts(Observation& observation) {
    const bool is_v6 = base_.host.find(':') != std::string::npos;
    const std::string connect =
        (is_v6 ? "[" + base_.host + "]" : base_.host) + ":" + std::to_string(tries_[next_].port);
    const bool is_plain = protocol_ == GameProtocol::kTcp || protocol_ == GameProtocol::kUdp;
    observation.code = static_cast<int32_t>(state_.players_now);
    observation.facts.Set("game",
                          GameValue(state_, connect, RoundedMillis(answer_.phases.total_us)));
    if (is_plain) return;
    const auto add = [&observation](const char* name, const std::string& text) {
      if (!text.empty()) observation.evidence.emplace_back(name, text);
    };
    add("server", connect);
    add("name", state_.name);
    add("map", state_.map);
    add("version", state_.version);
    add("players",
        std::to_string(state_.players_now) + " of " + std::to_string(state_.players_max));
  }

  const Tools tools_;
  const CommonSpec common_;
  const std::string function_;
  const Done done_;
  std::vector<Try> tries_;
  bool wants_rules_ = false;
  net::DialRequest base_;
  size_t next_ = 0;
  int64_t spent_us_ = 0;
  GameProtocol protocol_ = GameProtocol::kValve;
  net::DialAnswer answer_;
  GameState state_;
};

// A function judges what a server answered (product.md 2.12); silence is down without it.
Done ThroughFunction(const Value& spec, const Tools& tools, Done done) {
  std::string function = EvaluationFunctionOf("game", spec);
  if (function.empty()) return done;
  return [function = std::move(function), common = ReadCommon(spec), tools,
          done = std::move(done)](Observation seen) {
    const Value* game = seen.facts.Find("game");
    if (game == nullptr) return done(std::move(seen));
    const double ms = seen.latency_ms.value_or(0);
    EvaluateTargets(function, {.arguments = {ms, *game}}, common, tools, std::move(seen), done);
  };
}

class GameProbe : public Probe {
 public:
  GameProbe() {
    descriptor_.kind = "game";
    descriptor_.title = "Game server";
    descriptor_.posture =
        "Game servers, and whoever can forge datagrams, control every byte of the answer. Parsers "
        "read within the datagram, at most 32 parts, 128 players and 128 rules, 200 KiB of JSON; "
        "every text is cut. Requests are small and go to the one address that was looked up, which "
        "passes the policy.";
    descriptor_.fields = GameFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, GameFields());
    ValidateHost(reader, "host", problems);
    const std::string game = reader.Text("game");
    if (game.empty()) return;  // required, said already
    if (const auto query = LookUpGame(game); !query) {
      problems.push_back({"game", query.error().message});
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, GameFields());
    const std::string id = reader.Text("game");
    const Result<GameQuery> query = LookUpGame(id);
    if (!query) {
      return done(MakeObservation(model::CheckOutcome::kError, Status::kDown,
                                  "game \"" + id + "\" " + query.error().message));
    }
    std::make_shared<Attempt>(tools, spec, purpose, *query,
                              ThroughFunction(spec, tools, std::move(done)))
        ->Begin();
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeGameProbe() { return std::make_unique<GameProbe>(); }

}  // namespace pharos::probe
