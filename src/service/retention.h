#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "service/context.h"
#include "store/history_store.h"

namespace pharos::service {

// What the operator of the installation allows, in days.
struct RetentionLimits {
  int64_t usual_days = 400;    // of organisations that have set nothing
  int64_t max_days = 3'650;    // nobody keeps history longer
  int64_t audit_days = 730;    // the audit trail, of all
  int64_t delivery_days = 30;  // messages that were sent or given up, of all
};

// How long an organisation keeps its history: samples, checks, roll-ups, transitions, and
// maintenance that is over.
struct Retention {
  std::optional<int64_t> own_days;  // what the organisation has set
  int64_t days = 0;                 // what counts
  int64_t usual_days = 0;
  int64_t max_days = 0;
};

// Retention per organisation, and the removal of what is too old. Thread-safe; blocks on the store.
class RetentionService {
 public:
  explicit RetentionService(const Context& context) : context_(context) {}

  // Called once, before threads use this.
  void SetLimits(const RetentionLimits& limits) { limits_ = limits; }

  // An organisation that has set nothing here but has changed Kener's data retention policy
  // (product.md 3.1) keeps what that says.
  Result<Retention> Get(model::OrgId org) const;
  // nullopt takes the own value back. Error: kInvalid naming `retention_days`.
  Result<Retention> Put(const model::Principal& who, std::optional<int64_t> days) const;

  // Removes a bounded number of rows that are older than their organisation's cutoff; true while
  // there may be more. For what other parts keep beside the history.
  using Step = std::function<Result<bool>(const store::OrgCutoff& cutoff)>;
  // Called before Prune; `name` is for the log.
  void AddStep(std::string name, Step step) {
    steps_.emplace_back(std::move(name), std::move(step));
  }

  // Called between two steps; false ends the pruning, the next one takes it up.
  using Pause = std::function<bool()>;
  // Removes what is too old, in steps that hold the store's writer for a few milliseconds each. Not
  // folded samples stay, so fold before. By one thread at a time.
  Status Prune(Timestamp now, const Pause& pause) const;

 private:
  using Cutoffs = std::map<model::OrgId, Timestamp>;
  Result<Cutoffs> ReadCutoffs(Timestamp now) const;
  Status PruneSamples(const Cutoffs& cutoffs, Timestamp usual, const Pause& pause) const;
  Status PruneRows(store::AgedRows rows, const store::OrgCutoff& cutoff, Timestamp newest,
                   const Pause& pause) const;

  Context context_;
  RetentionLimits limits_;
  std::vector<std::pair<std::string, Step>> steps_;
};

}  // namespace pharos::service
