#include "service/monitors.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/cron.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/one_shot.h"
#include "base/text.h"
#include "base/time_zone.h"
#include "service/audit.h"
#include "service/monitor_links.h"
#include "service/overlays.h"
#include "store/audit_store.h"
#include "store/monitor_store.h"

namespace pharos::service {
namespace {

constexpr size_t kMaxTagBytes = 255;
constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxTextBytes = 64 * 1024;
constexpr size_t kMaxUrlBytes = 2'048;

bool IsKnownKind(const probe::Catalog& probes, std::string_view kind) {
  return probes.Find(kind) != nullptr;
}

void CheckLength(std::string_view field, std::string_view text, size_t max,
                 std::vector<FieldError>& problems) {
  if (text.size() > max) {
    problems.push_back({std::string(field), std::string(field) + " must be at most " +
                                                std::to_string(max) + " bytes long"});
  }
}

void CheckSchedule(const model::Schedule& schedule, std::vector<FieldError>& problems) {
  switch (schedule.kind) {
    case model::Schedule::Kind::kNever:
      return;
    case model::Schedule::Kind::kInterval:
      if (schedule.interval < Seconds(1) || schedule.interval > Days(30)) {
        problems.push_back({"schedule.interval", "interval must be between 1 second and 30 days"});
      }
      return;
    case model::Schedule::Kind::kCron:
      if (auto cron = CronExpression::Parse(schedule.cron); !cron) {
        problems.push_back({"schedule.cron", "cron is not valid: " + cron.error().message});
      }
      if (!schedule.time_zone.empty() && !IsTimeZone(schedule.time_zone)) {
        problems.push_back({"schedule.time_zone", "time_zone is not a known time zone"});
      }
      return;
  }
}

Status CheckService(const Context& context, const model::Monitor& monitor) {
  if (!monitor.service.IsSet()) return Ok();
  const MonitorPtr service = context.directory.Find(monitor.service);
  if (service != nullptr && service->org == monitor.org) return Ok();
  return Error::Field("service", "there is no such service");
}

// Takes `tag` out of a group's members and makes the remaining weights equal, each rounded to three
// decimals with the last one taking the remainder (kener-v4.md 6.8). False when it was no member.
bool RemoveGroupMember(model::Monitor& group, std::string_view tag) {
  Value* members = group.spec.Find("members");
  if (members == nullptr || !members->IsList()) return false;
  Value::List& list = members->AsList();
  const size_t before = list.size();
  std::erase_if(list, [&](const Value& member) { return member.StringOr("tag", "") == tag; });
  if (list.size() == before) return false;
  if (list.size() < 2) group.active = false;
  const size_t n = list.size();
  double given = 0;
  for (size_t i = 0; i < n; ++i) {
    const double equal = std::round(1000.0 / static_cast<double>(n)) / 1000.0;
    const double weight = i + 1 < n ? equal : std::round((1.0 - given) * 1000.0) / 1000.0;
    given += weight;
    list[i].Set("weight", weight);
  }
  return true;
}

// Monitors that followed a service or stood behind a parent which has just been deleted, as the
// store has them now.
Status AddFormerFollowers(const Context& context, store::Transaction& tx, model::OrgId org,
                          model::MonitorId service, std::vector<model::Monitor>& changed) {
  std::vector<MonitorPtr> linked = context.directory.ListByService(org, service);
  for (MonitorPtr& child : context.directory.ListByParent(service)) {
    if (child->service != service) linked.push_back(std::move(child));
  }
  for (const MonitorPtr& follower : linked) {
    PHAROS_ASSIGN_OR_RETURN(auto stored,
                            context.store.monitors().FindByTag(tx, org, follower->tag));
    if (stored) changed.push_back(*std::move(stored));
  }
  return Ok();
}

// Specs may hold secrets, so of them only that they changed is written down.
Value ChangesBetween(const model::Monitor& before, const model::Monitor& after) {
  Value changes;
  AddChange(changes, "name", before.name, after.name);
  AddChange(changes, "description", before.description, after.description);
  AddChange(changes, "category", before.category, after.category);
  AddChange(changes, "active", before.active, after.active);
  AddChange(changes, "hidden", before.hidden, after.hidden);
  AddChange(changes, "spec", false, before.spec != after.spec);
  AddChange(changes, "schedule", false, before.schedule != after.schedule);
  return changes;
}

Error Collected(std::vector<FieldError> problems) {
  Error error(ErrorKind::kInvalid, problems.front().message);
  error.fields = std::move(problems);
  return error;
}

}  // namespace

bool IsValidTag(std::string_view tag) {
  const auto is_edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (tag.empty() || tag.size() > kMaxTagBytes) return false;
  if (!is_edge(tag.front()) || !is_edge(tag.back())) return false;
  return std::all_of(tag.begin(), tag.end(),
                     [&](char c) { return is_edge(c) || c == '-' || c == '_'; });
}

std::vector<MonitorPtr> MonitorService::List(const model::Principal& who) const {
  std::vector<MonitorPtr> monitors = context_.directory.List(who.org);
  std::reverse(monitors.begin(), monitors.end());
  return monitors;
}

MonitorPtr MonitorService::FindByTag(const model::Principal& who, std::string_view tag) const {
  return context_.directory.FindByTag(who.org, tag);
}

MonitorPtr MonitorService::FindById(const model::Principal& who, model::MonitorId id) const {
  MonitorPtr monitor = context_.directory.Find(id);
  if (monitor == nullptr || monitor->org != who.org) return nullptr;
  return monitor;
}

MonitorPtr MonitorService::FindByUid(const model::Principal& who, std::string_view uid) const {
  return context_.directory.FindByUid(who.org, uid);
}

std::string MonitorService::FreeTag(const model::Principal& who, std::string_view name) const {
  constexpr size_t kMaxStem = 60;
  std::string stem;
  for (const char c : AsciiLower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      stem += c;
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
    if (stem.size() == kMaxStem) break;
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  if (stem.empty()) stem = "monitor";
  if (FindByTag(who, stem) == nullptr) return stem;
  // A few tries in order read well; a random end always fits.
  constexpr int kTries = 20;
  for (int n = 2; n < kTries; ++n) {
    std::string tag = stem + "-" + std::to_string(n);
    if (FindByTag(who, tag) == nullptr) return tag;
  }
  return stem + "-" + RandomUuid().substr(0, 8);
}

Status MonitorService::ReportStatus(const model::Principal& who, const model::Monitor& monitor,
                                    model::Status status, std::string_view why,
                                    model::ResultSource source) {
  if (monitor.kind != "manual") {
    return Error(ErrorKind::kInvalid, "The status of this monitor is not set by hand");
  }
  const auto before = StateOf(monitor);
  model::CheckResult result;
  result.monitor = monitor.id;
  result.at = result.finished_at = context_.clock.Now();
  result.source = source;
  result.outcome = model::CheckOutcome::kAnswered;
  result.observed = status;
  result.message = std::string(why);
  OneShot<Status> outcome;
  PHAROS_RETURN_IF_ERROR(context_.intake.Submit(
      std::move(result), [&](Status done) { outcome.Set(std::move(done)); }));
  PHAROS_RETURN_IF_ERROR(outcome.Take());
  const model::Status old = before ? before->shown : model::Status::kNoData;
  // The first status belongs to the creation, which has its own entry.
  if (old == status || old == model::Status::kNoData) return Ok();
  Value changes;
  AddChange(changes, "status", model::StatusName(old), model::StatusName(status));
  return context_.store.Write([&](store::Transaction& tx) {
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "service.status_changed", {"service", monitor.uid}, context_.clock.Now(),
                      changes));
  });
}

