#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "model/monitor_state.h"
#include "model/status.h"

namespace pharos::rules {

// How a group's latency follows from its members'.
enum class GroupLatency : uint8_t { kAverage, kMax, kMin };

struct GroupMember {
  std::string tag;
  double weight = 0;
};

// The spec of a group ("members": [{"tag", "weight"}, ...], "latency"), read. When no member has a
// weight, all weigh the same (Kener 3 knows no weights).
struct GroupSpec {
  std::vector<GroupMember> members;
  GroupLatency latency = GroupLatency::kAverage;
  bool by_worst = false;  // "judge_by": "worst", the rule of Kener 3 (kener-classic.md A.5)
};
GroupSpec ReadGroup(const Value& spec);

// A member as it stands; members that are gone or paused are to be left out.
struct MemberView {
  std::string name;
  double weight = 0;
  const model::MonitorState* state = nullptr;  // nullptr: never had a result
};

struct GroupVerdict {
  model::Status status = model::Status::kNoData;
  std::optional<double> latency_ms;
  std::string message;  // which members are not up; empty when all are
};

// Product.md 2.11: up counts 1, degraded and partly out 0.5, down 0, what is shown otherwise 1, by
// weight; members without any sample are left out and the remaining weights scaled to 1. A sum of
// (almost) 1 is up, of (almost) 0 down, between degraded. By the worst: what WorstOf says of the
// members. No data as long as no member has any. Reads of the spec all but its members. Pure.
GroupVerdict JudgeGroup(std::span<const MemberView> members, const GroupSpec& spec);

}  // namespace pharos::rules
