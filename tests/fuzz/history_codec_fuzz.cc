// Unpacks arbitrary bytes as a chunk of samples and as a row of the journal, as a damaged disk
// would give them. What unpacks must pack again to bytes that unpack to the same samples.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/history_codec.h"
#include "store/sqlite/rollup_codec.h"

namespace {

using pharos::model::Sample;
using namespace pharos::store::sqlite;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Bit by bit, since a latency may be anything, "not a number" too.
bool AreSame(const Sample& a, const Sample& b) {
  return a.at == b.at && a.status == b.status && a.observed == b.observed && a.origin == b.origin &&
         a.message == b.message && a.code == b.code && a.attempts == b.attempts &&
         std::bit_cast<uint64_t>(a.latency_ms) == std::bit_cast<uint64_t>(b.latency_ms);
}

void TryChunk(std::string_view input) {
  ChunkLimits limits;
  limits.max_samples = 20'000;
  limits.max_message_bytes = 1 << 20;
  const int64_t base_ms = 20'000 * kMillisPerDay;
  const auto samples = DecodeChunk(input, base_ms, limits);
  if (!samples) return;
  Require(samples->size() <= limits.max_samples);
  const auto again = DecodeChunk(EncodeChunk(*samples, base_ms), base_ms, limits);
  Require(again.has_value() && again->size() == samples->size());
  for (size_t i = 0; i < samples->size(); ++i) Require(AreSame((*samples)[i], (*again)[i]));
}

void TryJournal(std::string_view input) {
  const auto rows = DecodeJournal(input);
  if (!rows) return;
  const auto again = DecodeJournal(EncodeJournal(*rows));
  Require(again.has_value() && again->size() == rows->size());
  for (size_t i = 0; i < rows->size(); ++i) {
    Require((*rows)[i].monitor == (*again)[i].monitor);
    Require(AreSame((*rows)[i].sample, (*again)[i].sample));
  }
}

void TryRollups(std::string_view input) {
  if (const auto counts = DecodeCounts(input)) {
    Require(DecodeCounts(EncodeCounts(*counts)).value() == *counts);
  }
  static_cast<void>(DecodeLatencies(input));
}

}  // namespace

// The first byte says what the rest is to be.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      TryChunk(input);
      break;
    case 1:
      TryJournal(input);
      break;
    default:
      TryRollups(input);
      break;
  }
  return 0;
}
