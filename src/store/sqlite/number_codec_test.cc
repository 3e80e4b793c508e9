#include "store/sqlite/number_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace pharos::store::sqlite {
namespace {

void ExpectIntegers(const std::vector<int64_t>& values) {
  std::string packed;
  PutIntegers(packed, values);
  packed += "rest";
  ByteReader in(packed);
  std::vector<int64_t> got;
  ASSERT_TRUE(GetIntegers(in, values.size(), got));
  EXPECT_EQ(got, values);
  EXPECT_EQ(in.rest(), "rest");
}

TEST(NumberCodec, IntegersOfAllSizes) {
  ExpectIntegers({});
  ExpectIntegers({0});
  ExpectIntegers({-1, 1, -1, 1});
  ExpectIntegers({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), 0});
  ExpectIntegers(std::vector<int64_t>(5000, 123'456'789));
}

TEST(NumberCodec, RandomIntegers) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    const int bits = static_cast<int>(random() % 62);
    std::vector<int64_t> values(random() % 500);
    for (int64_t& v : values) v = static_cast<int64_t>(random() & ((uint64_t{1} << bits) - 1));
    if (round % 3 == 0 && !values.empty()) values[0] = int64_t{1} << 60;
    ExpectIntegers(values);
  }
}

TEST(NumberCodec, CountBeyondTheBytesIsRefused) {
  std::string packed;
  PutIntegers(packed, std::vector<int64_t>{1, 2, 3});
  ByteReader in(packed);
  std::vector<int64_t> got;
  EXPECT_FALSE(GetIntegers(in, size_t{1} << 40, got));
  EXPECT_LT(got.capacity(), 1000U);
}

TEST(NumberCodec, DecimalsTakeTheCoarsestExactScale) {
  EXPECT_EQ(ExactDecimal(12, 0), 12);
  EXPECT_EQ(ExactDecimal(12.3, 0), std::nullopt);
  EXPECT_EQ(ExactDecimal(12.3, 1), 123);
  EXPECT_EQ(ExactDecimal(12.345, 3), 12345);
  EXPECT_EQ(ExactDecimal(12.3456, 3), std::nullopt);
  EXPECT_EQ(ExactDecimal(-0.0, 0), std::nullopt);
  EXPECT_EQ(ExactDecimal(1e300, 0), std::nullopt);
  EXPECT_EQ(ExactDecimal(std::numeric_limits<double>::quiet_NaN(), 3), std::nullopt);
}

TEST(NumberCodec, DecimalsComeBackExactly) {
  std::mt19937_64 random(6);
  for (const double divisor : {1.0, 10.0, 100.0, 1000.0, 7.0}) {
    std::vector<double> values(300);
    for (double& v : values) v = static_cast<double>(random() % 1'000'000) / divisor;
    std::string packed;
    PutDecimals(packed, values);
    ByteReader in(packed);
    std::vector<double> got;
    ASSERT_TRUE(GetDecimals(in, values.size(), got));
    EXPECT_EQ(got, values);
    EXPECT_TRUE(in.AtEnd());
  }
}

TEST(ByteReader, MalformedVarintsFail) {
  ByteReader too_long(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));
  too_long.Varint();
  EXPECT_FALSE(too_long.ok());
  ByteReader too_large(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
  too_large.Varint();
  EXPECT_FALSE(too_large.ok());
  std::string largest;
  PutVarint(largest, std::numeric_limits<uint64_t>::max());
  ByteReader in(largest);
  EXPECT_EQ(in.Varint(), std::numeric_limits<uint64_t>::max());
  EXPECT_TRUE(in.ok() && in.AtEnd());
  EXPECT_EQ(in.Byte(), 0);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace pharos::store::sqlite
