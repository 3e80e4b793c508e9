#include "store/sqlite/history_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace pharos::store::sqlite {
namespace {

using model::MonitorId;
using model::MonitorSample;
using model::Sample;
using model::SampleOrigin;

constexpr int64_t kDay = 20'516 * kMillisPerDay;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int64_t Pick(int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>(from, to)(random_);
  }
  // Ascending distinct times after `base`: whole minutes, whole seconds, or any milliseconds.
  std::vector<int64_t> Times(int64_t base) {
    const int64_t steps[] = {60'000, 1000, 1};
    const int64_t step = steps[Pick(0, 2)];
    std::set<int64_t> times;
    const int64_t count = Pick(0, 300);
    const bool regular = Pick(0, 1) == 0;
    for (int64_t i = 0; i < count; ++i) {
      times.insert(base + step * (regular ? i : Pick(0, kMillisPerDay / step - 1)));
    }
    return {times.begin(), times.end()};
  }
  double Latency(int64_t kind) {
    switch (kind) {
      case 0:
        return 0;
      case 1:
        return static_cast<double>(Pick(1, 400));
      case 2:
        return static_cast<double>(Pick(1, 400'000)) / 1000;
      case 3:
        return static_cast<double>(Pick(1, 400'000)) / 7;
      default:
        return Pick(0, 9) == 0 ? 10'000 : static_cast<double>(Pick(100, 120)) / 10;
    }
  }
  Sample MakeSample(int64_t at_ms, int64_t latency_kind) {
    Sample s;
    s.at = FromUnixMillis(at_ms);
    s.status = static_cast<model::Status>(Pick(0, 5));
    s.observed = static_cast<model::Status>(Pick(0, 5));
    s.origin = static_cast<SampleOrigin>(Pick(0, 8));
    s.latency_ms = Latency(latency_kind);
    if (Pick(0, 9) == 0) s.message = "message " + std::to_string(Pick(0, 5));
    return s;
  }
  // None, runs of status codes, losses that differ each time, or anything.
  int32_t Code(int64_t kind) {
    switch (kind) {
      case 0:
        return 0;
      case 1:
        return Pick(0, 20) == 0 ? 503 : 200;
      case 2:
        return static_cast<int32_t>(Pick(0, 100));
      default:
        return static_cast<int32_t>(Pick(INT32_MIN, INT32_MAX));
    }
  }
  void AddNumbers(Sample& s, int64_t kind) {
    s.code = Code(kind);
    if (kind != 0) s.attempts = static_cast<uint8_t>(Pick(0, 9) == 0 ? Pick(0, 255) : 1);
  }
  std::vector<Sample> Samples(int64_t base) {
    std::vector<Sample> samples;
    const int64_t latency_kind = Pick(0, 4);
    const int64_t code_kind = Pick(0, 3);
    for (const int64_t at : Times(base)) {
      samples.push_back(MakeSample(at, latency_kind));
      AddNumbers(samples.back(), code_kind);
    }
    return samples;
  }

 private:
  std::mt19937 random_;
};

std::vector<Sample> RoundTrip(const std::vector<Sample>& samples, int64_t base) {
  const auto decoded = DecodeChunk(EncodeChunk(samples, base), base);
  EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().detail);
  return decoded ? *decoded : std::vector<Sample>();
}

std::vector<Sample> RegularDay() {
  std::mt19937 random(1);
  std::normal_distribution<double> jitter(100, 10);
  std::vector<Sample> samples;
  for (int i = 0; i < 1440; ++i) {
    Sample& s = samples.emplace_back();
    s.at = FromUnixMillis(kDay + int64_t{i} * 60'000);
    s.status = s.observed = model::Status::kUp;
    s.latency_ms = std::round(jitter(random) * 10) / 10;
  }
  return samples;
}

TEST(HistoryCodec, EmptyChunk) { EXPECT_TRUE(RoundTrip({}, kDay).empty()); }

TEST(HistoryCodec, RandomChunksComeBackExactly) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Generator generator(seed);
    const int64_t base = generator.Pick(-40'000, 40'000) * kMillisPerDay;
    const std::vector<Sample> samples = generator.Samples(base);
    EXPECT_EQ(RoundTrip(samples, base), samples) << "seed " << seed;
  }
}

TEST(HistoryCodec, EveryCombinationOfStatusObservedAndOrigin) {
  std::vector<Sample> samples;
  int64_t at = kDay;
  for (int origin = 0; origin <= 8; ++origin) {
    for (const model::Status status : model::kAllStatuses) {
      for (const model::Status observed : model::kAllStatuses) {
        Sample& s = samples.emplace_back();
        s.at = FromUnixMillis(at += 1000);
        s.status = status;
        s.observed = observed;
        s.origin = static_cast<SampleOrigin>(origin);
      }
    }
  }
  EXPECT_EQ(RoundTrip(samples, kDay), samples);
}

TEST(HistoryCodec, OddLatenciesComeBackBitByBit) {
  const double odd[] = {std::numeric_limits<double>::denorm_min(),
                        std::numeric_limits<double>::max(),
                        std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(),
                        -1.5,
                        0.1 + 0.2,
                        4503599627370.497,
                        1e-3};
  for (const double latency : odd) {
    std::vector<Sample> samples(1);
    samples[0].at = FromUnixMillis(kDay);
    samples[0].latency_ms = latency;
    EXPECT_EQ(RoundTrip(samples, kDay), samples) << latency;
  }
  std::vector<Sample> nan(1);
  nan[0].at = FromUnixMillis(kDay);
  nan[0].latency_ms = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(RoundTrip(nan, kDay).at(0).latency_ms));
}

TEST(HistoryCodec, ARegularDayIsSmall) {
  const std::string packed = EncodeChunk(RegularDay(), kDay);
  EXPECT_LT(packed.size(), 1440U * 9 / 8);
  std::vector<Sample> quiet = RegularDay();
  for (Sample& s : quiet) s.latency_ms = 0;
  EXPECT_LT(EncodeChunk(quiet, kDay).size(), 32U);
}

TEST(HistoryCodec, NumbersThatStayTheSameCostNextToNothing) {
  const std::vector<Sample> plain = RegularDay();
  std::vector<Sample> coded = plain;
  for (Sample& s : coded) {
    s.code = 200;
    s.attempts = 2;
  }
  EXPECT_LT(EncodeChunk(coded, kDay).size(), EncodeChunk(plain, kDay).size() + 12);
  EXPECT_EQ(RoundTrip(coded, kDay), coded);
  coded[700].code = 503;
  coded[700].attempts = 3;
  EXPECT_LT(EncodeChunk(coded, kDay).size(), EncodeChunk(plain, kDay).size() + 32);
  EXPECT_EQ(RoundTrip(coded, kDay), coded);
}

TEST(HistoryCodec, ExtremeCodesComeBack) {
  std::vector<Sample> samples = RegularDay();
  samples[0].code = INT32_MIN;
  samples[1].code = INT32_MAX;
  samples[2].attempts = 255;
  samples[3].attempts = 0;
  EXPECT_EQ(RoundTrip(samples, kDay), samples);
  for (size_t i = 0; i < samples.size(); ++i) samples[i].code = i % 2 == 0 ? INT32_MIN : INT32_MAX;
  EXPECT_EQ(RoundTrip(samples, kDay), samples);
}

// Written by the first version: up at 0:00 and 0:01, then down with a message.
TEST(HistoryCodec, ChunksOfTheFirstVersionAreReadable) {
  const std::string_view chunk(
      "\x01\x03\x00\x00\xe0\xd4\x03\x02\x01\x02\xf7\x02\x01\x01\x00\x00\xfa\x01\x00\x01\x07"
      "refused\x00\x01",
      30);
  const std::string_view journal(
      "\x01\x03\x0e\x80\xc0\xa7\xe2\x96\x67\x01\xa8\xc3\x01\x00\xc0\xa9\x07\x01\xa8\xc3\x01\x00"
      "\xc0\xa9\x07\xf7\x02\xa8\xc3\x01\x07"
      "refused",
      38);
  const auto samples = DecodeChunk(chunk, kDay);
  ASSERT_TRUE(samples);
  ASSERT_EQ(samples->size(), 3U);
  for (const Sample& s : *samples) {
    EXPECT_EQ(s.latency_ms, 12.5);
    EXPECT_EQ(s.code, 0);
    EXPECT_EQ(s.attempts, 1);
  }
  EXPECT_EQ(samples->at(2).message, "refused");
  EXPECT_EQ(samples->at(2).status, model::Status::kDown);
  const auto rows = DecodeJournal(journal);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows->at(i).monitor, MonitorId(7));
    EXPECT_EQ(rows->at(i).sample, samples->at(i));
  }
}

