#include "service/on_call.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "base/time_zone.h"
#include "service/phone_numbers.h"
#include "service/records.h"
#include "store/delivery_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

constexpr std::string_view kPolicies = "on_call_policies";
constexpr std::string_view kSchedules = "on_call_schedules";
constexpr std::string_view kPages = "on_call_pages";
constexpr std::string_view kNoPolicy = "Policy not found";
constexpr std::string_view kNoSchedule = "Schedule not found";
constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxTextBytes = 2'000;
constexpr int kMaxOpenPages = 500;
constexpr int kDay = 86'400;

std::string_view KindName(PageTarget::Kind kind) {
  switch (kind) {
    case PageTarget::Kind::kChannel:
      return "channel";
    case PageTarget::Kind::kSchedule:
      return "schedule";
    case PageTarget::Kind::kPerson:
      return "person";
  }
  return "person";
}

PageTarget::Kind ParseKind(std::string_view name) {
  if (name == "channel") return PageTarget::Kind::kChannel;
  return name == "schedule" ? PageTarget::Kind::kSchedule : PageTarget::Kind::kPerson;
}

const Value::List& ListOf(const Value& data, std::string_view name) {
  static const Value::List kNone;
  const Value* list = data.Find(name);
  return list != nullptr && list->IsList() ? list->AsList() : kNone;
}

OnCallPolicy PolicyOf(const model::Record& record) {
  OnCallPolicy policy{record.uid,
                      record.data.StringOr("name", ""),
                      {},
                      static_cast<int>(record.data.IntOr("repeats", 0)),
                      record.created_at,
                      record.updated_at};
  for (const Value& stored : ListOf(record.data, "steps")) {
    PolicyStep step;
    step.delay_minutes = static_cast<int>(stored.IntOr("delay_minutes", 5));
    for (const Value& target : ListOf(stored, "targets")) {
      step.targets.push_back({ParseKind(target.StringOr("kind", "")), target.StringOr("id", "")});
    }
    policy.steps.push_back(std::move(step));
  }
  return policy;
}

Value DataOf(const OnCallPolicy& policy) {
  Value data;
  data.Set("name", policy.name);
  data.Set("repeats", policy.repeats);
  Value::List steps;
  for (const PolicyStep& step : policy.steps) {
    Value stored;
    stored.Set("delay_minutes", step.delay_minutes);
    Value::List targets;
    for (const PageTarget& target : step.targets) {
      Value one;
      one.Set("kind", KindName(target.kind));
      one.Set("id", target.id);
      targets.push_back(std::move(one));
    }
    stored.Set("targets", std::move(targets));
    steps.push_back(std::move(stored));
  }
  data.Set("steps", std::move(steps));
  return data;
}

CivilDate ParseDate(const std::string& text) {
  CivilDate date;
  if (std::sscanf(text.c_str(), "%d-%u-%u", &date.year, &date.month, &date.day) != 3) return {};
  return date;
}

OnCallSchedule ScheduleOf(const model::Record& record) {
  OnCallSchedule schedule{
      record.uid, record.data.StringOr("name", ""), {}, record.created_at, record.updated_at};
  for (const Value& stored : ListOf(record.data, "layers")) {
    rules::OnCallLayer layer;
    for (const Value& person : ListOf(stored, "people")) layer.people.push_back(person.AsString());
    layer.time_zone = stored.StringOr("time_zone", "");
    layer.first_day = ParseDate(stored.StringOr("first_day", ""));
    layer.handoff_second = static_cast<int>(stored.IntOr("handoff_second", 0));
    layer.turn_hours = static_cast<int>(stored.IntOr("turn_hours", 168));
    layer.from_second = static_cast<int>(stored.IntOr("from_second", 0));
    layer.to_second = static_cast<int>(stored.IntOr("to_second", 0));
    for (const Value& day : ListOf(stored, "weekdays")) {
      layer.weekdays.push_back(static_cast<unsigned>(day.AsInt()));
    }
    schedule.plan.layers.push_back(std::move(layer));
  }
  for (const Value& stored : ListOf(record.data, "overrides")) {
    schedule.plan.overrides.push_back({stored.StringOr("person", ""),
                                       FromUnixMicros(stored.IntOr("from", 0)),
                                       FromUnixMicros(stored.IntOr("to", 0))});
  }
  return schedule;
}

