#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sample.h"
#include "store/sqlite/rollup_codec.h"
#include "store/sqlite/sqlite_connection.h"

namespace pharos::store::sqlite {

// Both ascending with distinct times; where both have one, `newer` wins. What `newer` erases is
// absent.
std::vector<model::Sample> MergeSamples(std::span<const model::Sample> older,
                                        std::span<const model::Sample> newer);

// The stored samples of one monitor and UTC day, without the journal; empty when there are none.
Result<std::vector<model::Sample>> ReadChunk(Connection& connection, model::MonitorId monitor,
                                             int64_t day);

// What a chunk keeps of the texts of one monitor and day: few different ones, whatever a target
// answers. Beyond three quarters of this, texts are told apart without their numbers; beyond all of
// it, kTextNotKept stands in their place.
inline constexpr size_t kMaxTextsPerDay = 200;
inline constexpr size_t kMaxTextBytesPerDay = 32 * 1024;
void BoundTexts(std::vector<model::Sample>& samples);

// One row of a packed table; empty data means that there is to be none.
struct PackedRow {
  int64_t key = 0;
  std::string data;
};
// Rows to be written together: chunks with the roll-ups that follow from them.
struct PackedRows {
  std::vector<PackedRow> chunks;
  std::vector<PackedRow> counts;
  std::vector<PackedRow> latencies;
};

// Packs whole days of samples, recomputing their roll-ups exactly. Days of one monitor are to be
// added together and ascending, since several share a block of counts. Not thread-safe.
class DayPacker {
 public:
  // `connection` is what the present blocks of counts are read from.
  explicit DayPacker(Connection& connection) : connection_(connection) {}
  // `samples` is all there is for that day from now on.
  Status Add(model::MonitorId monitor, int64_t day, std::vector<model::Sample> samples);
  // Zeroes the counts of the days before `day` in that day's block.
  Status DropCountsBefore(model::MonitorId monitor, int64_t day);
  Result<PackedRows> Finish();

 private:
  Status OpenBlock(model::MonitorId monitor, int64_t day);
  void CloseBlock();

  Connection& connection_;
  PackedRows rows_;
  std::optional<int64_t> block_key_;
  CountsBlock block_{};
};

// Writes the rows; one that is empty is removed.
Status WriteRows(Connection& connection, const PackedRows& rows);

}  // namespace pharos::store::sqlite
