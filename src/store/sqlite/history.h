#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/history_store.h"
#include "store/sqlite/history_folder.h"
#include "store/sqlite/history_prune.h"
#include "store/sqlite/history_tail.h"
#include "store/sqlite/sqlite_session.h"
#include "store/store.h"

namespace pharos::store::sqlite {

class SqliteHistoryStore : public HistoryStore {
 public:
  // Both must outlive this.
  SqliteHistoryStore(Store& store, HistoryTail& tail)
      : store_(store), tail_(tail), folder_(store, tail) {}

  Status Append(Transaction& tx, std::span<const model::MonitorSample> samples) override;
  Result<size_t> Erase(Transaction& tx, model::MonitorId monitor, Timestamp from, Timestamp to,
                       std::optional<model::Status> status, size_t limit) override;
  Result<std::vector<model::Sample>> Read(Session& session, model::MonitorId monitor,
                                          Timestamp from, Timestamp to, size_t limit,
                                          bool newest_first) override;
  Result<std::optional<model::Sample>> Find(Session& session, model::MonitorId monitor,
                                            Timestamp at) override;
  Result<std::vector<MonitorRollups>> ReadRollups(Session& session,
                                                  std::span<const model::MonitorId> monitors,
                                                  Timestamp from, Timestamp to) override;
  Result<std::vector<MonitorCounts>> ReadCounts(Session& session,
                                                std::span<const model::MonitorId> monitors,
                                                std::span<const Timestamp> bounds) override;
  Result<model::QuantileSketch> ReadLatencySketch(Session& session, model::MonitorId monitor,
                                                  Timestamp from, Timestamp to) override;
  Result<std::vector<model::MonitorSample>> ReadJournal(Session& session) override;
  Status VisitJournal(Session& session,
                      const std::function<void(const model::MonitorSample&)>& visit) override;
  TailSize SizeOfTail() const override;
  Result<size_t> Fold(Timestamp before) override { return folder_.Fold(before); }
  Status Prune(Timestamp before) override { return folder_.Prune(before); }
  Status PruneStep(const MonitorCutoff& cutoff, PruneCursor& cursor) override {
    return folder_.PruneStep(cutoff, cursor);
  }
  Status PruneRows(AgedRows rows, const OrgCutoff& cutoff, Timestamp newest,
                   PruneCursor& cursor) override {
    return PruneAgedRows(store_, rows, cutoff, newest, cursor);
  }

 private:
  // What the journal adds to a monitor's chunks, as this session sees it: samples of
  // [from_ms, to_ms), ascending.
  Result<std::vector<model::Sample>> ReadOverlay(SessionCore& core, model::MonitorId monitor,
                                                 int64_t from_ms, int64_t to_ms);

  Store& store_;
  HistoryTail& tail_;
  HistoryFolder folder_;
};

}  // namespace pharos::store::sqlite
