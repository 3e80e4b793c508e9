#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/history_store.h"
#include "store/sqlite/history_tail.h"
#include "store/store.h"

namespace pharos::store::sqlite {

// Moves samples from the journal into chunks and roll-ups, and removes old ones. Packing happens on
// the caller's thread with a read session; the writer only stores finished rows, a few milliseconds
// at a time, so that other writes are not held up. A crash between steps leaves samples both in
// chunks and in the journal, which reads and the next fold put right.
class HistoryFolder {
 public:
  // Both must outlive the folder.
  HistoryFolder(Store& store, HistoryTail& tail) : store_(store), tail_(tail) {}

  // See HistoryStore.
  Result<size_t> Fold(Timestamp before);
  Status Prune(Timestamp before);
  Status PruneStep(const MonitorCutoff& cutoff, PruneCursor& cursor);

 private:
  Result<size_t> FoldLocked(int64_t before_ms);
  Status PruneStepLocked(const MonitorCutoff& cutoff, PruneCursor& cursor);
  Status StoreUnits(const std::vector<FoldUnit>& units, const FoldPlan& plan);
  Status CleanJournal(const FoldPlan& plan);

  Store& store_;
  HistoryTail& tail_;
  std::mutex mutex_;  // one fold or prune at a time
};

}  // namespace pharos::store::sqlite
