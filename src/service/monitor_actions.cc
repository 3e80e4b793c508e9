#include "service/monitor_actions.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"

namespace pharos::service {
namespace {

using Kind = MonitorAction::Kind;
using Outcome = ActionOutcome::Kind;

constexpr size_t kMaxName = 255;

bool Changes(const MonitorAction& action, const model::Monitor& monitor) {
  switch (action.kind) {
    case Kind::kPause:
      return monitor.active;
    case Kind::kResume:
      return !monitor.active;
    case Kind::kShow:
      return monitor.hidden;
    case Kind::kHide:
      return !monitor.hidden;
    case Kind::kSetSchedule:
      return monitor.schedule != action.schedule;
    case Kind::kSetCategory:
      return monitor.category != action.category;
    case Kind::kCheck:
    case Kind::kDelete:
      return true;
  }
  return true;
}

void Change(const MonitorAction& action, model::Monitor& monitor) {
  switch (action.kind) {
    case Kind::kPause:
    case Kind::kResume:
      monitor.active = action.kind == Kind::kResume;
      return;
    case Kind::kShow:
    case Kind::kHide:
      monitor.hidden = action.kind == Kind::kHide;
      return;
    case Kind::kSetSchedule:
      monitor.schedule = action.schedule;
      return;
    case Kind::kSetCategory:
      monitor.category = action.category;
      return;
    case Kind::kCheck:
    case Kind::kDelete:
      return;
  }
}

// "Shop" -> "Shop (copy)", "Shop (copy 2)": the first that nobody has.
std::string FreeName(const std::vector<MonitorPtr>& monitors, const std::string& name) {
  std::unordered_set<std::string_view> taken;
  for (const MonitorPtr& monitor : monitors) taken.insert(monitor->name);
  constexpr size_t kRoom = 16;
  const std::string stem = Ellipsize(name, kMaxName - kRoom);
  std::string free = stem + " (copy)";
  for (int n = 2; taken.contains(free); ++n) free = stem + " (copy " + std::to_string(n) + ")";
  return free;
}

}  // namespace

Status MonitorActions::CopyLinks(const model::Principal& who, model::MonitorId from,
                                 model::MonitorId to) {
  PHAROS_ASSIGN_OR_RETURN(const auto channels, channels_.List(who));
  std::vector<model::ChannelId> linked;
  for (const model::Channel& channel : channels) {
    const auto& on = channel.monitors;
    if (std::find(on.begin(), on.end(), from) != on.end()) linked.push_back(channel.id);
  }
  if (!linked.empty()) PHAROS_RETURN_IF_ERROR(channels_.SetChannelsOf(who, to, linked));
  PHAROS_ASSIGN_OR_RETURN(const auto pages, pages_.List(who));
  for (const model::Page& page : pages) {
    if (std::find(page.monitors.begin(), page.monitors.end(), from) == page.monitors.end()) {
      continue;
    }
    PHAROS_RETURN_IF_ERROR(pages_.Update(who, page.id, [&](model::Page& changed) -> Status {
      auto& list = changed.monitors;
      const auto at = std::find(list.begin(), list.end(), from);
      // Right behind the original, unless somebody took that off meanwhile.
      list.insert(at == list.end() ? at : at + 1, to);
      return Ok();
    }));
  }
  return Ok();
}

Result<MonitorPtr> MonitorActions::Clone(const model::Principal& who, std::string_view tag,
                                         std::string new_tag, std::string new_name) {
  const MonitorPtr original = monitors_.FindByTag(who, tag);
  if (original == nullptr) return Error(ErrorKind::kNotFound, "Monitor not found");
  model::Monitor draft = *original;
  draft.id = model::MonitorId();
  draft.name =
      new_name.empty() ? FreeName(monitors_.List(who), original->name) : std::move(new_name);
  draft.tag = new_tag.empty() ? monitors_.FreeTag(who, original->tag) : std::move(new_tag);
  // Whoever knows the address of one must not be able to report for the other.
  if (!draft.spec.StringOr("secret", "").empty()) {
    draft.spec.Set("secret", HexLower(RandomBytes(16)));
  }
  PHAROS_ASSIGN_OR_RETURN(MonitorPtr made, monitors_.Create(who, std::move(draft)));
  const Status linked = CopyLinks(who, original->id, made->id);
  if (linked) return made;
  // Half a copy would be worse than none.
  if (const Status gone = monitors_.Delete(who, made->tag); !gone) {
    LogError("a copy of a monitor could not be taken back", gone.error());
  }
  return linked.error();
}

Result<MonitorPtr> MonitorActions::Apply(const model::Principal& who, std::string_view tag,
                                         const MonitorAction& action) {
  MonitorPtr monitor = monitors_.FindByTag(who, tag);
  if (monitor == nullptr) return Error(ErrorKind::kNotFound, "Monitor not found");
  if (!Changes(action, *monitor)) return monitor;
  return monitors_.Update(who, tag, [&](model::Monitor& changed) -> Status {
    Change(action, changed);
    return Ok();
  });
}

// What is not there stands in the list as such.
Result<std::vector<ActionOutcome>> MonitorActions::Select(const model::Principal& who,
                                                          const MonitorSelection& selection,
                                                          size_t most) const {
  std::vector<ActionOutcome> chosen;
  std::unordered_set<std::string> seen;
  const auto add = [&](Outcome kind, std::string tag) {
    if (seen.insert(tag).second) chosen.push_back({kind, std::move(tag)});
  };
  for (const std::string& tag : selection.tags) {
    add(monitors_.FindByTag(who, tag) != nullptr ? Outcome::kDone : Outcome::kNotFound, tag);
  }
  for (const model::MonitorId id : selection.ids) {
    const MonitorPtr monitor = monitors_.FindById(who, id);
    if (monitor != nullptr) add(Outcome::kDone, monitor->tag);
    if (monitor == nullptr) add(Outcome::kNotFound, std::to_string(id.value()));
  }
  if (!selection.category.empty()) {
    for (const MonitorPtr& monitor : monitors_.List(who)) {
      if (monitor->category == selection.category) add(Outcome::kDone, monitor->tag);
    }
  }
  if (chosen.size() > most) {
    return Error(ErrorKind::kInvalid, "at most " + std::to_string(most) +
                                          " monitors can be chosen for this; these are " +
                                          std::to_string(chosen.size()));
  }
  return chosen;
}

Result<std::vector<ActionOutcome>> MonitorActions::ApplyToAll(const model::Principal& who,
                                                              const MonitorSelection& selection,
                                                              const MonitorAction& action) {
  if (selection.tags.empty() && selection.ids.empty() && selection.category.empty()) {
    return Error(ErrorKind::kInvalid, "choose monitors by tags, ids or category");
  }
  const size_t most = action.kind == Kind::kDelete ? kMaxSelectedToDelete : kMaxSelected;
  PHAROS_ASSIGN_OR_RETURN(std::vector<ActionOutcome> outcomes, Select(who, selection, most));
  switch (action.kind) {
    case Kind::kDelete:
      DeleteEach(who, outcomes);
      break;
    case Kind::kCheck:
      CheckEach(who, outcomes);
      break;
    case Kind::kPause:
    case Kind::kResume:
    case Kind::kShow:
    case Kind::kHide:
    case Kind::kSetSchedule:
    case Kind::kSetCategory:
      ChangeEach(who, action, outcomes);
      break;
  }
  return outcomes;
}

void MonitorActions::ChangeEach(const model::Principal& who, const MonitorAction& action,
                                std::vector<ActionOutcome>& outcomes) {
  std::vector<std::string> tags;
  std::vector<ActionOutcome*> targets;
  for (ActionOutcome& outcome : outcomes) {
    if (outcome.kind != Outcome::kDone) continue;
    const MonitorPtr monitor = monitors_.FindByTag(who, outcome.tag);
    if (monitor != nullptr && !Changes(action, *monitor)) {
      outcome.kind = Outcome::kUnchanged;
      continue;
    }
    tags.push_back(outcome.tag);
    targets.push_back(&outcome);
  }
  const auto results = monitors_.UpdateMany(who, tags, [&](model::Monitor& changed) -> Status {
    Change(action, changed);
    return Ok();
  });
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i]) continue;
    const bool gone = results[i].error().kind == ErrorKind::kNotFound;
    targets[i]->kind = gone ? Outcome::kNotFound : Outcome::kRefused;
    targets[i]->message = results[i].error().message;
  }
}

void MonitorActions::DeleteEach(const model::Principal& who, std::vector<ActionOutcome>& outcomes) {
  for (ActionOutcome& outcome : outcomes) {
    if (outcome.kind != Outcome::kDone) continue;
    const Status deleted = monitors_.Delete(who, outcome.tag);
    if (deleted) continue;
    const bool gone = deleted.error().kind == ErrorKind::kNotFound;
    outcome.kind = gone ? Outcome::kNotFound : Outcome::kRefused;
    outcome.message = deleted.error().message;
  }
}

void MonitorActions::CheckEach(const model::Principal& who, std::vector<ActionOutcome>& outcomes) {
  for (ActionOutcome& outcome : outcomes) {
    if (outcome.kind != Outcome::kDone) continue;
    const MonitorPtr monitor = monitors_.FindByTag(who, outcome.tag);
    const probe::Probe* probe = monitor == nullptr ? nullptr : context_.probes.Find(monitor->kind);
    if (probe == nullptr || probe->descriptor().pushed) {
      outcome.kind = Outcome::kRefused;
      outcome.message = "This monitor has nothing to check";
      continue;
    }
    checks_.RunNow(*monitor, [](const Result<model::CheckResult>&) {});
  }
}

}  // namespace pharos::service
