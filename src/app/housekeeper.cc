#include "app/housekeeper.h"

#include "base/log.h"
#include "store/history_store.h"

namespace pharos::app {
namespace {

// A key that the command line made or revoked beside us works within this time.
constexpr Duration kLookEvery = Milliseconds(20);
constexpr Duration kStepEvery = Seconds(10);
constexpr Duration kGenerateEvery = Hours(1);
constexpr Duration kFoldEvery = Minutes(15);
// Younger samples stay in the journal: confirmation may still rewrite them.
constexpr Duration kFoldAge = Hours(1);
// When samples in memory take more than this, younger ones are folded too.
constexpr size_t kMaxTailBytes = 256 * 1024 * 1024;
constexpr Duration kFoldAgeOfLargeTail = Minutes(10);
constexpr Duration kLookAtTailEvery = Minutes(2);
// So much of the time belongs to others while old history is removed.
constexpr Duration kRestFromPruning = Milliseconds(5);
// A machine that sleeps also makes the wall clock run ahead of the monotonic one; a night is
// normal.
constexpr Duration kLeap = Days(2);

}  // namespace

Status FoldHistory(store::Store& store, intake::Intake& intake, Timestamp before) {
  // The journal is what states are rebuilt from, so they are written down first.
  PHAROS_RETURN_IF_ERROR(intake.Checkpoint());
  while (true) {
    PHAROS_ASSIGN_OR_RETURN(const size_t folded, store.history().Fold(before));
    if (folded == 0) return Ok();
  }
}

Housekeeper::Housekeeper(const HousekeeperSettings& settings, store::Store& store,
                         intake::Intake& intake, service::KeyVerifier& verifier, const Clock& clock,
                         const Chores& chores)
    : settings_(settings),
      store_(store),
      intake_(intake),
      verifier_(verifier),
      clock_(clock),
      chores_(chores),
      started_at_(clock.Now()),
      started_mono_(clock.Monotonic()) {
  next_fold_ = clock.Now() + kFoldEvery;
  next_prune_ = FloorTo(clock.Now(), Days(1)) + Days(1);
}

std::unique_ptr<Housekeeper> Housekeeper::Start(const HousekeeperSettings& settings,
                                                store::Store& store, intake::Intake& intake,
                                                service::KeyVerifier& verifier, const Clock& clock,
                                                const Chores& chores) {
  std::unique_ptr<Housekeeper> keeper(
      new Housekeeper(settings, store, intake, verifier, clock, chores));
  keeper->watcher_ =
      std::thread([raw = keeper.get()] { raw->Repeat([raw] { raw->LookForChanges(); }); });
  keeper->planner_ =
      std::thread([raw = keeper.get()] { raw->Repeat([raw] { raw->MovePlannedWork(); }); });
  keeper->keeper_ =
      std::thread([raw = keeper.get()] { raw->Repeat([raw] { raw->KeepHistory(); }); });
  return keeper;
}

void Housekeeper::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  if (planner_.joinable()) planner_.join();
  if (keeper_.joinable()) keeper_.join();
}

void Housekeeper::Repeat(const std::function<void()>& work) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    work();
    lock.lock();
    wake_.wait_for(lock, kLookEvery, [&] { return stopping_; });
  }
}

void Housekeeper::MovePlannedWork() {
  const Timestamp now = clock_.Now();
  const auto report = [](const char* what, const Status& status) {
    if (!status) LogError(what, status.error());
  };
  // A time further ahead than one period was set by a clock that went back since.
  if (now >= next_step_ || now + kStepEvery < next_step_) {
    next_step_ = now + kStepEvery;
    if (chores_.maintenances != nullptr) {
      report("maintenances were not moved", chores_.maintenances->Step());
    }
    if (chores_.incidents != nullptr) {
      report("drafts were not published", chores_.incidents->PublishDue());
    }
    if (chores_.workflows != nullptr) {
      report("workflows were not carried on", chores_.workflows->Step());
    }
    if (chores_.on_call != nullptr) report("pages were not sent", chores_.on_call->Step());
    if (chores_.subscribers != nullptr) {
      report("subscribers were not told", chores_.subscribers->Step());
    }
  }
  if (now >= next_generation_ || now + kGenerateEvery < next_generation_) {
    next_generation_ = now + kGenerateEvery;
    if (chores_.maintenances != nullptr) {
      report("occurrences were not made", chores_.maintenances->Generate());
    }
    TrimCollections();
  }
}

