#include "base/log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace pharos {
namespace {

// Everything written to standard error while `body` runs; logging is stopped at the end.
template <class F>
std::string Captured(F body) {
  testing::internal::CaptureStderr();
  body();
  StopLogging();
  return testing::internal::GetCapturedStderr();
}

// A line without its time stamp, whose form is checked.
std::string WithoutTime(std::string_view line) {
  const size_t blank = line.find(' ');
  const std::string_view time = line.substr(0, blank);
  EXPECT_EQ(time.size(), 24U) << line;
  EXPECT_TRUE(ParseIso(time).has_value()) << line;
  return std::string(line.substr(blank + 1));
}

class LogTest : public testing::Test {
 protected:
  ~LogTest() override {
    StartLogging({});
    StopLogging();
  }
};

TEST_F(LogTest, WritesTextLines) {
  const std::string out = Captured([] {
    StartLogging({});
    Log(LogLevel::kInfo, "server started", {{"port", 8080}, {"data", "/var/lib/x"}, {"tls", true}});
  });
  EXPECT_EQ(WithoutTime(out), "info server started port=8080 data=/var/lib/x tls=1\n");
}

TEST_F(LogTest, QuotesValuesThatCouldForgeLines) {
  const std::string out = Captured([] {
    StartLogging({});
    Log(LogLevel::kWarning, "odd",
        {{"a", "two words"},
         {"b", "x\n2026 error forged"},
         {"c", ""},
         {"d", "q\"="},
         {"e", "\xFF"}});
  });
  EXPECT_EQ(WithoutTime(out),
            "warning odd a=\"two words\" b=\"x\\n2026 error forged\" c=\"\" d=\"q\\\"=\" "
            "e=\"\xEF\xBF\xBD\"\n");
}

TEST_F(LogTest, WritesJsonLines) {
  const std::string out = Captured([] {
    StartLogging({.level = LogLevel::kDebug, .format = LogFormat::kJson});
    Log(LogLevel::kDebug, "tick", {{"n", 7}, {"text", "a\"b\n"}});
    Log(LogLevel::kError, "bad");
  });
  const std::vector<std::string_view> lines = Split(out, '\n');
  ASSERT_EQ(lines.size(), 3U) << out;
  const Result<Value> first = ParseJson(lines[0]);
  ASSERT_TRUE(first.has_value()) << out;
  EXPECT_EQ(first->AsObject()[0].first, "time");
  EXPECT_EQ(first->StringOr("level", ""), "debug");
  EXPECT_EQ(first->StringOr("event", ""), "tick");
  EXPECT_EQ(first->StringOr("n", ""), "7");
  EXPECT_EQ(first->StringOr("text", ""), "a\"b\n");
  EXPECT_EQ(ParseJson(lines[1])->StringOr("level", ""), "error");
}

TEST_F(LogTest, DropsLinesBelowTheLevel) {
  const std::string out = Captured([] {
    StartLogging({.level = LogLevel::kWarning});
    EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
    EXPECT_TRUE(LogEnabled(LogLevel::kError));
    Log(LogLevel::kInfo, "quiet");
    Log(LogLevel::kWarning, "loud");
  });
  EXPECT_EQ(WithoutTime(out), "warning loud\n");
}

TEST_F(LogTest, LogsErrorsWithTheirDetail) {
  const std::string out = Captured([] {
    StartLogging({});
    LogError("store failed", Error::Internal("disk full"), {{"table", "samples"}});
    LogError("refused", Error(ErrorKind::kNotFound, "no such monitor"));
  });
  const std::vector<std::string_view> lines = Split(out, '\n');
  ASSERT_EQ(lines.size(), 3U) << out;
  EXPECT_EQ(WithoutTime(lines[0]),
            "error store failed table=samples kind=internal message=\"internal error\" "
            "detail=\"disk full\"");
  EXPECT_EQ(WithoutTime(lines[1]), "error refused kind=not_found message=\"no such monitor\"");
}

TEST_F(LogTest, WritesDirectlyWhileNotStarted) {
  const std::string out = Captured([] { Log(LogLevel::kError, "early", {{"n", 1}}); });
  EXPECT_EQ(WithoutTime(out), "error early n=1\n");
}

TEST_F(LogTest, CutsHugeValues) {
  const std::string out = Captured([] {
    StartLogging({});
    Log(LogLevel::kInfo, "big", {{"body", std::string(100'000, 'x')}});
  });
  EXPECT_LT(out.size(), 9000U);
  EXPECT_TRUE(out.ends_with("x...\n"));
}

TEST_F(LogTest, ManyThreadsWriteWholeLinesAndCountDrops) {
  constexpr int kThreads = 4;
  constexpr int kLines = 4000;
  const uint64_t dropped_before = DroppedLogLines();
  const std::string out = Captured([] {
    StartLogging({.format = LogFormat::kJson});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < kLines; ++i) Log(LogLevel::kInfo, "line", {{"i", i}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  uint64_t written = 0;
  for (const std::string_view line : Split(out, '\n')) {
    if (line.empty()) continue;
    const Result<Value> value = ParseJson(line);
    ASSERT_TRUE(value.has_value()) << line;
    written += value->StringOr("event", "") == "line" ? 1 : 0;
  }
  const uint64_t dropped = DroppedLogLines() - dropped_before;
  EXPECT_EQ(written + dropped, uint64_t{kThreads * kLines});
}

TEST_F(LogTest, StartAndStopWhileOthersLog) {
  const std::string out = Captured([] {
    std::atomic<bool> done{false};
    std::thread logger([&] {
      while (!done) Log(LogLevel::kError, "busy");
    });
    for (int i = 0; i < 20; ++i) {
      StartLogging({});
      StopLogging();
    }
    done = true;
    logger.join();
  });
  for (const std::string_view line : Split(out, '\n')) {
    if (line.empty() || line.find("log lines dropped") != std::string_view::npos) continue;
    ASSERT_EQ(WithoutTime(line), "error busy");
  }
}

}  // namespace
}  // namespace pharos