TEST(HistoryCodec, MessagesAreKeptOnce) {
  std::vector<Sample> samples = RegularDay();
  const std::string text(200, 'x');
  for (Sample& s : samples) s.message = text;
  EXPECT_LT(EncodeChunk(samples, kDay).size(), 1440U * 9 / 8 + 250);
  EXPECT_EQ(RoundTrip(samples, kDay), samples);
}

TEST(HistoryCodec, TruncatedChunksAreRefused) {
  const std::vector<Sample> samples = Generator(3).Samples(kDay);
  const std::string packed = EncodeChunk(samples, kDay);
  for (size_t n = 0; n < packed.size(); ++n) {
    EXPECT_FALSE(DecodeChunk(std::string_view(packed).substr(0, n), kDay)) << n;
  }
  EXPECT_FALSE(DecodeChunk(packed + "x", kDay));
}

TEST(HistoryCodec, DamagedChunksNeverCrash) {
  std::mt19937 random(9);
  ChunkLimits limits;
  limits.max_samples = 100'000;
  limits.max_message_bytes = 1'000'000;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const std::string packed = EncodeChunk(Generator(seed).Samples(kDay), kDay);
    for (int i = 0; i < 200; ++i) {
      std::string damaged = packed;
      for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
      const auto decoded = DecodeChunk(damaged, kDay, limits);
      if (!decoded) continue;
      EXPECT_LE(decoded->size(), limits.max_samples);
    }
  }
}