Value DataOf(const OnCallSchedule& schedule) {
  Value data;
  data.Set("name", schedule.name);
  Value::List layers;
  for (const rules::OnCallLayer& layer : schedule.plan.layers) {
    Value stored;
    Value::List people;
    for (const std::string& person : layer.people) people.push_back(person);
    stored.Set("people", std::move(people));
    stored.Set("time_zone", layer.time_zone);
    stored.Set("first_day", FormatDate(layer.first_day));
    stored.Set("handoff_second", layer.handoff_second);
    stored.Set("turn_hours", layer.turn_hours);
    stored.Set("from_second", layer.from_second);
    stored.Set("to_second", layer.to_second);
    Value::List weekdays;
    for (const unsigned day : layer.weekdays) weekdays.push_back(static_cast<int64_t>(day));
    stored.Set("weekdays", std::move(weekdays));
    layers.push_back(std::move(stored));
  }
  data.Set("layers", std::move(layers));
  Value::List overrides;
  for (const rules::OnCallOverride& one : schedule.plan.overrides) {
    Value stored;
    stored.Set("person", one.person);
    stored.Set("from", ToUnixMicros(one.from));
    stored.Set("to", ToUnixMicros(one.to));
    overrides.push_back(std::move(stored));
  }
  data.Set("overrides", std::move(overrides));
  return data;
}

class Problems {
 public:
  void Add(std::string field, std::string message) {
    fields_.push_back({std::move(field), std::move(message)});
  }
  void CheckName(const std::string& name) {
    if (Trim(name).empty()) Add("name", "Required");
    if (name.size() > kMaxNameBytes) Add("name", "String must contain at most 100 character(s)");
  }
  Status Outcome() && {
    if (fields_.empty()) return Ok();
    Error error(ErrorKind::kInvalid, fields_.front().message);
    error.fields = std::move(fields_);
    return error;
  }

 private:
  std::vector<FieldError> fields_;
};

Status Check(const OnCallPolicy& policy) {
  Problems problems;
  problems.CheckName(policy.name);
  if (policy.steps.empty()) problems.Add("steps", "Array must contain at least 1 element(s)");
  if (policy.steps.size() > OnCallService::kMaxSteps) {
    problems.Add("steps", "Array must contain at most 20 element(s)");
  }
  if (policy.repeats < 0 || policy.repeats > 9) problems.Add("repeats", "Invalid value");
  for (size_t i = 0; i < policy.steps.size(); ++i) {
    const PolicyStep& step = policy.steps[i];
    const std::string at = "steps[" + std::to_string(i) + "]";
    if (step.targets.empty() || step.targets.size() > OnCallService::kMaxTargets) {
      problems.Add(at + ".targets", "Array must contain 1 to 20 elements");
    }
    if (step.delay_minutes < 0 || step.delay_minutes > 1'440) {
      problems.Add(at + ".delay_minutes", "Invalid value");
    }
    for (const PageTarget& target : step.targets) {
      if (target.id.empty() || target.id.size() > 320)
        problems.Add(at + ".targets", "Invalid value");
    }
  }
  return std::move(problems).Outcome();
}

bool IsSecondOfDay(int second) { return second >= 0 && second <= kDay; }

