#include "rules/uptime.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace pharos::rules {
namespace {

using model::Status;

model::StatusCounts Counts(uint32_t up, uint32_t down, uint32_t degraded, uint32_t maintenance) {
  model::StatusCounts counts;
  counts.Add(Status::kUp, up);
  counts.Add(Status::kDown, down);
  counts.Add(Status::kDegraded, degraded);
  counts.Add(Status::kMaintenance, maintenance);
  return counts;
}

TEST(Uptime, FormulaGrammar) {
  const model::StatusCounts counts = Counts(10, 4, 3, 2);
  const std::pair<const char*, double> rows[] = {
      {"up", 10},
      {"  up  ", 10},
      {"up+maintenance", 12},
      {"up + maintenance + degraded", 15},
      {"up - down - degraded", 3},
      {"up + down * degraded", 22},
      {"up * down + degraded", 43},
      {"up - down * degraded + maintenance", 0},
      {"up / maintenance / maintenance", 2.5},
      {"up\t/\nmaintenance", 5},
      {"down - up", -6},
  };
  for (const auto& [formula, value] : rows) {
    const Result<double> result = EvaluateFormula(formula, counts);
    ASSERT_TRUE(result.has_value()) << formula;
    EXPECT_DOUBLE_EQ(*result, value) << formula;
  }
}

TEST(Uptime, DivisionByZeroYieldsZero) {
  EXPECT_EQ(*EvaluateFormula("up / down", Counts(10, 0, 0, 0)), 0);
  EXPECT_EQ(*EvaluateFormula("up + up / down", Counts(10, 0, 0, 0)), 10);
}

TEST(Uptime, PartialOutagesCountAsDegraded) {
  model::StatusCounts counts = Counts(1, 0, 2, 0);
  counts.Add(Status::kPartialOutage, 5);
  EXPECT_EQ(*EvaluateFormula("degraded", counts), 7);
}

TEST(Uptime, MalformedFormulas) {
  const std::string long_formula = "up" + std::string(2000, ' ');
  for (const std::string& formula :
       {std::string(""), std::string(" "), std::string("up +"), std::string("+ up"),
        std::string("up down"), std::string("(up)"), std::string("up + 1"), std::string("UP"),
        std::string("upp"), std::string("up % down"), std::string("up + - down"),
        std::string("no_data"), std::string("up\0down", 7), long_formula}) {
    const Result<double> result = EvaluateFormula(formula, Counts(1, 1, 1, 1));
    ASSERT_FALSE(result.has_value()) << formula;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalid);
  }
}

TEST(Uptime, DefaultFormulaIsTheDocumentedOne) {
  EXPECT_DOUBLE_EQ(*UptimePercent({}, Counts(90, 5, 5, 0)), 90);
  EXPECT_DOUBLE_EQ(*UptimePercent({}, Counts(80, 5, 5, 10)), 90);
  EXPECT_EQ(UptimePercent({}, Counts(0, 0, 0, 0)), std::nullopt);
  model::StatusCounts blind;
  blind.Add(Status::kNoData, 100);
  EXPECT_EQ(UptimePercent({}, blind), std::nullopt);
}

TEST(Uptime, OwnFormulas) {
  const model::StatusCounts counts = Counts(70, 10, 10, 10);
  EXPECT_DOUBLE_EQ(*UptimePercent({"up + maintenance + degraded", ""}, counts), 90);
  EXPECT_DOUBLE_EQ(*UptimePercent({"up", "up + down + degraded"}, Counts(60, 20, 20, 50)), 60);
  EXPECT_DOUBLE_EQ(*UptimePercent({"up + nonsense", "down"}, counts), 80) << "default instead";
  EXPECT_DOUBLE_EQ(*UptimePercent({"up * up", "down"}, counts), 100) << "never above 100";
  EXPECT_DOUBLE_EQ(*UptimePercent({"down - up", "up"}, counts), 0) << "never below 0";
  EXPECT_EQ(UptimePercent({"up", "down - up"}, counts), std::nullopt);
}

TEST(Uptime, RandomFormulasStayBetweenZeroAndAHundred) {
  std::mt19937_64 random(43);
  const char* variables[] = {"up", "down", "degraded", "maintenance"};
  const char* operators[] = {" + ", " - ", "*", " /"};
  const auto formula = [&] {
    std::string text = variables[random() % 4];
    for (uint64_t n = random() % 60; n > 0; --n) {
      text += operators[random() % 4];
      text += variables[random() % 4];
    }
    return text;
  };
  for (int round = 0; round < 5000; ++round) {
    const auto count = [&] { return static_cast<uint32_t>(random() % (1u << (random() % 31))); };
    const model::StatusCounts counts = Counts(count(), count(), count(), count());
    const std::optional<double> percent = UptimePercent({formula(), formula()}, counts);
    if (!percent) continue;
    EXPECT_GE(*percent, 0);
    EXPECT_LE(*percent, 100);
  }
}

TEST(Uptime, PercentText) {
  const std::pair<std::optional<double>, const char*> rows[] = {
      {std::nullopt, "-"},    {0, "0"},
      {100, "100"},           {90, "90"},
      {99.5, "99.5"},         {99.93056, "99.9306"},
      {33.333333, "33.3333"}, {1e-9, "0"},
  };
  for (const auto& [percent, text] : rows) EXPECT_EQ(FormatUptime(percent), text);
  EXPECT_EQ(FormatUptime(UptimePercent({}, Counts(1439, 1, 0, 0))), "99.9306");
}

TEST(Uptime, LatencyText) {
  const std::pair<double, const char*> rows[] = {
      {0, ""},           {-3, ""},           {0.6, "1ms"},         {123.4, "123ms"},
      {999.4, "999ms"},  {999.6, "1.00s"},   {1230, "1.23s"},      {59'990, "59.99s"},
      {60'000, "1.00m"}, {123'000, "2.05m"}, {4'320'000, "1.20h"},
  };
  for (const auto& [ms, text] : rows) EXPECT_EQ(FormatLatency(ms), text);
  EXPECT_EQ(FormatLatency(std::numeric_limits<double>::quiet_NaN()), "");
}

}  // namespace
}  // namespace pharos::rules
