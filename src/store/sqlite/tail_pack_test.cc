#include "store/sqlite/tail_pack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>

#include "store/sqlite/day_pack.h"
#include "store/sqlite/history_codec.h"

namespace pharos::store::sqlite {
namespace {

using model::Sample;

TEST(TailPack, RandomEntriesComeBackAsTheyWere) {
  std::mt19937 random(11);
  const auto pick = [&](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<TailEntry> entries;
    TailPack pack;
    int64_t at = pick(0, 1) == 0 ? -5'000'000'000 : 1'780'000'000'000;
    int64_t seq = pick(1, 1'000);
    for (int n = pick(1, 60); n > 0; --n) {
      TailEntry entry;
      at += pick(0, 3) == 0 ? pick(0, 100'000) : 60'000;
      seq += pick(-5, 40);
      entry.at_ms = at;
      entry.seq = seq;
      entry.sample.at = FromUnixMillis(at);
      entry.sample.status = model::kAllStatuses[static_cast<size_t>(pick(0, 5))];
      entry.sample.observed = model::kAllStatuses[static_cast<size_t>(pick(0, 5))];
      entry.sample.origin =
          pick(0, 9) == 0 ? kErasedOrigin : static_cast<model::SampleOrigin>(pick(0, 9));
      constexpr double kLatencies[] = {
          0,     0.001, 12.345, 1.0 / 3, 1e300,
          -5.25, 4e15,  1e-300, 500,     std::numeric_limits<double>::infinity()};
      entry.sample.latency_ms = kLatencies[pick(0, 9)];
      if (pick(0, 2) == 0) entry.sample.message = "text " + std::to_string(pick(0, 2));
      entry.sample.code = pick(0, 2) == 0 ? pick(-9, 599) : 200;
      entry.sample.attempts = static_cast<uint8_t>(pick(0, 4) == 0 ? pick(0, 255) : 1);
      entries.push_back(entry);
      pack.Append(entry.at_ms, entry.seq, entry.sample);
    }
    ASSERT_EQ(pack.Count(), entries.size());
    EXPECT_EQ(pack.last_ms(), at);
    const std::vector<TailEntry> all = pack.All();
    ASSERT_EQ(all.size(), entries.size());
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].at_ms, entries[i].at_ms);
      EXPECT_EQ(all[i].seq, entries[i].seq);
      EXPECT_EQ(all[i].sample, entries[i].sample);
    }
    TailPack again;
    again.Assign(all);
    EXPECT_EQ(again.All().size(), all.size());
  }
}

TEST(TailPack, OneMinuteChecksTakeFewBytes) {
  std::mt19937 random(3);
  TailPack pack;
  Sample sample;
  sample.code = 200;
  for (int i = 0; i < 75; ++i) {
    sample.at = FromUnixMillis(1'780'000'000'000 + 60'000 * i);
    sample.latency_ms = static_cast<double>(20'000 + random() % 40'000) / 1000;
    pack.Append(ToUnixMillis(sample.at), 5'000 + 400 * i, sample);
  }
  EXPECT_LT(pack.HeapBytes(), 75U * 9);
}

TEST(TailPack, ARepeatedTextIsKeptOnce) {
  TailPack pack;
  Sample sample;
  sample.message = std::string(500, 'x');
  EXPECT_TRUE(pack.IsNewText(sample));
  for (int i = 0; i < 50; ++i) pack.Append(i, 1, sample);
  EXPECT_FALSE(pack.IsNewText(sample));
  EXPECT_EQ(pack.text_bytes(), 500U);
  EXPECT_EQ(pack.All().back().sample.message, sample.message);
}

std::vector<Sample> WithTexts(int count, const std::function<std::string(int)>& text) {
  std::vector<Sample> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    samples[static_cast<size_t>(i)].at = FromUnixMillis(i);
    samples[static_cast<size_t>(i)].message = text(i);
  }
  return samples;
}

size_t DifferentTexts(const std::vector<Sample>& samples) {
  std::vector<std::string> texts;
  for (const Sample& s : samples) texts.push_back(s.message);
  std::sort(texts.begin(), texts.end());
  return static_cast<size_t>(std::unique(texts.begin(), texts.end()) - texts.begin());
}

TEST(BoundTexts, FewTextsStayAsTheyAre) {
  std::vector<Sample> samples =
      WithTexts(5'000, [](int i) { return "failed, try " + std::to_string(i % 100); });
  const std::vector<Sample> before = samples;
  BoundTexts(samples);
  EXPECT_EQ(samples, before);
}

TEST(BoundTexts, TextsThatDifferInNumbersBecomeOne) {
  std::vector<Sample> samples =
      WithTexts(50'000, [](int i) { return "took " + std::to_string(i) + " ms of 10000 ms"; });
  BoundTexts(samples);
  EXPECT_LE(DifferentTexts(samples), kMaxTextsPerDay);
  EXPECT_EQ(samples.front().message, "took 0 ms of 10000 ms");
  EXPECT_EQ(samples.back().message, "took # ms of # ms");
}

TEST(BoundTexts, AHostileTargetFillsNothingAndASecondFoldChangesNothing) {
  std::mt19937 random(5);
  std::vector<Sample> samples = WithTexts(20'000, [&](int) {
    std::string text;
    for (int i = 0; i < 400; ++i) text.push_back(static_cast<char>('a' + random() % 26));
    return text;
  });
  BoundTexts(samples);
  EXPECT_EQ(samples.back().message, kTextNotKept);
  EXPECT_LT(EncodeChunk(samples, 0).size(), kMaxTextBytesPerDay + 20'000);
  const std::vector<Sample> once = samples;
  BoundTexts(samples);
  EXPECT_EQ(samples, once);
}

}  // namespace
}  // namespace pharos::store::sqlite
