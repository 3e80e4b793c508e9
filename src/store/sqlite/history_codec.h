#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/sample.h"

namespace pharos::store::sqlite {

inline constexpr int64_t kMillisPerDay = 86'400'000;
// Longer messages are cut when they are appended.
inline constexpr size_t kMaxMessageBytes = 1000;

// Stands for a text that was one too many.
inline constexpr char kTextNotKept[] = "(text not kept: too many different texts on this day)";

// Marks a sample of the journal that takes away what stands at its time. Never in a chunk and never
// given to callers.
inline constexpr auto kErasedOrigin = static_cast<model::SampleOrigin>(15);
inline bool IsErased(const model::Sample& sample) { return sample.origin == kErasedOrigin; }

// What one chunk may unpack to; a hostile or damaged one is refused before it takes more.
struct ChunkLimits {
  size_t max_samples = 8'640'000;  // 100 a second for a day
  size_t max_message_bytes = 256 * 1024 * 1024;
};

// Packs the samples of one monitor and one day, column by column: times as runs of equal steps (or
// Rice-coded steps when they are irregular), statuses with origin as runs, latencies at the
// coarsest exact decimal scale, messages as a dictionary with runs, codes as
// runs or Rice-coded, attempts as runs. The first byte is the version; chunks of the first version
// have no codes and attempts.
// Preconditions: ascending distinct whole milliseconds. `base_ms` is what times are counted from
// and must be given again to decode.
std::string EncodeChunk(std::span<const model::Sample> samples, int64_t base_ms);
// Error: kInternal when the bytes are no chunk or beyond the limits.
Result<std::vector<model::Sample>> DecodeChunk(std::string_view bytes, int64_t base_ms,
                                               const ChunkLimits& limits = {});

// Packs samples of many monitors in the order given: one row of the journal.
std::string EncodeJournal(std::span<const model::MonitorSample> samples);
Result<std::vector<model::MonitorSample>> DecodeJournal(std::string_view bytes);

}  // namespace pharos::store::sqlite