Status Check(const OnCallSchedule& schedule) {
  Problems problems;
  problems.CheckName(schedule.name);
  const auto& layers = schedule.plan.layers;
  if (layers.empty() || layers.size() > OnCallService::kMaxLayers) {
    problems.Add("layers", "Array must contain 1 to 20 elements");
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    const rules::OnCallLayer& layer = layers[i];
    const std::string at = "layers[" + std::to_string(i) + "]";
    const bool people = !layer.people.empty() && layer.people.size() <= OnCallService::kMaxPeople;
    if (!people) problems.Add(at + ".participants", "Array must contain 1 to 100 elements");
    if (!layer.time_zone.empty() && !IsTimeZone(layer.time_zone)) {
      problems.Add(at + ".time_zone", "Invalid time zone");
    }
    if (layer.turn_hours < 1 || layer.turn_hours > 8'760) {
      problems.Add(at + ".shift_hours", "Invalid value");
    }
    if (!IsSecondOfDay(layer.handoff_second) || !IsSecondOfDay(layer.from_second) ||
        !IsSecondOfDay(layer.to_second)) {
      problems.Add(at + ".handoff_time", "Invalid time of day");
    }
    if (std::any_of(layer.weekdays.begin(), layer.weekdays.end(),
                    [](unsigned day) { return day > 6; })) {
      problems.Add(at + ".days", "Invalid value");
    }
  }
  if (schedule.plan.overrides.size() > OnCallService::kMaxOverrides) {
    problems.Add("overrides", "Array must contain at most 500 element(s)");
  }
  for (size_t i = 0; i < schedule.plan.overrides.size(); ++i) {
    const rules::OnCallOverride& one = schedule.plan.overrides[i];
    if (one.person.empty() || one.to <= one.from) {
      problems.Add("overrides[" + std::to_string(i) + "]", "Invalid value");
    }
  }
  return std::move(problems).Outcome();
}

// What policies and schedules have in common: stored whole, replaced whole.
struct Noun {
  std::string_view collection;
  std::string_view audit;
  std::string_view missing;
};
constexpr Noun kPolicyNoun{kPolicies, "on_call_policy", kNoPolicy};
constexpr Noun kScheduleNoun{kSchedules, "on_call_schedule", kNoSchedule};

Result<model::Record> Put(const Context& context, const model::Principal& who, const Noun& noun,
                          const std::string& uid, const Value& data) {
  const Timestamp now = context.clock.Now();
  model::Record record;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        auto& records = context.store.records();
        const bool fresh = uid.empty();
        if (fresh) {
          PHAROS_ASSIGN_OR_RETURN(const int64_t count, records.Count(tx, who.org, noun.collection));
          if (count >= OnCallService::kMaxPolicies) return Error::Field("name", "Too many");
          PHAROS_ASSIGN_OR_RETURN(
              record, records.Insert(tx, NewRecord(who.org, noun.collection, data, now)));
        } else {
          PHAROS_ASSIGN_OR_RETURN(record, RequireRecord(context.store, tx, who.org, noun.collection,
                                                        uid, noun.missing));
          record.data = data;
          record.updated_at = now;
          PHAROS_RETURN_IF_ERROR(records.Update(tx, record));
        }
        return MakeAudit(who, std::string(noun.audit) + (fresh ? ".created" : ".updated"),
                         {noun.audit, record.uid}, now);
      }));
  return record;
}

Status Delete(const Context& context, const model::Principal& who, const Noun& noun,
              std::string_view uid) {
  return WriteAudited(context, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
    PHAROS_RETURN_IF_ERROR(
        RequireRecord(context.store, tx, who.org, noun.collection, uid, noun.missing));
    PHAROS_RETURN_IF_ERROR(context.store.records().Delete(tx, who.org, noun.collection, uid));
    return MakeAudit(who, std::string(noun.audit) + ".deleted", {noun.audit, std::string(uid)},
                     context.clock.Now());
  });
}

Result<std::vector<model::Record>> List(const Context& context, const model::Principal& who,
                                        const Noun& noun) {
  PHAROS_ASSIGN_OR_RETURN(auto session, context.store.Read());
  return context.store.records().List(*session, who.org, noun.collection);
}

Result<model::Record> Get(const Context& context, const model::Principal& who, const Noun& noun,
                          std::string_view uid) {
  PHAROS_ASSIGN_OR_RETURN(auto session, context.store.Read());
  return RequireRecord(context.store, *session, who.org, noun.collection, uid, noun.missing);
}

// Somebody looks after the alert, or it is over.
Result<bool> IsTakenCareOf(store::Store& store, store::Session& session, model::OrgId org,
                           const std::string& alert) {
  if (alert.empty()) return false;
  PHAROS_ASSIGN_OR_RETURN(const auto found, store.records().Find(session, org, "alerts", alert));
  return !found || found->data.StringOr("state", "fired") != "fired";
}

}  // namespace

struct OnCallService::Due {
  model::OrgId org;
  std::string page;
  std::string text;
  int step = 0;  // counted over all rounds
  std::vector<PageTarget> targets;
};

