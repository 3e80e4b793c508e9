#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "probe/probe.h"

namespace pharos::schedule {

// Whether somebody was not reached, or did not answer to the end: what a trouble of our own looks
// like. A refusal, a bad certificate or a wrong answer is the other side's word.
bool MayBeOurs(const probe::Observation& seen);
// The observation of a check that our own trouble made worthless.
void MakeBlind(probe::Observation& seen, std::string_view message);

// Addresses that the operator knows to be reachable while our own way out is open (architecture
// D17). Asked before a target that could not be reached counts as down: when none of them accepts a
// connection, the trouble is ours. One round at a time, its outcome holds for two seconds, so an
// outage of thousands of targets costs a few connections. Thread-safe.
class Canaries {
 public:
  struct Settings {
    std::vector<std::string> targets;  // "host:port", "[::1]:port"; others are left out
  };
  // `dialer` may be null: then nothing is asked. What is given outlives this.
  Canaries(const Settings& settings, net::Dialer* dialer, const Clock& clock, Metrics& metrics);
  ~Canaries();
  Canaries(const Canaries&) = delete;
  Canaries& operator=(const Canaries&) = delete;

  // Whether this may be our own trouble and there are canaries to ask.
  bool Concern(const probe::Observation& seen) const;
  // Calls back once, at once or on the dialer's thread: whether one canary was reached. What we
  // cannot ask about, since our own policy or caps forbid it, counts as open.
  void Ask(std::function<void(bool way_is_open)> done);

  static constexpr std::string_view kCutMessage =
      "Monitor was blind: this server could reach none of its canaries";

  // Host and port of "host:port". Error: kInvalid.
  static Result<std::pair<std::string, uint16_t>> ParseTarget(std::string_view text);

 private:
  struct State;
  std::shared_ptr<State> state_;  // rounds under way outlive this
};

}  // namespace pharos::schedule
