#include "net/body_decoder.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace pharos::net {
namespace {

std::string Deflate(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Gzip(const std::string& text) { return Deflate(text, 31); }

struct Decoded {
  BodyDecoder::Outcome outcome = BodyDecoder::Outcome::kMore;
  bool complete = false;
  std::string text;
  size_t largest = 0;
};

Decoded Decode(std::string_view encoding, std::string_view bytes, size_t piece,
               size_t enough = SIZE_MAX) {
  auto decoder = BodyDecoder::Create(encoding);
  Decoded result;
  for (size_t at = 0; at < bytes.size() && result.outcome == BodyDecoder::Outcome::kMore;
       at += piece) {
    result.outcome = (*decoder)->Feed(bytes.substr(at, piece), [&](std::string_view chunk) {
      result.text += chunk;
      result.largest = std::max(result.largest, chunk.size());
      return result.text.size() < enough;
    });
  }
  result.complete = (*decoder)->IsComplete();
  return result;
}

std::string LongText() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i * 7919 % 104729) + "\n";
  return text;
}

TEST(BodyDecoder, ReadsEveryFormInAnyPieces) {
  const std::string text = LongText();
  struct Row {
    const char* encoding;
    std::string bytes;
  };
  for (const Row& row : {Row{"gzip", Gzip(text)}, Row{"X-GZIP", Gzip(text)},
                         Row{"deflate", Deflate(text, 15)}, Row{"deflate", Deflate(text, -15)}}) {
    for (const size_t piece : {1ul, 7ul, 1000ul, 16384ul, 1ul << 24}) {
      const Decoded decoded = Decode(row.encoding, row.bytes, piece);
      EXPECT_EQ(decoded.outcome, BodyDecoder::Outcome::kMore) << row.encoding << piece;
      EXPECT_TRUE(decoded.complete) << row.encoding << piece;
      EXPECT_EQ(decoded.text, text) << row.encoding << piece;
      EXPECT_LE(decoded.largest, 16384u);
    }
  }
}

TEST(BodyDecoder, ReadsBrotli) {
  const std::string_view hello("\x0b\x02\x80hello\x03", 9);  // "hello", stored
  const Decoded decoded = Decode("br", hello, 3);
  EXPECT_EQ(decoded.text, "hello");
  EXPECT_TRUE(decoded.complete);
  EXPECT_FALSE(Decode("br", hello.substr(0, 6), 3).complete);
  EXPECT_EQ(Decode("br", "\xff\xff\xff\xff", 4).outcome, BodyDecoder::Outcome::kBroken);
}

TEST(BodyDecoder, ReadsSeveralMembersAndIgnoresWhatTrails) {
  const std::string bytes = Gzip("one ") + Gzip("two");
  EXPECT_EQ(Decode("gzip", bytes, 5).text, "one two");
  EXPECT_TRUE(Decode("gzip", bytes, 5).complete);
  const Decoded trailing = Decode("gzip", Gzip("one") + "garbage", 4);
  EXPECT_EQ(trailing.text, "one");
  EXPECT_TRUE(trailing.complete);
}

TEST(BodyDecoder, TellsTruncatedFromWhole) {
  const std::string bytes = Gzip(LongText());
  EXPECT_FALSE(Decode("gzip", std::string_view(bytes).substr(0, bytes.size() / 2), 4096).complete);
  EXPECT_FALSE(Decode("gzip", std::string_view(bytes).substr(0, bytes.size() - 1), 4096).complete);
}

TEST(BodyDecoder, RefusesDamagedData) {
  std::string bytes = Gzip(LongText());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  EXPECT_EQ(Decode("gzip", bytes, 4096).outcome, BodyDecoder::Outcome::kBroken);
  EXPECT_EQ(Decode("gzip", "this is not gzip", 4096).outcome, BodyDecoder::Outcome::kBroken);
}

TEST(BodyDecoder, StopsInsideAnExpansion) {
  const std::string bomb = Gzip(std::string(64 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  const Decoded decoded = Decode("gzip", bomb, 1 << 20, 100'000);
  EXPECT_EQ(decoded.outcome, BodyDecoder::Outcome::kStopped);
  EXPECT_LE(decoded.text.size(), 100'000u + 16384u);
}

TEST(BodyDecoder, KnowsWhichEncodingsItReads) {
  EXPECT_EQ(BodyDecoder::Create("")->get(), nullptr);
  EXPECT_EQ(BodyDecoder::Create(" Identity ")->get(), nullptr);
  EXPECT_NE(BodyDecoder::Create("GZIP")->get(), nullptr);
  EXPECT_FALSE(BodyDecoder::Create("zstd"));
  EXPECT_FALSE(BodyDecoder::Create("gzip, gzip"));
}

}  // namespace
}  // namespace pharos::net
