#include "rules/group.h"

#include <gtest/gtest.h>

#include <random>

#include "base/json.h"

namespace pharos::rules {
namespace {

using model::Status;

// Members by letter: U D G(degraded) P M N(no data shown) -(never any sample), equal weights unless
// given.
struct Members {
  std::vector<model::MonitorState> states;
  std::vector<MemberView> views;

  explicit Members(std::string_view letters, std::vector<double> weights = {}) {
    states.resize(letters.size());
    views.reserve(letters.size());
    for (size_t i = 0; i < letters.size(); ++i) {
      const size_t index = std::string_view("UGPDMN").find(letters[i]);
      if (index != std::string_view::npos) {
        states[i].shown = static_cast<Status>(index);
        states[i].last_sample_at = FromUnixSeconds(1'772'600'400);
      }
      const double weight =
          weights.empty() ? 1.0 / static_cast<double>(letters.size()) : weights[i];
      views.push_back({"m" + std::to_string(i), weight, &states[i]});
    }
  }
};

Status Judge(std::string_view letters, std::vector<double> weights = {}) {
  return JudgeGroup(Members(letters, std::move(weights)).views, {}).status;
}

TEST(Product211Group, Scores) {
  struct Row {
    const char* members;
    std::vector<double> weights;
    Status status;
  };
  const Row rows[] = {
      {"UU", {}, Status::kUp},
      {"DD", {}, Status::kDown},
      {"UD", {}, Status::kDegraded},
      {"GG", {}, Status::kDegraded},
      {"UG", {}, Status::kDegraded},
      {"GD", {}, Status::kDegraded},
      {"PP", {}, Status::kDegraded},
      {"PD", {}, Status::kDegraded},
      {"UUD", {}, Status::kDegraded},
      {"DDD", {}, Status::kDown},
      {"UUU", {}, Status::kUp},
      {"UUU", {0.333, 0.333, 0.334}, Status::kUp},
      {"UUU", {0.33, 0.33, 0.33}, Status::kUp},
      {"UUUUUUU", {}, Status::kUp},
      {"MU", {}, Status::kUp},
      {"MM", {}, Status::kUp},
      {"MD", {}, Status::kDegraded},
      {"NU", {}, Status::kUp},
      {"ND", {}, Status::kDegraded},
      {"NN", {}, Status::kNoData},
      {"--", {}, Status::kNoData},
      {"", {}, Status::kNoData},
      {"-U", {}, Status::kUp},
      {"-D", {}, Status::kDown},
      {"-D", {0.9, 0.1}, Status::kDown},
      {"-UD", {0.5, 0.3, 0.2}, Status::kDegraded},
      {"UD", {1, 0}, Status::kUp},
      {"UD", {0, 1}, Status::kDown},
      {"-D", {1, 0}, Status::kNoData},
      {"UUUUUUUUUD", {}, Status::kDegraded},
      {"DDDDDDDDDU", {}, Status::kDegraded},
  };
  for (const Row& row : rows) EXPECT_EQ(Judge(row.members, row.weights), row.status) << row.members;
}

// product.md 15.2, check 8
TEST(Product152Check8, GroupOfThreeWithOneDownIsDegradedAllDownIsDown) {
  EXPECT_EQ(Judge("UUD", {0.5, 0.3, 0.2}), Status::kDegraded);
  EXPECT_EQ(Judge("DDD", {0.5, 0.3, 0.2}), Status::kDown);
  EXPECT_EQ(Judge("UUU", {0.5, 0.3, 0.2}), Status::kUp);
}

TEST(Product211Group, MessageNamesWhoIsNotUp) {
  const auto text = [](std::string_view letters) {
    return JudgeGroup(Members(letters).views, {}).message;
  };
  EXPECT_EQ(text("UU"), "");
  EXPECT_EQ(text("UD"), "Down: m1");
  EXPECT_EQ(text("DGUPD"), "Down: m0, m4; partly out: m3; degraded: m1");
  EXPECT_EQ(text("G-"), "Degraded: m0");
  EXPECT_EQ(text("--"), "No member has data");
  EXPECT_LE(text(std::string(100, 'D')).size(), 200U);
}

TEST(Product211Group, LatencyOfMembers) {
  Members members("UUDU");
  members.states[0].latency_ms = 10;
  members.states[1].latency_ms = 40;
  members.states[2].latency_ms = 0;
  members.states[3].latency_ms = 100;
  const auto of = [&](GroupLatency rule) {
    GroupSpec spec;
    spec.latency = rule;
    return JudgeGroup(members.views, spec).latency_ms;
  };
  EXPECT_EQ(of(GroupLatency::kAverage), 50);
  EXPECT_EQ(of(GroupLatency::kMax), 100);
  EXPECT_EQ(of(GroupLatency::kMin), 10);
  EXPECT_EQ(JudgeGroup(Members("UU").views, {}).latency_ms, std::nullopt);
}

TEST(Product211Group, ByTheWorstMember) {
  GroupSpec worst;
  worst.by_worst = true;
  const auto judge = [&](std::string_view letters) {
    return JudgeGroup(Members(letters).views, worst).status;
  };
  EXPECT_EQ(judge("UUU"), Status::kUp);
  EXPECT_EQ(judge("UUD"), Status::kDown);
  EXPECT_EQ(judge("UGU"), Status::kDegraded);
  EXPECT_EQ(judge("MGP"), Status::kPartialOutage);
  EXPECT_EQ(judge("UM"), Status::kMaintenance);
  EXPECT_EQ(judge("N-"), Status::kNoData);
}

TEST(Product211Group, SpecIsReadLeniently) {
  const auto read = [](const char* json) { return ReadGroup(ParseJson(json).value()); };
  const GroupSpec weighed =
      read(R"({"members":[{"tag":"a","weight":0.7},{"tag":"b","weight":0.3}],"latency":"max"})");
  ASSERT_EQ(weighed.members.size(), 2U);
  EXPECT_EQ(weighed.members[0].weight, 0.7);
  EXPECT_EQ(weighed.latency, GroupLatency::kMax);
  const GroupSpec equal = read(R"({"members":[{"tag":"a"},{"tag":"b"}],"judge_by":"worst"})");
  EXPECT_EQ(equal.members[1].weight, 0.5);
  EXPECT_TRUE(equal.by_worst);
  EXPECT_TRUE(read("{}").members.empty());
  EXPECT_TRUE(read(R"({"members":"a"})").members.empty());
}

// A better member never makes the group worse, and the order of members does not matter.
TEST(GroupProperty, IsMonotoneAndWithoutOrder) {
  constexpr std::string_view kBestFirst = "UGD";
  std::mt19937_64 random(11);
  for (int round = 0; round < 5'000; ++round) {
    std::string letters;
    std::vector<double> weights;
    double sum = 0;
    for (uint64_t n = 2 + random() % 8; n > 0; --n) {
      letters += kBestFirst[random() % 3];
      weights.push_back(static_cast<double>(1 + random() % 100));
      sum += weights.back();
    }
    for (double& weight : weights) weight /= sum;
    const Status before = Judge(letters, weights);
    std::string better = letters;
    const size_t which = random() % letters.size();
    if (better[which] != 'U') better[which] = kBestFirst[kBestFirst.find(better[which]) - 1];
    EXPECT_LE(model::Severity(Judge(better, weights)), model::Severity(before)) << letters;
    const std::string back(letters.rbegin(), letters.rend());
    EXPECT_EQ(Judge(back, {weights.rbegin(), weights.rend()}), before);
  }
}

}  // namespace
}  // namespace pharos::rules
