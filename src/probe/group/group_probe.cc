#include "probe/group/group_probe.h"

#include <cmath>
#include <set>
#include <string>

#include "model/monitor.h"
#include "probe/common_fields.h"
#include "probe/pushed_kind.h"

namespace pharos::probe {
namespace {

constexpr double kWeightTolerance = 0.01;

std::vector<model::FieldSpec> GroupRows() {
  using model::FieldType;
  return {
      {.name = "members",
       .type = FieldType::kObjectList,
       .required = true,
       .max = static_cast<double>(model::kMaxGroupMembers),
       .help = "The monitors that make the group, as {tag, weight}. Weights sum to 1; without any, "
               "all weigh the same."},
      {.name = "judge_by",
       .type = FieldType::kChoice,
       .fallback = "score",
       .choices = {"score", "worst"},
       .help = "score: up counts 1, degraded 0.5, down 0, by weight. worst: the worst member "
               "decides, whatever it weighs."},
      {.name = "latency",
       .type = FieldType::kChoice,
       .fallback = "avg",
       .choices = {"avg", "max", "min"},
       .help = "How the group's latency follows from its members'."},
      {.name = "delay_ms",
       .type = FieldType::kInt,
       .fallback = 1000,
       .min = 0,
       .max = 60'000,
       .help = "How long the scheduled verdict waits for the members of the same minute."},
  };
}

void CheckMember(const Value& member, const std::string& path, std::set<std::string>& tags,
                 std::vector<FieldError>& problems) {
  const Value* tag = member.Find("tag");
  if (tag == nullptr || !tag->IsString() || tag->AsString().empty()) {
    problems.push_back({path, "must name a monitor by its tag"});
    return;
  }
  if (!tags.insert(tag->AsString()).second) problems.push_back({path, "is named twice"});
  for (const auto& [name, value] : member.AsObject()) {
    if (name != "tag" && name != "weight") {
      problems.push_back({path + "." + name, "is not a member of a group's member"});
    }
  }
  const Value* weight = member.Find("weight");
  if (weight == nullptr) return;
  if (!weight->IsNumber() || !(weight->AsDouble() >= 0 && weight->AsDouble() <= 1)) {
    problems.push_back({path + ".weight", "must be a number from 0 to 1"});
  }
}

class GroupProbe : public PushedKind {
 public:
  GroupProbe()
      : PushedKind("group", "Group",
                   "Nothing goes out, and nothing comes in but the states of other monitors of the "
                   "same organisation.",
                   GroupRows()) {}

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    const SpecReader reader(spec, descriptor().fields);
    std::set<std::string> tags;
    double sum = 0;
    size_t weighed = 0;
    const Value::List& members = reader.List("members");
    const size_t before = problems.size();
    for (size_t i = 0; i < members.size(); ++i) {
      CheckMember(members[i], "members[" + std::to_string(i) + "]", tags, problems);
      if (members[i].Find("weight") == nullptr) continue;
      ++weighed;
      sum += members[i].DoubleOr("weight", 0);
    }
    if (problems.size() > before || weighed == 0) return;
    if (weighed < members.size()) {
      problems.push_back({"members", "must all have a weight, or none of them"});
    } else if (!(std::abs(sum - 1) <= kWeightTolerance + 1e-9)) {
      problems.push_back({"members", "must have weights that sum to 1"});
    }
  }
};

}  // namespace

std::unique_ptr<Probe> MakeGroupProbe() { return std::make_unique<GroupProbe>(); }

}  // namespace pharos::probe
