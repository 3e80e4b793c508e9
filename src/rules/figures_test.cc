#include "rules/figures.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::rules {
namespace {

using model::Status;

Value Json(std::string_view text) { return ParseJson(text).value(); }

TEST(Figures, LimitsAreStrictAndTheWorstDecides) {
  const Value spec = Json(R"({"figures":[
      {"name":"queue","unit":"jobs","degraded_above":100,"down_above":1000},
      {"name":"free","unit":"GB","degraded_below":20,"down_below":5},
      {"name":"load","degraded_above":4},
      {"name":"note"}]})");
  struct Row {
    const char* figures;
    Status status;
    const char* reason;
  };
  constexpr Row kRows[] = {
      {"{}", Status::kUp, ""},
      {R"({"queue":100})", Status::kUp, ""},
      {R"({"queue":100.5})", Status::kDegraded, "queue is 100.5 jobs, above 100"},
      {R"({"queue":1000})", Status::kDegraded, "queue is 1000 jobs, above 100"},
      {R"({"queue":1001})", Status::kDown, "queue is 1001 jobs, above 1000"},
      {R"({"free":20})", Status::kUp, ""},
      {R"({"free":19.9})", Status::kDegraded, "free is 19.9 GB, below 20"},
      {R"({"free":4})", Status::kDown, "free is 4 GB, below 5"},
      {R"({"load":1e9})", Status::kDegraded, "load is 1000000000, above 4"},
      {R"({"queue":500,"free":1})", Status::kDown, "free is 1 GB, below 5"},
      {R"({"queue":500,"load":5})", Status::kDegraded, "queue is 500 jobs, above 100"},
      {R"({"note":1e300,"other":-1e300})", Status::kUp, ""},
      {R"({"queue":"5000"})", Status::kUp, ""},
  };
  for (const Row& row : kRows) {
    const FigureVerdict verdict = JudgeFigures(spec, Json(row.figures));
    EXPECT_EQ(verdict.status, row.status) << row.figures;
    EXPECT_EQ(verdict.reason, row.reason) << row.figures;
  }
  EXPECT_EQ(JudgeFigures(Value(), Json(R"({"queue":5000})")).status, Status::kUp);
}

// kodo.md 11.1: numeric members are kept, others ignored.
TEST(Figures, KeepsNumbersOnly) {
  EXPECT_EQ(WriteJson(KeepFigures(Json(R"({"a":1,"b":2.5,"c":"3","d":null,"e":{},"f":true})"))),
            R"({"a":1,"b":2.5})");
  EXPECT_TRUE(KeepFigures(Json(R"({"a":"x"})")).IsNull());
  EXPECT_TRUE(KeepFigures(Json("[1]")).IsNull());
  EXPECT_TRUE(KeepFigures(Value()).IsNull());
}

TEST(Figures, AreBounded) {
  Value many;
  for (int i = 0; i < 1'000; ++i) many.Set("m" + std::to_string(i), i);
  EXPECT_EQ(KeepFigures(many).AsObject().size(), kMaxFigures);
  Value wide;
  wide.Set(std::string(kMaxFigureBytes + 1, 'x'), 1);
  wide.Set(std::string(kMaxFigureBytes, 'y'), 1);
  wide.Set("", 1);
  EXPECT_EQ(KeepFigures(wide).AsObject().size(), 1U);
}

}  // namespace
}  // namespace pharos::rules
