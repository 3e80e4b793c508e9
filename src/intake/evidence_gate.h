#pragma once

#include "base/time.h"
#include "model/check_result.h"
#include "model/monitor_state.h"

namespace pharos::intake {

// Decides which evidence is worth a row, so that an outage of everything does not write as much as
// all checks together: what is new is kept, of a failure that only goes on one in ten, and never
// more than a burst of kBurst and kPerSecond after it. Not thread-safe.
class EvidenceGate {
 public:
  static constexpr int kBurst = 2'000;
  static constexpr int kPerSecond = 200;

  // `before` is the state that the result was judged against.
  bool Admits(const model::MonitorState& before, const model::CheckResult& result, Timestamp now);

 private:
  double tokens_ = kBurst;
  Timestamp filled_at_{};
};

// Whether the result says something that the evidence kept so far does not say.
bool IsNews(const model::MonitorState& before, const model::CheckResult& result);

}  // namespace pharos::intake
