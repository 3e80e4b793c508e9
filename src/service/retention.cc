#include "service/retention.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "service/audit.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"
#include "store/site_store.h"

namespace pharos::service {
namespace {

// Where an organisation's own value lies among the entries of its site.
constexpr std::string_view kEntryKey = "historyRetention";
// Kener's setting of the same; every site is seeded with its default, which says nothing.
constexpr std::string_view kKenerKey = "dataRetentionPolicy";
constexpr int64_t kKenerSeed = 90;

std::optional<int64_t> KenerDays(const Value& policy, int64_t max_days) {
  if (!policy.IsObject()) return std::nullopt;
  if (!policy.BoolOr("enabled", true)) return max_days;
  const int64_t days = policy.IntOr("retentionDays", kKenerSeed);
  if (days == kKenerSeed || days < 1) return std::nullopt;
  return days;
}

Result<Retention> Read(store::Store& store, store::Session& session, model::OrgId org,
                       const RetentionLimits& limits) {
  Retention retention;
  retention.usual_days = std::min(limits.usual_days, limits.max_days);
  retention.max_days = limits.max_days;
  PHAROS_ASSIGN_OR_RETURN(const auto own, store.site().Find(session, org, kEntryKey));
  if (own && own->value.IsObject() && own->value.IntOr("days", 0) > 0) {
    retention.own_days = own->value.IntOr("days", 0);
  } else {
    PHAROS_ASSIGN_OR_RETURN(const auto policy, store.site().Find(session, org, kKenerKey));
    if (policy) retention.own_days = KenerDays(policy->value, limits.max_days);
  }
  retention.days =
      std::clamp<int64_t>(retention.own_days.value_or(retention.usual_days), 1, limits.max_days);
  return retention;
}

}  // namespace

Result<Retention> RetentionService::Get(model::OrgId org) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  return Read(context_.store, *session, org, limits_);
}

Result<Retention> RetentionService::Put(const model::Principal& who,
                                        std::optional<int64_t> days) const {
  if (days && (*days < 1 || *days > limits_.max_days)) {
    return Error::Field("retention_days", "retention_days must be from 1 to " +
                                              std::to_string(limits_.max_days) + ", or null");
  }
  Retention after;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(const Retention before, Read(context_.store, tx, who.org, limits_));
    Value entry;
    entry.Set("days", days.value_or(0));
    PHAROS_RETURN_IF_ERROR(context_.store.site().Upsert(
        tx, who.org, {std::string(kEntryKey), std::move(entry), "internal"}));
    PHAROS_ASSIGN_OR_RETURN(after, Read(context_.store, tx, who.org, limits_));
    Value changes;
    AddChange(changes, "retention_days", before.days, after.days);
    return context_.store.audit().Insert(tx, MakeAudit(who, "retention.updated", {"retention", ""},
                                                       context_.clock.Now(), std::move(changes)));
  }));
  return after;
}

Result<RetentionService::Cutoffs> RetentionService::ReadCutoffs(Timestamp now) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto orgs, context_.store.organisations().List(*session));
  Cutoffs cutoffs;
  for (const model::Organisation& org : orgs) {
    PHAROS_ASSIGN_OR_RETURN(const Retention retention,
                            Read(context_.store, *session, org.id, limits_));
    cutoffs[org.id] = now - Days(retention.days);
  }
  return cutoffs;
}

Status RetentionService::PruneSamples(const Cutoffs& cutoffs, Timestamp usual,
                                      const Pause& pause) const {
  const auto cutoff = [&](model::MonitorId id) {
    const store::MonitorPtr monitor = context_.directory.Find(id);
    const auto found = monitor ? cutoffs.find(monitor->org) : cutoffs.end();
    return found == cutoffs.end() ? usual : found->second;
  };
  store::PruneCursor cursor;
  while (!cursor.is_done) {
    PHAROS_RETURN_IF_ERROR(context_.store.history().PruneStep(cutoff, cursor));
    if (!pause()) return Ok();
  }
  return Ok();
}

Status RetentionService::PruneRows(store::AgedRows rows, const store::OrgCutoff& cutoff,
                                   Timestamp newest, const Pause& pause) const {
  store::PruneCursor cursor;
  while (!cursor.is_done) {
    PHAROS_RETURN_IF_ERROR(context_.store.history().PruneRows(rows, cutoff, newest, cursor));
    if (!pause()) return Ok();
  }
  return Ok();
}

Status RetentionService::Prune(Timestamp now, const Pause& pause) const {
  PHAROS_ASSIGN_OR_RETURN(const Cutoffs cutoffs, ReadCutoffs(now));
  const Timestamp usual = now - Days(std::min(limits_.usual_days, limits_.max_days));
  Timestamp newest = usual;
  for (const auto& [org, cutoff] : cutoffs) newest = std::max(newest, cutoff);
  const store::OrgCutoff of_org = [&](model::OrgId org) {
    const auto found = cutoffs.find(org);
    return found == cutoffs.end() ? usual : found->second;
  };
  PHAROS_RETURN_IF_ERROR(PruneSamples(cutoffs, usual, pause));
  for (const store::AgedRows rows :
       {store::AgedRows::kTransitions, store::AgedRows::kOccurrences}) {
    PHAROS_RETURN_IF_ERROR(PruneRows(rows, of_org, newest, pause));
  }
  for (const auto& [rows, days] :
       {std::pair(store::AgedRows::kAudit, limits_.audit_days),
        std::pair(store::AgedRows::kDeliveries, limits_.delivery_days)}) {
    const Timestamp before = now - Days(days);
    PHAROS_RETURN_IF_ERROR(PruneRows(rows, [&](model::OrgId) { return before; }, before, pause));
  }
  for (const auto& [name, step] : steps_) {
    while (true) {
      const Result<bool> more = step(of_org);
      if (!more) LogError("old rows were not removed: " + name, more.error());
      if (!pause()) return Ok();
      if (!more || !*more) break;
    }
  }
  return Ok();
}

}  // namespace pharos::service
