#include "schedule/canaries.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace pharos::schedule {
namespace {

constexpr Duration kHolds = Seconds(2);
constexpr Duration kTimeout = Seconds(3);
constexpr size_t kMaxTargets = 8;
// Words of the evidence "failure".
constexpr std::array<std::string_view, 3> kOurs = {"timeout", "unreachable", "resolve"};

// What came of one canary, as far as our way out goes.
enum class Word : uint8_t { kOpen, kCut, kNothing };

Word WordOf(net::DialFailure failure) {
  using net::DialFailure;
  switch (failure) {
    case DialFailure::kNone:
    case DialFailure::kRefused:  // somebody answered
    case DialFailure::kReset:
    case DialFailure::kTlsHandshake:
    case DialFailure::kWrongAnswer:
      return Word::kOpen;
    case DialFailure::kResolve:
    case DialFailure::kUnreachable:
    case DialFailure::kTimeout:
      return Word::kCut;
    case DialFailure::kBadTarget:
    case DialFailure::kBlocked:
    case DialFailure::kNotPermitted:
    case DialFailure::kOverload:
    case DialFailure::kCancelled:
      return Word::kNothing;
  }
  return Word::kNothing;
}

}  // namespace

bool MayBeOurs(const probe::Observation& seen) {
  if (seen.status != model::Status::kDown) return false;
  if (seen.outcome == model::CheckOutcome::kTimeout) return true;
  return std::any_of(seen.evidence.begin(), seen.evidence.end(), [](const auto& fact) {
    return fact.first == "failure" &&
           std::find(kOurs.begin(), kOurs.end(), fact.second) != kOurs.end();
  });
}

void MakeBlind(probe::Observation& seen, std::string_view message) {
  seen.outcome = model::CheckOutcome::kBlind;
  seen.status = model::Status::kNoData;
  seen.latency_ms.reset();
  seen.message = message;
}

struct Canaries::State : std::enable_shared_from_this<Canaries::State> {
  State(net::Dialer* the_dialer, const Clock& the_clock, Metrics& metrics)
      : dialer(the_dialer),
        clock(the_clock),
        open_rounds(metrics.GetCounter("pharos_canary_rounds_total",
                                       "Rounds of asking the canaries of watch.canaries",
                                       {{"outcome", "open"}})),
        cut_rounds(metrics.GetCounter("pharos_canary_rounds_total",
                                      "Rounds of asking the canaries of watch.canaries",
                                      {{"outcome", "cut"}})) {}

  void StartRound() {
    for (size_t i = 0; i < targets.size(); ++i) {
      net::DialRequest request;
      request.host = targets[i].first;
      request.port = targets[i].second;
      request.timeout = kTimeout;
      dialer->Start(std::move(request), [self = shared_from_this()](const net::DialAnswer& answer) {
        self->Take(WordOf(answer.failure));
      });
    }
  }

  void Take(Word word) {
    std::vector<std::function<void(bool)>> calls;
    bool is_open = true;
    {
      std::lock_guard lock(mutex);
      --outstanding;
      round_open = round_open || word == Word::kOpen;
      round_cut = round_cut || word == Word::kCut;
      if (!round_open && outstanding > 0) return;
      is_open = round_open || !round_cut;
      if (!judged) Judge(is_open);
      calls.swap(waiting);
      is_open = verdict;
    }
    for (const auto& call : calls) call(is_open);
  }

  // With the lock held.
  void Judge(bool is_open) {
    judged = true;
    if (verdict && !is_open) {
      Log(LogLevel::kWarning, "no canary can be reached: failures to reach targets say nothing");
    }
    verdict = is_open;
    judged_at = clock.Monotonic();
    (is_open ? open_rounds : cut_rounds).Add();
  }

  net::Dialer* const dialer;
  const Clock& clock;
  Counter& open_rounds;
  Counter& cut_rounds;
  std::vector<std::pair<std::string, uint16_t>> targets;

  std::mutex mutex;  // guards all below
  size_t outstanding = 0;
  bool round_open = false;
  bool round_cut = false;
  bool judged = false;  // this round
  bool verdict = true;
  std::optional<MonotonicTime> judged_at;
  std::vector<std::function<void(bool)>> waiting;
};

Canaries::Canaries(const Settings& settings, net::Dialer* dialer, const Clock& clock,
                   Metrics& metrics)
    : state_(std::make_shared<State>(dialer, clock, metrics)) {
  for (const std::string& text : settings.targets) {
    auto target = ParseTarget(text);
    if (target && state_->targets.size() < kMaxTargets) {
      state_->targets.push_back(*std::move(target));
    } else {
      Log(LogLevel::kWarning, "a canary is left out", {{"canary", text}});
    }
  }
}

Canaries::~Canaries() = default;

Result<std::pair<std::string, uint16_t>> Canaries::ParseTarget(std::string_view text) {
  const size_t colon = text.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : ParseInt(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || *port < 1 || *port > 65'535 || host.empty()) {
    return Error(ErrorKind::kInvalid, "'" + std::string(text) + "' is not of the form host:port");
  }
  return std::pair(std::string(host), static_cast<uint16_t>(*port));
}

bool Canaries::Concern(const probe::Observation& seen) const {
  return !state_->targets.empty() && state_->dialer != nullptr && MayBeOurs(seen);
}

void Canaries::Ask(std::function<void(bool)> done) {
  State& state = *state_;
  bool starts = false;
  {
    std::unique_lock lock(state.mutex);
    const MonotonicTime now = state.clock.Monotonic();
    if (state.judged_at && now - *state.judged_at < kHolds) {
      const bool verdict = state.verdict;
      lock.unlock();
      return done(verdict);
    }
    state.waiting.push_back(std::move(done));
    if (state.outstanding == 0) {
      state.outstanding = state.targets.size();
      state.round_open = state.round_cut = state.judged = false;
      starts = true;
    }
  }
  if (starts) state.StartRound();
}

}  // namespace pharos::schedule
