#include "probe/http/keyword_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace pharos::probe {
namespace {

bool FoundInChunks(const std::string& keyword, const std::string& text, size_t chunk) {
  KeywordScanner scanner(keyword);
  for (size_t at = 0; at < text.size(); at += chunk) {
    scanner.Feed(std::string_view(text).substr(at, chunk));
  }
  return scanner.found();
}

TEST(KeywordScanner, FindsAcrossEveryChunkBorder) {
  const std::string text = "All systems are operational today";
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    EXPECT_TRUE(FoundInChunks("operational", text, chunk)) << chunk;
    EXPECT_TRUE(FoundInChunks("today", text, chunk)) << chunk;
    EXPECT_TRUE(FoundInChunks("A", text, chunk)) << chunk;
    EXPECT_FALSE(FoundInChunks("Operational", text, chunk)) << chunk;
    EXPECT_FALSE(FoundInChunks("today!", text, chunk)) << chunk;
  }
}

TEST(KeywordScanner, FallsBackInsideTheKeyword) {
  EXPECT_TRUE(FoundInChunks("aab", "aaab", 1));
  EXPECT_TRUE(FoundInChunks("abcabd", "abcabcabd", 2));
  EXPECT_TRUE(FoundInChunks("ababaca", "abababaca", 3));
  EXPECT_FALSE(FoundInChunks("aab", "abaaaca", 1));
}

TEST(KeywordScanner, BytesAreBytes) {
  const std::string zero("a\0b", 3);
  EXPECT_TRUE(FoundInChunks(zero, std::string("xxa\0byy", 7), 2));
  EXPECT_TRUE(FoundInChunks("verfügbar", "alles ist verfügbar.", 1));
}

TEST(KeywordScanner, EmptyKeywordIsNeverFound) { EXPECT_FALSE(FoundInChunks("", "anything", 3)); }

TEST(KeywordScanner, AgreesWithAPlainSearch) {
  std::mt19937 random(20260304);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    std::string keyword;
    for (size_t n = random() % 40; n > 0; --n)
      text.push_back(static_cast<char>('a' + random() % 2));
    for (size_t n = 1 + random() % 6; n > 0; --n) {
      keyword.push_back(static_cast<char>('a' + random() % 2));
    }
    EXPECT_EQ(FoundInChunks(keyword, text, 1 + random() % 5),
              text.find(keyword) != std::string::npos)
        << keyword << " in " << text;
  }
}

// A search that starts over at every byte would need 10^9 steps here.
TEST(KeywordScanner, HostileTextCostsLinearTime) {
  const std::string keyword = std::string(1000, 'a') + "b";
  const std::string chunk(16 * 1024, 'a');
  KeywordScanner scanner(keyword);
  for (int i = 0; i < 64; ++i) scanner.Feed(chunk);
  EXPECT_FALSE(scanner.found());
  scanner.Feed("b");
  EXPECT_TRUE(scanner.found());
}

}  // namespace
}  // namespace pharos::probe
