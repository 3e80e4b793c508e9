#include "app/housekeeper.h"

#include "base/log.h"
#include "store/history_store.h"

namespace pharos::app {
namespace {

// A key that the command line made or revoked beside us works within this time.
constexpr Duration kLookEvery = Milliseconds(20);
constexpr Duration kFoldEvery = Minutes(15);
// Younger samples stay in the journal: confirmation may still rewrite them.
constexpr Duration kFoldAge = Hours(1);
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
                         intake::Intake& intake, service::KeyVerifier& verifier, const Clock& clock)
    : settings_(settings),
      store_(store),
      intake_(intake),
      verifier_(verifier),
      clock_(clock),
      started_at_(clock.Now()),
      started_mono_(clock.Monotonic()) {
  next_fold_ = clock.Now() + kFoldEvery;
  next_prune_ = FloorTo(clock.Now(), Days(1)) + Days(1);
}

std::unique_ptr<Housekeeper> Housekeeper::Start(const HousekeeperSettings& settings,
                                                store::Store& store, intake::Intake& intake,
                                                service::KeyVerifier& verifier,
                                                const Clock& clock) {
  std::unique_ptr<Housekeeper> keeper(new Housekeeper(settings, store, intake, verifier, clock));
  keeper->watcher_ =
      std::thread([raw = keeper.get()] { raw->Repeat([raw] { raw->LookForChanges(); }); });
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

void Housekeeper::KeepHistory() {
  const Timestamp now = clock_.Now();
  // A time further ahead than one period was set by a clock that went back since.
  if (now >= next_fold_ || now + kFoldEvery < next_fold_) Fold(now);
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
}

void Housekeeper::Fold(Timestamp now) {
  next_fold_ = now + kFoldEvery;
  if (Status status = FoldHistory(store_, intake_, now - kFoldAge); !status) {
    LogError("history was not folded; it stays in the journal", status.error());
  }
}

bool Housekeeper::ClockLeapt(Timestamp now) const {
  return (now - started_at_) - (clock_.Monotonic() - started_mono_) > kLeap;
}

void Housekeeper::Prune(Timestamp now) {
  next_prune_ = FloorTo(now, Days(1)) + Days(1);
  if (ClockLeapt(now)) {
    Log(LogLevel::kWarning, "old history is kept: the wall clock was set forward since the start");
    return;
  }
  if (Status status = store_.history().Prune(now - settings_.retention); !status) {
    LogError("old history was not removed", status.error());
  }
}

}  // namespace pharos::app