Result<std::vector<OnCallPolicy>> OnCallService::Policies(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(const auto records, List(context_, who, kPolicyNoun));
  std::vector<OnCallPolicy> policies;
  for (const model::Record& record : records) policies.push_back(PolicyOf(record));
  return policies;
}

Result<OnCallPolicy> OnCallService::GetPolicy(const model::Principal& who,
                                              std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(const auto record, Get(context_, who, kPolicyNoun, uid));
  return PolicyOf(record);
}

Result<OnCallPolicy> OnCallService::PutPolicy(const model::Principal& who, OnCallPolicy policy) {
  PHAROS_RETURN_IF_ERROR(Check(policy));
  PHAROS_ASSIGN_OR_RETURN(const auto record,
                          Put(context_, who, kPolicyNoun, policy.uid, DataOf(policy)));
  return PolicyOf(record);
}

Status OnCallService::DeletePolicy(const model::Principal& who, std::string_view uid) {
  return Delete(context_, who, kPolicyNoun, uid);
}

Result<std::vector<OnCallSchedule>> OnCallService::Schedules(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(const auto records, List(context_, who, kScheduleNoun));
  std::vector<OnCallSchedule> schedules;
  for (const model::Record& record : records) schedules.push_back(ScheduleOf(record));
  return schedules;
}

Result<OnCallSchedule> OnCallService::GetSchedule(const model::Principal& who,
                                                  std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(const auto record, Get(context_, who, kScheduleNoun, uid));
  return ScheduleOf(record);
}

Result<OnCallSchedule> OnCallService::PutSchedule(const model::Principal& who,
                                                  OnCallSchedule schedule) {
  PHAROS_RETURN_IF_ERROR(Check(schedule));
  PHAROS_ASSIGN_OR_RETURN(const auto record,
                          Put(context_, who, kScheduleNoun, schedule.uid, DataOf(schedule)));
  return ScheduleOf(record);
}

Status OnCallService::DeleteSchedule(const model::Principal& who, std::string_view uid) {
  return Delete(context_, who, kScheduleNoun, uid);
}

Result<std::string> StartPage(store::Store& store, store::Transaction& tx, model::OrgId org,
                              std::string_view policy, std::string_view text,
                              std::string_view alert, Timestamp now) {
  PHAROS_RETURN_IF_ERROR(RequireRecord(store, tx, org, kPolicies, policy, kNoPolicy));
  PHAROS_ASSIGN_OR_RETURN(const int64_t open, store.records().Count(tx, org, kPages));
  if (open >= kMaxOpenPages) return Error(ErrorKind::kTooLarge, "Too many pages are under way");
  Value data;
  data.Set("policy", policy);
  data.Set("text", Ellipsize(text, kMaxTextBytes));
  data.Set("alert", alert);
  data.Set("step", 0);
  data.Set("due_at", ToUnixMicros(now));
  model::Record record = NewRecord(org, kPages, std::move(data), now);
  record.parent = std::string(policy);
  PHAROS_RETURN_IF_ERROR(store.records().Insert(tx, record));
  return record.uid;
}

Result<std::string> OnCallService::Page(const model::Principal& who, std::string_view policy,
                                        std::string_view text, std::string_view alert) {
  const Timestamp now = context_.clock.Now();
  std::string uid;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(uid,
                                StartPage(context_.store, tx, who.org, policy, text, alert, now));
        return MakeAudit(who, "on_call.paged", {"on_call_policy", std::string(policy)}, now);
      }));
  return uid;
}

Status OnCallService::Step() {
  std::vector<model::Organisation> organisations;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(organisations, context_.store.organisations().List(*session));
  }
  for (const model::Organisation& organisation : organisations) {
    PHAROS_ASSIGN_OR_RETURN(const auto due, TakeDue(organisation.id));
    for (const Due& one : due) {
      // One page that cannot be sent must not hold up the others.
      if (Status sent = SendStep(one); !sent) {
        LogError("on_call.step_failed", sent.error());
      }
    }
  }
  return Ok();
}