TEST(HistoryCodec, LimitsAreKept) {
  const std::string packed = EncodeChunk(RegularDay(), kDay);
  ChunkLimits limits;
  limits.max_samples = 1439;
  EXPECT_FALSE(DecodeChunk(packed, kDay, limits));
  limits.max_samples = 1440;
  EXPECT_TRUE(DecodeChunk(packed, kDay, limits));
  std::vector<Sample> samples = RegularDay();
  for (Sample& s : samples) s.message = "0123456789";
  limits.max_message_bytes = 14'399;
  EXPECT_FALSE(DecodeChunk(EncodeChunk(samples, kDay), kDay, limits));
}

TEST(HistoryCodec, JournalRowsComeBackInOrder) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    Generator generator(seed);
    std::vector<MonitorSample> rows;
    for (int64_t n = generator.Pick(0, 200); n > 0; --n) {
      const int64_t at = generator.Pick(-1'000'000'000'000, 2'000'000'000'000);
      rows.push_back(
          {MonitorId(generator.Pick(1, 100'000)), generator.MakeSample(at, generator.Pick(0, 4))});
      generator.AddNumbers(rows.back().sample, seed % 2 == 0 ? 0 : generator.Pick(0, 3));
    }
    const std::string packed = EncodeJournal(rows);
    const auto decoded = DecodeJournal(packed);
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ((*decoded)[i].monitor, rows[i].monitor);
      EXPECT_EQ((*decoded)[i].sample, rows[i].sample);
    }
    for (size_t n = 0; n < packed.size() && seed < 5; ++n) {
      EXPECT_FALSE(DecodeJournal(std::string_view(packed).substr(0, n)));
    }
  }
}

TEST(HistoryCodec, MarksOfErasureAreOfTheJournalAlone) {
  Sample mark;
  mark.at = FromUnixMillis(kDay);
  mark.origin = kErasedOrigin;
  const std::vector<MonitorSample> rows = {{MonitorId(1), mark}};
  const auto decoded = DecodeJournal(EncodeJournal(rows));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(IsErased(decoded->at(0).sample));
  EXPECT_FALSE(DecodeChunk(EncodeChunk(std::span(&mark, 1), kDay), kDay));
  mark.origin = static_cast<model::SampleOrigin>(14);
  const std::vector<MonitorSample> unknown = {{MonitorId(1), mark}};
  EXPECT_FALSE(DecodeJournal(EncodeJournal(unknown)));
}

}  // namespace
}  // namespace pharos::store::sqlite
