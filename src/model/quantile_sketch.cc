#include "model/quantile_sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace pharos::model {
namespace {

// Bucket i holds (gamma^(i-1), gamma^i] and answers with the value whose relative distance to both
// ends is the same. A little under the promised 2 %, so that rounding of the logarithm at a
// bucket's edge stays inside the promise.
constexpr double kRelativeError = 0.0198;
constexpr double kGamma = (1 + kRelativeError) / (1 - kRelativeError);
constexpr double kSmallest = 0.001;
constexpr double kGreatest = 10'000'000;
constexpr uint32_t kMaxBucketCount = std::numeric_limits<uint32_t>::max();

int32_t IndexOf(double value) {
  static const double kLogGamma = std::log(kGamma);
  return static_cast<int32_t>(std::ceil(std::log(value) / kLogGamma));
}

double ValueOf(int32_t index) { return 2 * std::pow(kGamma, index) / (kGamma + 1); }

int32_t LowestIndex() { return IndexOf(kSmallest); }
int32_t HighestIndex() { return IndexOf(kGreatest); }

void AppendVarint(std::string& out, uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>((n & 0x7F) | 0x80);
  out += static_cast<char>(n);
}

// nullopt on a truncated number or one that does not fit 64 bits.
std::optional<uint64_t> TakeVarint(std::string_view& bytes) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const uint64_t part = byte & 0x7F;
    if (shift == 63 && part > 1) return std::nullopt;
    value |= part << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

uint32_t SaturatingAdd(uint32_t a, uint64_t b) {
  return b >= kMaxBucketCount - a ? kMaxBucketCount : a + static_cast<uint32_t>(b);
}

Error Malformed() { return Error(ErrorKind::kInvalid, "malformed quantile sketch"); }

}  // namespace

void QuantileSketch::Add(double value, uint64_t count) {
  if (!(value > 0) || count == 0) return;
  const int32_t index = IndexOf(std::clamp(value, kSmallest, kGreatest));
  auto at = std::lower_bound(buckets_.begin(), buckets_.end(), index,
                             [](const Bucket& b, int32_t i) { return b.index < i; });
  if (at == buckets_.end() || at->index != index) at = buckets_.insert(at, Bucket{index, 0});
  const uint32_t before = at->count;
  at->count = SaturatingAdd(before, count);
  count_ += at->count - before;
}

void QuantileSketch::Merge(const QuantileSketch& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto mine = buckets_.begin();
  auto theirs = other.buckets_.begin();
  while (mine != buckets_.end() || theirs != other.buckets_.end()) {
    if (theirs == other.buckets_.end() || (mine != buckets_.end() && mine->index < theirs->index)) {
      merged.push_back(*mine++);
    } else if (mine == buckets_.end() || theirs->index < mine->index) {
      merged.push_back(*theirs++);
    } else {
      merged.push_back({mine->index, SaturatingAdd(mine->count, theirs->count)});
      ++mine;
      ++theirs;
    }
  }
  buckets_ = std::move(merged);
  count_ = 0;
  for (const Bucket& bucket : buckets_) count_ += bucket.count;
}

double QuantileSketch::Quantile(double q) const {
  if (count_ == 0) return 0;
  const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1);
  const auto rank = static_cast<uint64_t>(wanted);
  uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (seen > rank) return ValueOf(bucket.index);
  }
  return ValueOf(buckets_.back().index);
}

void QuantileSketch::AppendTo(std::string& out) const {
  // Number of buckets, then per bucket the distance to the one before, doubled, plus 1 if a count
  // follows. Most buckets of a quarter of an hour hold one value, so most take one byte.
  AppendVarint(out, buckets_.size());
  int32_t previous = LowestIndex();
  for (const Bucket& bucket : buckets_) {
    const auto distance = static_cast<uint64_t>(bucket.index - previous);
    previous = bucket.index;
    AppendVarint(out, distance * 2 + (bucket.count > 1 ? 1 : 0));
    if (bucket.count > 1) AppendVarint(out, bucket.count);
  }
}

Result<QuantileSketch> QuantileSketch::ReadFrom(std::string_view& bytes) {
  std::string_view rest = bytes;
  const int64_t lowest = LowestIndex();
  const int64_t highest = HighestIndex();
  const std::optional<uint64_t> size = TakeVarint(rest);
  if (!size || *size > static_cast<uint64_t>(highest - lowest + 1)) return Malformed();
  QuantileSketch sketch;
  sketch.buckets_.reserve(*size);
  int64_t index = lowest;
  for (uint64_t i = 0; i < *size; ++i) {
    const std::optional<uint64_t> word = TakeVarint(rest);
    if (!word) return Malformed();
    const uint64_t distance = *word / 2;
    if (distance > static_cast<uint64_t>(highest - index) || (i > 0 && distance == 0)) {
      return Malformed();
    }
    index += static_cast<int64_t>(distance);
    uint64_t count = 1;
    if (*word % 2 == 1) {
      const std::optional<uint64_t> given = TakeVarint(rest);
      if (!given || *given < 2 || *given > kMaxBucketCount) return Malformed();
      count = *given;
    }
    sketch.buckets_.push_back({static_cast<int32_t>(index), static_cast<uint32_t>(count)});
    sketch.count_ += count;
  }
  bytes = rest;
  return sketch;
}

}  // namespace pharos::model
