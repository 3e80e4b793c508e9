#pragma once

#include <cstdint>

namespace pharos::sim {

// Numbers that follow from a seed alone, on every machine (SplitMix64). Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // from <= number <= to
  int64_t Between(int64_t from, int64_t to) {
    return from + static_cast<int64_t>(Next() % static_cast<uint64_t>(to - from + 1));
  }
  // True in `percent` of a hundred cases.
  bool Chance(int percent) { return Between(0, 99) < percent; }
  template <class List>
  const auto& Pick(const List& list) {
    return list[static_cast<size_t>(Between(0, static_cast<int64_t>(list.size()) - 1))];
  }

 private:
  uint64_t state_;
};

}  // namespace pharos::sim