std::optional<model::MonitorState> MonitorService::StateOf(const model::Monitor& monitor) const {
  return context_.intake.states().Find(monitor.id);
}

Status MonitorService::Validate(model::Monitor& m) const {
  std::vector<FieldError> problems;
  if (!IsValidTag(m.tag)) {
    problems.push_back({"tag",
                        "tag must consist of lowercase letters, digits, '-' and '_', and "
                        "start and end with a letter or digit"});
  }
  m.name = std::string(Trim(m.name));
  if (m.name.empty()) problems.push_back({"name", "name must not be empty"});
  CheckLength("name", m.name, kMaxNameBytes, problems);
  CheckLength("description", m.description, kMaxTextBytes, problems);
  CheckLength("image", m.image, kMaxTextBytes, problems);
  CheckLength("external_url", m.external_url, kMaxUrlBytes, problems);
  CheckLength("category", m.category, kMaxNameBytes, problems);
  CheckLength("uptime_formula_numerator", m.uptime.numerator, kMaxNameBytes, problems);
  CheckLength("uptime_formula_denominator", m.uptime.denominator, kMaxNameBytes, problems);
  if (!IsKnownKind(context_.probes, m.kind)) {
    problems.push_back({"kind", "kind '" + m.kind + "' is unknown"});
  }
  if (m.confirmation_threshold < 1 || m.confirmation_threshold > 60) {
    problems.push_back(
        {"confirmation_threshold", "confirmation_threshold must be an integer between 1 and 60"});
  }
  CheckSchedule(m.schedule, problems);
  if (m.spec.IsNull()) m.spec = Value(Value::Object{});
  const bool has_spec = m.spec.IsObject() && !m.spec.AsObject().empty();
  if (has_spec && context_.probes.Find(m.kind) != nullptr) {
    Result<Value> spec = context_.probes.ValidateSpec(m.kind, m.spec);
    if (spec) {
      m.spec = std::move(*spec);
    } else {
      for (FieldError& f : spec.error().fields) problems.push_back(std::move(f));
      if (spec.error().fields.empty()) problems.push_back({"spec", spec.error().message});
    }
  }
  if (!problems.empty()) return Collected(std::move(problems));
  return Ok();
}

