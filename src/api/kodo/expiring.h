#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/endpoint.h"
#include "api/kodo/ids.h"
#include "base/json.h"
#include "base/value.h"
#include "model/check_result.h"
#include "model/monitor.h"

namespace pharos::api::kodo {

// What watches something that runs out: certificates (kodo.md 9) and registrations (kodo.md 10).

// The word of a check: ok, warning, critical or error.
std::string_view ExpiryWord(bool is_sound, std::optional<int64_t> days_left, int64_t alert_days);

// Where a kind's spec keeps its two limits, and in how many parts of a day: "warning" is degraded,
// "critical" is down.
struct ExpiryLimits {
  std::string_view degraded;
  std::string_view down;
  int64_t per_day = 1;
};
void SetAlertDays(const ExpiryLimits& limits, int64_t days, model::Monitor& monitor);
// Of monitors that other dialects made: from the limit itself.
int64_t AlertDays(const ExpiryLimits& limits, const model::Monitor& monitor, int64_t usual);
// alert_days, enabled and service_id of a body. Error: kInvalid on service_id.
Status ApplyExpiryBody(const Call& call, const Value& body, const ExpiryLimits& limits,
                       model::Monitor& monitor);
// notification_channels: exactly these channels tell of the monitor. Error: kInvalid on the member.
Result<std::vector<model::ChannelId>> ChannelsOfBody(const Call& call, const Value& body);
Status LinkChannels(const Call& call, const Value& body, const model::Monitor& monitor);

// Runs the first check of what was just made and answers with what `print` shows of it then. A
// failure to look is none. `print` is called on any thread and must not block.
using PrintMonitor = std::string (*)(const Call&, const model::Monitor&);
void AnswerAfterFirstCheck(const Call& call, const service::MonitorPtr& monitor, Answer answer,
                           PrintMonitor print);

// PUT: what of such a monitor the body changes. Errors: of the body, kNotFound, of the change.
Result<std::string> ChangeExpiring(Call& call, std::string_view kind, std::string_view what,
                                   const Shape& body, const ExpiryLimits& limits,
                                   PrintMonitor print);
// Runs one check now and answers with what `print` shows of it. `print` is called on any thread
// and must not block.
using PrintCheckResult = std::string (*)(const model::CheckResult&, int64_t alert_days,
                                         Timestamp now);
void CheckExpiringNow(Call& call, Answer answer, const service::MonitorPtr& monitor,
                      int64_t alert_days, PrintCheckResult print);

// The object `name` of a state's or result's facts; null when there is none.
Value FactOf(const Value& facts, std::string_view name);
Value FactOfMonitor(const Call& call, const model::Monitor& monitor, std::string_view name);
// A text of a fact that is a time; nullopt when absent.
std::optional<Timestamp> FactTime(const Value& fact, std::string_view name);
std::optional<int64_t> DaysUntil(std::optional<Timestamp> end, Timestamp now);
void PutIntOrNull(JsonWriter& json, std::string_view name, std::optional<int64_t> number);
void PutTextList(JsonWriter& json, std::string_view name, const Value& fact,
                 std::string_view member);

// "check_history": one row per check of the last 30 days, newest first; `print` adds what the kind
// has beyond checked_at and days_until_expiry.
Status PutCheckHistory(JsonWriter& json, const Call& call, const model::Monitor& monitor,
                       std::optional<Timestamp> end,
                       const std::function<void(const model::Sample&)>& print);

// The window of a list: oldest first, limit 50 of at most 100.
std::vector<service::MonitorPtr> Windowed(const Call& call, std::string_view kind);

}  // namespace pharos::api::kodo
