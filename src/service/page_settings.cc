#include "service/page_settings.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace pharos::service {
namespace {

constexpr int kDefaultHistoryDays = 90;
constexpr int kMaxHistoryDays = 365;
constexpr int kDefaultFutureDays = 30;
constexpr int kMaxShown = 1000;

// The member at a path of objects; nullptr when there is none.
const Value* FindIn(const Value& tree, std::initializer_list<std::string_view> path) {
  const Value* at = &tree;
  for (const std::string_view name : path) {
    at = at->Find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool FlagIn(const Value& tree, std::initializer_list<std::string_view> path) {
  const Value* flag = FindIn(tree, path);
  return flag == nullptr || !flag->IsBool() || flag->AsBool();
}

ListRule RuleIn(const Value* tree, std::string_view days_name, int default_days) {
  ListRule rule;
  rule.days = default_days;
  if (tree == nullptr) return rule;
  rule.show = tree->BoolOr("show", true);
  rule.max_count =
      static_cast<int>(std::clamp<int64_t>(tree->IntOr("max_count", rule.max_count), 0, kMaxShown));
  rule.days =
      static_cast<int>(std::clamp<int64_t>(tree->IntOr(days_name, rule.days), 0, kMaxHistoryDays));
  return rule;
}

}  // namespace

bool HasHistoryDays(const model::Page& page) {
  const Value* days = FindIn(page.settings, {"monitor_status_history_days", "desktop"});
  return days != nullptr && days->IsInt();
}

int HistoryDaysOf(const model::Page& page) {
  const Value* days = FindIn(page.settings, {"monitor_status_history_days", "desktop"});
  if (days == nullptr || !days->IsInt()) return kDefaultHistoryDays;
  return static_cast<int>(std::clamp<int64_t>(days->AsInt(), 1, kMaxHistoryDays));
}

void SetHistoryDays(model::Page& page, int days) {
  Value tree;
  if (const Value* before = page.settings.Find("monitor_status_history_days")) tree = *before;
  if (!tree.IsObject()) tree = Value(Value::Object{});
  tree.Set("desktop", days);
  if (!page.settings.IsObject()) page.settings = Value(Value::Object{});
  page.settings.Set("monitor_status_history_days", std::move(tree));
}

bool ShowsOngoingIncidents(const model::Page& page) {
  return FlagIn(page.settings, {"incidents", "enabled"}) &&
         FlagIn(page.settings, {"incidents", "ongoing", "show"});
}

ListRule ResolvedIncidentsOf(const model::Page& page) {
  ListRule rule = RuleIn(FindIn(page.settings, {"incidents", "resolved"}), "days_in_past", 7);
  rule.show = rule.show && FlagIn(page.settings, {"incidents", "enabled"}) &&
              page.look.BoolOr("show_incident_history", true);
  return rule;
}

bool ShowsOngoingMaintenances(const model::Page& page) {
  return FlagIn(page.settings, {"include_maintenances", "enabled"}) &&
         FlagIn(page.settings, {"include_maintenances", "ongoing", "show"});
}

ListRule PastMaintenancesOf(const model::Page& page) {
  ListRule rule =
      RuleIn(FindIn(page.settings, {"include_maintenances", "ongoing", "past"}), "days_in_past", 7);
  rule.show = rule.show && FlagIn(page.settings, {"include_maintenances", "enabled"});
  return rule;
}

ListRule UpcomingMaintenancesOf(const model::Page& page) {
  ListRule rule = RuleIn(FindIn(page.settings, {"include_maintenances", "ongoing", "upcoming"}),
                         "days_in_future", kDefaultFutureDays);
  rule.show = rule.show && FlagIn(page.settings, {"include_maintenances", "enabled"});
  return rule;
}

}  // namespace pharos::service