// Answers with what was committed, not with what the directory has: somebody else may have deleted
// the monitor already.
MonitorPtr MonitorService::Announce(const model::Principal& who, model::Monitor stored) {
  auto committed = std::make_shared<const model::Monitor>(stored);
  context_.directory.Put(std::move(stored));
  context_.notices.Publish({{notices::Notice::Kind::kMonitor, who.org, committed->id}});
  return committed;
}

Result<MonitorPtr> MonitorService::Create(const model::Principal& who, model::Monitor draft) {
  draft.org = who.org;
  draft.tag = std::string(Trim(draft.tag));
  draft.uid = RandomUuid();
  draft.created_at = draft.updated_at = context_.clock.Now();
  PHAROS_RETURN_IF_ERROR(Validate(draft));
  PHAROS_RETURN_IF_ERROR(CheckService(context_, draft));
  PHAROS_RETURN_IF_ERROR(CheckGroup(context_, draft));
  PHAROS_RETURN_IF_ERROR(CheckFlapping(draft));
  model::Monitor stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_RETURN_IF_ERROR(CheckParents(context_, tx, draft));
    PHAROS_ASSIGN_OR_RETURN(stored, context_.store.monitors().Insert(tx, draft));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "monitor.created", {"monitor", draft.uid}, draft.created_at));
  }));
  return Announce(who, std::move(stored));
}

Result<model::Monitor> MonitorService::ChangeIn(store::Transaction& tx, const model::Principal& who,
                                                std::string_view tag, const Change& change) {
  PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.monitors().FindByTag(tx, who.org, tag));
  if (!found) return Error(ErrorKind::kNotFound, "Monitor not found");
  model::Monitor changed = *found;
  PHAROS_RETURN_IF_ERROR(change(changed));
  changed.id = found->id;
  changed.org = found->org;
  changed.uid = found->uid;
  changed.tag = found->tag;
  changed.created_at = found->created_at;
  changed.updated_at = context_.clock.Now();
  PHAROS_RETURN_IF_ERROR(Validate(changed));
  if (changed.service != found->service) {
    PHAROS_RETURN_IF_ERROR(CheckService(context_, changed));
  }
  // Only what is new: a member that was paused since does not stand in the way of a new name.
  const bool regrouped =
      changed.kind != found->kind || changed.spec != found->spec || changed.active != found->active;
  if (regrouped) PHAROS_RETURN_IF_ERROR(CheckGroup(context_, changed));
  if (changed.parents != found->parents) {
    PHAROS_RETURN_IF_ERROR(CheckParents(context_, tx, changed));
  }
  PHAROS_RETURN_IF_ERROR(CheckFlapping(changed));
  PHAROS_ASSIGN_OR_RETURN(model::Monitor stored,
                          context_.store.monitors().Update(tx, std::move(changed)));
  PHAROS_RETURN_IF_ERROR(context_.store.audit().Insert(
      tx, MakeAudit(who, "monitor.updated", {"monitor", stored.uid}, stored.updated_at,
                    ChangesBetween(*found, stored))));
  return stored;
}

