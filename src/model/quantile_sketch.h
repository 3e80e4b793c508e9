#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pharos::model {

// A mergeable sketch of a distribution of positive values: logarithmic buckets with a relative
// error of at most 2 % for any quantile between 0.001 and 10,000,000 (milliseconds here). Value
// type; merging is commutative and associative, so roll-ups may be combined in any order.
class QuantileSketch {
 public:
  // Values outside the range are clamped to it; zero and negatives are ignored.
  void Add(double value, uint64_t count = 1);
  void Merge(const QuantileSketch& other);
  uint64_t Count() const { return count_; }
  bool IsEmpty() const { return count_ == 0; }
  // q in 0..1; 0 when empty.
  double Quantile(double q) const;
  // Compact bytes: varint pairs of bucket distance and count, counts of 1 left out.
  void AppendTo(std::string& out) const;
  // Reads one sketch from the front of `bytes` and advances it. Error: kInvalid.
  static Result<QuantileSketch> ReadFrom(std::string_view& bytes);
  bool operator==(const QuantileSketch&) const = default;

 private:
  struct Bucket {
    int32_t index = 0;
    uint32_t count = 0;
    bool operator==(const Bucket&) const = default;
  };
  std::vector<Bucket> buckets_;  // ascending by index
  uint64_t count_ = 0;
};

}  // namespace pharos::model
