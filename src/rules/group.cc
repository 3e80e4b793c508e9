#include "rules/group.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "model/check_result.h"
#include "rules/rollup.h"

namespace pharos::rules {
namespace {

using model::Status;

// Weights such as three times a third do not sum to 1 exactly.
constexpr double kEpsilon = 1e-6;

double ScoreOf(Status status) {
  switch (status) {
    case Status::kUp:
    case Status::kMaintenance:
    case Status::kNoData:
      return 1;
    case Status::kDegraded:
    case Status::kPartialOutage:
      return 0.5;
    case Status::kDown:
      return 0;
  }
  return 1;
}

bool HasSample(const MemberView& member) {
  return member.state != nullptr && member.state->last_sample_at != Timestamp{};
}

std::optional<double> LatencyOf(std::span<const MemberView> members, GroupLatency rule) {
  std::vector<double> known;
  for (const MemberView& member : members) {
    if (HasSample(member) && member.state->latency_ms > 0) {
      known.push_back(member.state->latency_ms);
    }
  }
  if (known.empty()) return std::nullopt;
  switch (rule) {
    case GroupLatency::kMax:
      return *std::max_element(known.begin(), known.end());
    case GroupLatency::kMin:
      return *std::min_element(known.begin(), known.end());
    case GroupLatency::kAverage:
      break;
  }
  double sum = 0;
  for (const double ms : known) sum += ms;
  return sum / static_cast<double>(known.size());
}

// "Down: Web shop, Mail; degraded: Search", the worst first.
std::string Blame(std::span<const MemberView> members) {
  struct Line {
    Status status;
    std::string_view word;
  };
  constexpr Line kLines[] = {{Status::kDown, "down"},
                             {Status::kPartialOutage, "partly out"},
                             {Status::kDegraded, "degraded"}};
  std::string text;
  for (const Line& line : kLines) {
    std::string names;
    for (const MemberView& member : members) {
      if (!HasSample(member) || member.state->shown != line.status) continue;
      names += (names.empty() ? "" : ", ") + member.name;
    }
    if (names.empty()) continue;
    text += (text.empty() ? "" : "; ") + std::string(line.word) + ": " + names;
  }
  if (!text.empty()) text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return Ellipsize(text, model::kMaxMessageBytes);
}

}  // namespace

GroupSpec ReadGroup(const Value& spec) {
  GroupSpec group;
  const std::string latency = spec.StringOr("latency", "avg");
  if (latency == "max") group.latency = GroupLatency::kMax;
  if (latency == "min") group.latency = GroupLatency::kMin;
  group.by_worst = spec.StringOr("judge_by", "") == "worst";
  const Value* members = spec.Find("members");
  if (members == nullptr || !members->IsList()) return group;
  bool weighed = false;
  for (const Value& member : members->AsList()) {
    group.members.push_back({member.StringOr("tag", ""), member.DoubleOr("weight", 0)});
    weighed = weighed || member.Find("weight") != nullptr;
  }
  if (weighed) return group;
  for (GroupMember& member : group.members) {
    member.weight = 1 / static_cast<double>(group.members.size());
  }
  return group;
}

GroupVerdict JudgeGroup(std::span<const MemberView> members, const GroupSpec& spec) {
  GroupVerdict verdict;
  double score = 0;
  double weight = 0;
  bool has_data = false;
  std::vector<Status> shown;
  for (const MemberView& member : members) {
    if (!HasSample(member)) continue;
    has_data = has_data || member.state->shown != Status::kNoData;
    shown.push_back(member.state->shown);
    score += member.weight * ScoreOf(member.state->shown);
    weight += member.weight;
  }
  if (!has_data || (weight <= 0 && !spec.by_worst)) {
    verdict.message = "No member has data";
    return verdict;
  }
  if (spec.by_worst) {
    verdict.status = WorstOf(shown);
  } else {
    score /= weight;
    verdict.status = score >= 1 - kEpsilon ? Status::kUp
                     : score <= kEpsilon   ? Status::kDown
                                           : Status::kDegraded;
  }
  verdict.latency_ms = LatencyOf(members, spec.latency);
  if (verdict.status != Status::kUp) verdict.message = Blame(members);
  return verdict;
}

}  // namespace pharos::rules