void Housekeeper::TrimCollections() {
  const auto report = [](const Status& status) {
    if (!status) LogError("a collection was not trimmed", status.error());
  };
  if (chores_.workflows != nullptr) report(chores_.workflows->Trim());
  if (chores_.alerts != nullptr) report(chores_.alerts->Trim());
  if (chores_.beacons != nullptr) report(chores_.beacons->Trim());
}

void Housekeeper::KeepHistory() {
  const Timestamp now = clock_.Now();
  // A time further ahead than one period was set by a clock that went back since.
  if (now >= next_fold_ || now + kFoldEvery < next_fold_) Fold(now, kFoldAge);
  if (now >= next_look_at_tail_ || now + kLookAtTailEvery < next_look_at_tail_) {
    next_look_at_tail_ = now + kLookAtTailEvery;
    if (store_.history().SizeOfTail().bytes > kMaxTailBytes) Fold(now, kFoldAgeOfLargeTail);
  }
  if (now >= next_prune_ || now + Days(1) < next_prune_) Prune(now);
}

void Housekeeper::LookForChanges() {
  const auto counter = store_.ChangeCounter();
  if (!counter) {
    LogError("the store's change counter could not be read", counter.error());
    return;
  }
  if (*counter == seen_change_) return;
  seen_change_ = *counter;
  if (Status status = verifier_.Reload(); !status) {
    LogError("keys could not be reloaded", status.error());
    seen_change_ = -1;
  }
  if (chores_.secrets == nullptr) return;
  const Status reloaded = chores_.secrets->Reload();
  const std::string trouble = reloaded ? "" : reloaded.error().message;
  // Said once, not at every change of anything.
  if (!trouble.empty() && trouble != secret_trouble_) {
    LogError("secrets could not be reloaded; those known before stay", reloaded.error());
  }
  secret_trouble_ = trouble;
  if (!reloaded) seen_change_ = -1;
}

void Housekeeper::Fold(Timestamp now, Duration age) {
  next_fold_ = now + kFoldEvery;
  if (Status status = FoldHistory(store_, intake_, now - age); !status) {
    LogError("history was not folded; it stays in the journal", status.error());
  }
}

bool Housekeeper::ClockLeapt(Timestamp now) const {
  return (now - started_at_) - (clock_.Monotonic() - started_mono_) > kLeap;
}

bool Housekeeper::RestFromPruning() {
  const Timestamp now = clock_.Now();
  if (now >= next_fold_) Fold(now, kFoldAge);
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kRestFromPruning, [&] { return stopping_; });
  return !stopping_;
}

void Housekeeper::Prune(Timestamp now) {
  next_prune_ = FloorTo(now, Days(1)) + Days(1);
  if (ClockLeapt(now)) {
    Log(LogLevel::kWarning, "old history is kept: the wall clock was set forward since the start");
    return;
  }
  const Status pruned = chores_.retention == nullptr
                            ? store_.history().Prune(now - settings_.retention)
                            : chores_.retention->Prune(now, [this] { return RestFromPruning(); });
  if (!pruned) LogError("old history was not removed", pruned.error());
  if (chores_.automation == nullptr) return;
  if (Status status = chores_.automation->Prune(now); !status) {
    LogError("old events and deliveries were not removed", status.error());
  }
}

}  // namespace pharos::app
