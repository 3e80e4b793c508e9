#include "store/sqlite/tail_pack.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "store/sqlite/byte_codec.h"
#include "store/sqlite/number_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::Sample;

// First byte of an entry; what is not said there is as with the entry before.
constexpr uint8_t kNewStep = 1;
constexpr uint8_t kNewState = 2;
constexpr uint8_t kNewNumbers = 4;
constexpr uint8_t kHasLatency = 8;
constexpr uint8_t kRawLatency = 16;  // as bits, not in microseconds
constexpr uint8_t kHasText = 32;
constexpr uint8_t kNewText = 64;

// Bytes that are made room for at least, and at most by which a pack is larger than needed.
constexpr size_t kLeastRoom = 48;
constexpr size_t kSlackDivisor = 4;

uint64_t StateOf(const Sample& s) {
  return static_cast<uint64_t>(s.status) | static_cast<uint64_t>(s.observed) << 3 |
         static_cast<uint64_t>(s.origin) << 6;
}

// Doubling would leave half of a hundred thousand packs empty.
void MakeRoom(std::string& bytes, size_t more) {
  const size_t needed = bytes.size() + more;
  if (needed <= bytes.capacity()) return;
  bytes.reserve(needed + std::max(kLeastRoom, needed / kSlackDivisor));
}

}  // namespace

void TailPack::Append(int64_t at_ms, int64_t seq, const Sample& sample) {
  Last next{at_ms, at_ms - last_.at_ms, seq, StateOf(sample), sample.code, sample.attempts};
  std::string entry(1, '\0');
  uint8_t flags = 0;
  if (next.step != last_.step) {
    flags |= kNewStep;
    PutSigned(entry, next.step);
  }
  PutSigned(entry, next.seq - last_.seq);
  if (next.state != last_.state) {
    flags |= kNewState;
    PutVarint(entry, next.state);
  }
  if (next.code != last_.code || next.attempts != last_.attempts) {
    flags |= kNewNumbers;
    PutSigned(entry, next.code);
    entry.push_back(static_cast<char>(next.attempts));
  }
  // Also minus zero and what is no number come back as they were.
  if (std::bit_cast<uint64_t>(sample.latency_ms) != 0) {
    flags |= kHasLatency;
    const std::optional<int64_t> us = ExactDecimal(sample.latency_ms, kMaxDecimalDigits);
    if (us && *us > 0) {
      PutVarint(entry, static_cast<uint64_t>(*us));
    } else {
      flags |= kRawLatency;
      PutDouble(entry, sample.latency_ms);
    }
  }
  if (!sample.message.empty()) {
    flags |= kHasText;
    if (IsNewText(sample)) {
      flags |= kNewText;
      PutVarint(entry, sample.message.size());
      text_at_ = static_cast<uint32_t>(bytes_.size() + entry.size());
      text_size_ = static_cast<uint32_t>(sample.message.size());
      text_bytes_ += text_size_;
      entry += sample.message;
    }
  }
  entry[0] = static_cast<char>(flags);
  MakeRoom(bytes_, entry.size());
  bytes_ += entry;
  last_ = next;
  ++count_;
}

std::vector<TailEntry> TailPack::All() const {
  std::vector<TailEntry> entries;
  entries.reserve(count_);
  Reader reader(*this);
  while (reader.Next()) entries.push_back({reader.at_ms(), reader.seq(), reader.Get()});
  return entries;
}

void TailPack::Assign(const std::vector<TailEntry>& entries) {
  *this = TailPack();
  for (const TailEntry& entry : entries) Append(entry.at_ms, entry.seq, entry.sample);
}

uint64_t TailPack::Reader::Varint() {
  ByteReader in(rest_);
  const uint64_t v = in.Varint();
  rest_ = in.rest();
  return v;
}

int64_t TailPack::Reader::Signed() { return UnZigZag(Varint()); }

bool TailPack::Reader::Next() {
  if (rest_.empty()) return false;
  const auto flags = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  if ((flags & kNewStep) != 0) step_ = Signed();
  at_ms_ += step_;
  seq_ += Signed();
  if ((flags & kNewState) != 0) state_ = Varint();
  if ((flags & kNewNumbers) != 0) {
    code_ = static_cast<int32_t>(Signed());
    attempts_ = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
  }
  latency_ms_ = 0;
  if ((flags & kRawLatency) != 0) {
    ByteReader in(rest_);
    latency_ms_ = in.Double();
    rest_ = in.rest();
  } else if ((flags & kHasLatency) != 0) {
    latency_ms_ = FromDecimal(static_cast<int64_t>(Varint()), kMaxDecimalDigits);
  }
  has_text_ = (flags & kHasText) != 0;
  if ((flags & kNewText) != 0) {
    const uint64_t size = Varint();
    text_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  return true;
}

Sample TailPack::Reader::Get() const {
  Sample sample;
  sample.at = FromUnixMillis(at_ms_);
  sample.status = static_cast<model::Status>(state_ & 7);
  sample.observed = static_cast<model::Status>(state_ >> 3 & 7);
  sample.origin = static_cast<model::SampleOrigin>(state_ >> 6 & 15);
  sample.latency_ms = latency_ms_;
  if (has_text_) sample.message = text_;
  sample.code = code_;
  sample.attempts = attempts_;
  return sample;
}

}  // namespace pharos::store::sqlite
