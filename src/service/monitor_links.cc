#include "service/monitor_links.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "rules/group.h"
#include "store/monitor_store.h"

namespace pharos::service {
namespace {

constexpr size_t kMaxAncestors = 200;

Error WrongMembers(std::string why) { return Error::Field("spec.members", std::move(why)); }
Error WrongParents(std::string why) { return Error::Field("parents", std::move(why)); }

// As it is stored, or nullopt when the organisation has none of that id.
Result<std::optional<model::Monitor>> LoadById(const Context& context, store::Transaction& tx,
                                               model::OrgId org, model::MonitorId id) {
  const store::MonitorPtr known = context.directory.Find(id);
  if (known == nullptr || known->org != org) return std::optional<model::Monitor>();
  return context.store.monitors().FindByTag(tx, org, known->tag);
}

}  // namespace

Status CheckGroup(const Context& context, const model::Monitor& group) {
  if (group.kind != "group" || !group.active) return Ok();
  const rules::GroupSpec spec = rules::ReadGroup(group.spec);
  if (spec.members.empty()) return Ok();
  if (spec.members.size() < 2) return WrongMembers("a group needs at least two members");
  for (const rules::GroupMember& member : spec.members) {
    const store::MonitorPtr known = context.directory.FindByTag(group.org, member.tag);
    if (known == nullptr) return WrongMembers("there is no monitor '" + member.tag + "'");
    if (known->kind == "group") {
      return WrongMembers("'" + member.tag + "' is a group itself; name its members instead");
    }
  }
  return Ok();
}

Status CheckParents(const Context& context, store::Transaction& tx, const model::Monitor& monitor) {
  if (monitor.parents.empty()) return Ok();
  if (monitor.parents.size() > model::kMaxParents) {
    return WrongParents("a monitor may have at most 8 parents");
  }
  if (std::set(monitor.parents.begin(), monitor.parents.end()).size() != monitor.parents.size()) {
    return WrongParents("the same parent is named twice");
  }
  // Level by level, so that the depth is known.
  std::set<model::MonitorId> seen;
  std::vector<model::MonitorId> level = monitor.parents;
  for (int depth = 1; !level.empty(); ++depth) {
    if (depth > model::kMaxParentDepth || seen.size() > kMaxAncestors) {
      return WrongParents("there are too many parents behind the parents");
    }
    std::vector<model::MonitorId> above;
    for (const model::MonitorId id : level) {
      if (monitor.id.IsSet() && id == monitor.id) {
        return WrongParents("a monitor cannot be behind itself");
      }
      if (!seen.insert(id).second) continue;
      PHAROS_ASSIGN_OR_RETURN(const auto parent, LoadById(context, tx, monitor.org, id));
      // One that is gone is only an error where it was named just now.
      if (!parent && depth == 1) return WrongParents("there is no such monitor");
      if (!parent) continue;
      above.insert(above.end(), parent->parents.begin(), parent->parents.end());
    }
    level = std::move(above);
  }
  return Ok();
}

Status CheckFlapping(const model::Monitor& monitor) {
  const model::FlapRule& rule = monitor.flapping;
  const bool fine = rule.low_percent >= 0 && rule.low_percent < rule.high_percent &&
                    rule.high_percent >= 1 && rule.high_percent <= 100;
  if (fine) return Ok();
  return Error::Field("flapping",
                      "the limits must be percentages, the lower one below the upper one");
}

}  // namespace pharos::service