Result<MonitorPtr> MonitorService::Update(const model::Principal& who, std::string_view tag,
                                          const Change& change) {
  model::Monitor stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, ChangeIn(tx, who, tag, change));
    return Ok();
  }));
  return Announce(who, std::move(stored));
}

std::vector<Result<MonitorPtr>> MonitorService::UpdateMany(const model::Principal& who,
                                                           std::span<const std::string> tags,
                                                           const Change& change) {
  constexpr size_t kPerTransaction = 200;
  std::vector<Result<MonitorPtr>> outcomes;
  outcomes.reserve(tags.size());
  while (!tags.empty()) {
    const auto part = tags.first(std::min(tags.size(), kPerTransaction));
    tags = tags.subspan(part.size());
    std::vector<Result<model::Monitor>> stored;
    const Status written = context_.store.Write([&](store::Transaction& tx) -> Status {
      stored.clear();
      for (const std::string& tag : part) {
        stored.push_back(ChangeIn(tx, who, tag, change));
        // What the store itself refuses leaves the transaction in an unknown state.
        if (!stored.back() && stored.back().error().kind == ErrorKind::kInternal) {
          return stored.back().error();
        }
      }
      return Ok();
    });
    for (size_t i = 0; i < part.size(); ++i) {
      if (!written) {
        outcomes.emplace_back(tl::unexpect, written.error());
      } else if (!stored[i]) {
        outcomes.emplace_back(tl::unexpect, std::move(stored[i]).error());
      } else {
        outcomes.emplace_back(Announce(who, *std::move(stored[i])));
      }
    }
  }
  return outcomes;
}

Status MonitorService::Delete(const model::Principal& who, std::string_view tag) {
  model::MonitorId id;
  std::string uid;
  std::vector<model::Monitor> changed_others;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    changed_others.clear();
    PHAROS_ASSIGN_OR_RETURN(auto found, context_.store.monitors().FindByTag(tx, who.org, tag));
    if (!found) return Error(ErrorKind::kNotFound, "Monitor not found");
    id = found->id;
    uid = found->uid;
    const Timestamp now = context_.clock.Now();
    for (const MonitorPtr& other : context_.directory.List(who.org)) {
      if (other->kind != "group") continue;
      // The stored form, not the directory's: another change may have been committed just now.
      PHAROS_ASSIGN_OR_RETURN(auto group,
                              context_.store.monitors().FindByTag(tx, who.org, other->tag));
      if (!group || !RemoveGroupMember(*group, tag)) continue;
      group->updated_at = now;
      PHAROS_ASSIGN_OR_RETURN(auto stored, context_.store.monitors().Update(tx, std::move(*group)));
      changed_others.push_back(std::move(stored));
    }
    PHAROS_RETURN_IF_ERROR(context_.store.monitors().Delete(tx, who.org, id));
    PHAROS_RETURN_IF_ERROR(AddFormerFollowers(context_, tx, who.org, id, changed_others));
    return context_.store.audit().Insert(tx,
                                         MakeAudit(who, "monitor.deleted", {"monitor", uid}, now));
  }));
  context_.directory.Remove(id);
  context_.intake.Forget(id);
  for (model::Monitor& other : changed_others) context_.directory.Put(std::move(other));
  if (const Status reloaded = ReloadOverlays(context_); !reloaded) {
    LogError("the overlays could not be reloaded", reloaded.error());
  }
  context_.notices.Publish({{notices::Notice::Kind::kMonitor, who.org, id}});
  return Ok();
}

}  // namespace pharos::service
