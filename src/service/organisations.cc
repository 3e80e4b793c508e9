#include "service/organisations.h"

#include <utility>

#include "service/audit.h"
#include "store/audit_store.h"
#include "store/organisation_store.h"
#include "store/site_store.h"

namespace pharos::service {
namespace {

// Where the tree lies among the entries of the site.
constexpr std::string_view kEntryKey = "organisationSettings";

Result<Value> ReadStored(store::Store& store, store::Session& session, model::OrgId org) {
  PHAROS_ASSIGN_OR_RETURN(auto entry, store.site().Find(session, org, kEntryKey));
  if (!entry || !entry->value.IsObject()) return Value(Value::Object{});
  return std::move(entry->value);
}

// Objects merge member by member, everything else replaces.
void Merge(Value& into, const Value& from) {
  for (const auto& [name, value] : from.AsObject()) {
    Value* standing = into.Find(name);
    if (standing != nullptr && standing->IsObject() && value.IsObject()) {
      Merge(*standing, value);
    } else {
      into.Set(name, value);
    }
  }
}

}  // namespace

Value DefaultOrganisationSettings() {
  Value settings;
  settings.Set("time_zone", "UTC");
  settings.Set("auto_incident_visibility", "public");
  settings.Set("auto_publish_minutes", Value());
  settings.Set("notification_batch_s", 0);
  settings.Set("beacon_error_threshold", 10);
  settings.Set("beacon_critical_threshold", 50);
  settings.Set("beacon_window_s", 300);
  Value sms;
  sms.Set("enabled", false);
  settings.Set("sms", std::move(sms));
  return settings;
}

Result<model::Organisation> OrganisationService::Get(const model::Principal& who) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(auto all, context_.store.organisations().List(*session));
  for (model::Organisation& org : all) {
    if (org.id == who.org) return std::move(org);
  }
  return Error(ErrorKind::kNotFound, "Organisation not found");
}

Result<Value> OrganisationService::Settings(model::OrgId org) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const Value stored, ReadStored(context_.store, *session, org));
  Value settings = DefaultOrganisationSettings();
  Merge(settings, stored);
  return settings;
}

Result<Value> OrganisationService::PutSettings(const model::Principal& who, const Value& changes) {
  Value stored;
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(stored, ReadStored(context_.store, tx, who.org));
    Merge(stored, changes);
    PHAROS_RETURN_IF_ERROR(context_.store.site().Upsert(
        tx, who.org, store::SiteEntry{std::string(kEntryKey), stored, "internal"}));
    // Names alone: values may be secrets.
    Value::List names;
    for (const auto& [name, value] : changes.AsObject()) names.emplace_back(name);
    Value detail;
    detail.Set("settings", std::move(names));
    return context_.store.audit().Insert(
        tx, MakeAudit(who, "config.updated", {"config", ""}, context_.clock.Now(), {},
                      std::move(detail)));
  }));
  Value settings = DefaultOrganisationSettings();
  Merge(settings, stored);
  return settings;
}

}  // namespace pharos::service
