#include "model/quantile_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace pharos::model {
namespace {

QuantileSketch SketchOf(const std::vector<double>& values) {
  QuantileSketch sketch;
  for (const double value : values) sketch.Add(value);
  return sketch;
}

std::vector<double> RandomLatencies(std::mt19937_64& random, size_t count) {
  // Spread over the whole promised range, small and large alike.
  std::uniform_real_distribution<double> exponent(-3, 7);
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(std::pow(10.0, exponent(random)));
  return values;
}

std::string Encoded(const QuantileSketch& sketch) {
  std::string bytes;
  sketch.AppendTo(bytes);
  return bytes;
}

TEST(QuantileSketch, EmptyAnswersZero) {
  const QuantileSketch sketch;
  EXPECT_TRUE(sketch.IsEmpty());
  EXPECT_EQ(sketch.Count(), 0u);
  EXPECT_EQ(sketch.Quantile(0.5), 0);
}

TEST(QuantileSketch, IgnoresWhatIsNoMeasurement) {
  QuantileSketch sketch;
  sketch.Add(0);
  sketch.Add(-5);
  sketch.Add(std::numeric_limits<double>::quiet_NaN());
  sketch.Add(12, 0);
  EXPECT_TRUE(sketch.IsEmpty());
}

TEST(QuantileSketch, ClampsToItsRange) {
  QuantileSketch sketch;
  sketch.Add(1e-9);
  sketch.Add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(sketch.Count(), 2u);
  EXPECT_NEAR(sketch.Quantile(0), 0.001, 0.001 * 0.02);
  EXPECT_NEAR(sketch.Quantile(1), 1e7, 1e7 * 0.02);
}

TEST(QuantileSketch, RelativeErrorIsAtMostTwoPercent) {
  std::mt19937_64 random(20260304);
  for (int round = 0; round < 20; ++round) {
    std::vector<double> values = RandomLatencies(random, 500);
    const QuantileSketch sketch = SketchOf(values);
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0}) {
      const double exact = values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
      EXPECT_NEAR(sketch.Quantile(q), exact, exact * 0.02) << "q " << q << " round " << round;
    }
  }
}

TEST(QuantileSketch, RelativeErrorHoldsForEveryMagnitude) {
  for (double value = 0.001; value <= 1e7; value *= 1.0037) {
    QuantileSketch sketch;
    sketch.Add(value);
    ASSERT_NEAR(sketch.Quantile(0.5), value, value * 0.02);
  }
}

TEST(QuantileSketch, QuantilesNeverFall) {
  std::mt19937_64 random(7);
  const QuantileSketch sketch = SketchOf(RandomLatencies(random, 300));
  double previous = 0;
  for (int percent = -10; percent <= 110; ++percent) {
    const double value = sketch.Quantile(percent / 100.0);
    EXPECT_GE(value, previous);
    previous = value;
  }
}

TEST(QuantileSketch, MergeEqualsAddingEverything) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    const auto left = RandomLatencies(random, random() % 60);
    const auto right = RandomLatencies(random, random() % 60);
    std::vector<double> both = left;
    both.insert(both.end(), right.begin(), right.end());
    QuantileSketch merged = SketchOf(left);
    merged.Merge(SketchOf(right));
    EXPECT_EQ(merged, SketchOf(both));
    EXPECT_EQ(merged.Count(), both.size());
  }
}

TEST(QuantileSketch, MergeIsCommutativeAndAssociative) {
  std::mt19937_64 random(13);
  for (int round = 0; round < 50; ++round) {
    const QuantileSketch a = SketchOf(RandomLatencies(random, random() % 40));
    const QuantileSketch b = SketchOf(RandomLatencies(random, random() % 40));
    const QuantileSketch c = SketchOf(RandomLatencies(random, random() % 40));
    QuantileSketch left = a;
    left.Merge(b);
    QuantileSketch swapped = b;
    swapped.Merge(a);
    EXPECT_EQ(left, swapped);
    left.Merge(c);
    QuantileSketch bc = b;
    bc.Merge(c);
    QuantileSketch right = a;
    right.Merge(bc);
    EXPECT_EQ(left, right);
  }
}

TEST(QuantileSketch, MergeStaysAssociativeWhenCountsAreFull) {
  QuantileSketch full;
  full.Add(10, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(full.Count(), std::numeric_limits<uint32_t>::max());
  QuantileSketch one;
  one.Add(10);
  QuantileSketch merged = full;
  merged.Merge(one);
  EXPECT_EQ(merged, full);
}

TEST(QuantileSketch, EncodingReadsBack) {
  std::mt19937_64 random(17);
  for (int round = 0; round < 200; ++round) {
    QuantileSketch sketch = SketchOf(RandomLatencies(random, random() % 100));
    if (round % 3 == 0) sketch.Add(250, random() % 100'000);
    const std::string bytes = Encoded(sketch) + "rest";
    std::string_view view = bytes;
    const Result<QuantileSketch> read = QuantileSketch::ReadFrom(view);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, sketch);
    EXPECT_EQ(view, "rest");
  }
}

TEST(QuantileSketch, SteadyLatencyTakesFewBytes) {
  std::mt19937_64 random(19);
  std::normal_distribution<double> latency(120, 10);
  QuantileSketch sketch;
  for (int i = 0; i < 15; ++i) sketch.Add(std::max(1.0, latency(random)));
  EXPECT_LE(Encoded(sketch).size(), 20u);
  EXPECT_EQ(Encoded(QuantileSketch{}).size(), 1u);
}

TEST(QuantileSketch, TruncatedBytesAreRefusedAndNotConsumed) {
  std::mt19937_64 random(23);
  QuantileSketch sketch = SketchOf(RandomLatencies(random, 40));
  sketch.Add(5, 1000);
  const std::string bytes = Encoded(sketch);
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::string_view view = std::string_view(bytes).substr(0, length);
    EXPECT_FALSE(QuantileSketch::ReadFrom(view).has_value());
    EXPECT_EQ(view.size(), length);
  }
}

TEST(QuantileSketch, RandomBytesNeverMakeABrokenSketch) {
  std::mt19937_64 random(29);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % (round % 2 == 0 ? 256 : 16));
    std::string_view view = bytes;
    const Result<QuantileSketch> read = QuantileSketch::ReadFrom(view);
    if (!read) continue;
    const std::string again = Encoded(*read);
    std::string_view again_view = again;
    const Result<QuantileSketch> reread = QuantileSketch::ReadFrom(again_view);
    ASSERT_TRUE(reread.has_value());
    EXPECT_EQ(*reread, *read);
  }
}

TEST(QuantileSketch, MalformedBytesAreRefused) {
  using namespace std::string_view_literals;
  for (std::string_view bytes : {
           "\xFF\xFF\xFF\xFF\x0F"sv,                              // more buckets than there can be
           "\x01\xFF\xFF\x7F"sv,                                  // bucket beyond the range
           "\x02\x04\x00"sv,                                      // the same bucket twice
           "\x01\x05\x01"sv,                                      // a count that is left out when 1
           "\x01\x05\x80\x80\x80\x80\x20"sv,                      // a count over 32 bits
           "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv,  // a number that never ends
       }) {
    EXPECT_FALSE(QuantileSketch::ReadFrom(bytes).has_value());
  }
}

}  // namespace
}  // namespace pharos::model