// Notes the next time before anything is sent, so that two callers do not send a step twice.
Result<std::vector<OnCallService::Due>> OnCallService::TakeDue(model::OrgId org) {
  const Timestamp now = context_.clock.Now();
  auto& records = context_.store.records();
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const int64_t open, records.Count(*session, org, kPages));
    if (open == 0) return std::vector<Due>();
  }
  std::vector<Due> due;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    due.clear();
    PHAROS_ASSIGN_OR_RETURN(auto pages, records.List(tx, org, kPages, {.limit = kMaxOpenPages}));
    for (model::Record& page : pages) {
      if (page.data.IntOr("due_at", 0) > ToUnixMicros(now)) continue;
      PHAROS_ASSIGN_OR_RETURN(const auto policy_record,
                              records.Find(tx, org, kPolicies, page.parent));
      PHAROS_ASSIGN_OR_RETURN(const bool is_over, IsTakenCareOf(context_.store, tx, org,
                                                                page.data.StringOr("alert", "")));
      const int step = static_cast<int>(page.data.IntOr("step", 0));
      const OnCallPolicy policy = policy_record ? PolicyOf(*policy_record) : OnCallPolicy();
      const int count = static_cast<int>(policy.steps.size());
      if (is_over || count == 0 || step >= count * (policy.repeats + 1)) {
        PHAROS_RETURN_IF_ERROR(records.Delete(tx, org, kPages, page.uid));
        continue;
      }
      const PolicyStep& taken = policy.steps[static_cast<size_t>(step % count)];
      due.push_back({org, page.uid, page.data.StringOr("text", ""), step, taken.targets});
      page.data.Set("step", step + 1);
      page.data.Set("due_at", ToUnixMicros(now + Minutes(taken.delay_minutes)));
      page.updated_at = now;
      PHAROS_RETURN_IF_ERROR(records.Update(tx, page));
    }
    return Ok();
  }));
  return due;
}

Status OnCallService::SendStep(const Due& due) {
  for (const PageTarget& target : due.targets) {
    PHAROS_RETURN_IF_ERROR(SendTo(due.org, target, due, true));
  }
  return Ok();
}

Status OnCallService::SendTo(model::OrgId org, const PageTarget& target, const Due& due,
                             bool may_ask_schedule) {
  const Timestamp now = context_.clock.Now();
  const std::string dedup = "page/" + due.page + "/" + std::to_string(due.step) + "/" + target.id;
  notify::Outgoing outgoing =
      PlainMessage(org, "on_call.page", dedup, "On-call page", due.text, now);
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  if (target.kind == PageTarget::Kind::kSchedule) {
    if (!may_ask_schedule) return Ok();
    PHAROS_ASSIGN_OR_RETURN(const auto record, RequireRecord(context_.store, *session, org,
                                                             kSchedules, target.id, kNoSchedule));
    const auto person = rules::OnCallAt(ScheduleOf(record).plan, now);
    session.reset();
    if (!person) return Ok();
    return SendTo(org, {PageTarget::Kind::kPerson, *person}, due, false);
  }
  PHAROS_ASSIGN_OR_RETURN(const auto channels,
                          context_.store.deliveries().ListChannels(*session, org));
  session.reset();
  const bool is_phone = IsPhoneNumber(target.id);
  for (const model::Channel& channel : channels) {
    if (!channel.enabled) continue;
    if (channel.uid == target.id) {
      model::Delivery delivery;
      delivery.org = org;
      delivery.channel = channel.id;
      delivery.event = outgoing.event;
      delivery.dedup_key = dedup;
      delivery.message = outgoing.message;
      delivery.created_at = delivery.due_at = now;
      PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) {
        return context_.store.deliveries().Insert(tx, delivery);
      }));
      context_.notices.Publish({{notices::Notice::Kind::kDelivery, org, model::MonitorId()}});
      return Ok();
    }
    // A person has no channel: the first channel of the fitting kind lends its account.
    if (target.kind != PageTarget::Kind::kPerson) continue;
    if (channel.kind != (is_phone ? "sms" : "email")) continue;
    const Value config = is_phone ? WithPhoneNumber(channel.config, target.id)
                                  : WithMailAddress(channel.config, target.id);
    send_(channel.kind, config, std::move(outgoing), [](const notify::SendOutcome&) {});
    return Ok();
  }
  return Error(ErrorKind::kNotFound, "nothing reaches " + target.id);
}

}  // namespace pharos::service
