#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "model/ids.h"
#include "notify/channel.h"
#include "service/context.h"

namespace pharos::service {

// What a workflow can do (kodo.md 18). An action is an object with "type" and the members that its
// row names; "continue_on_error" goes with each.
enum class ActionKind : uint8_t {
  kSendNotification,     // message
  kSlackMessage,         // message, webhook_url
  kEmail,                // message, emails
  kPageOnCall,           // policy_id, message
  kCreateIncident,       // title, severity, message, services
  kUpdateIncident,       // incident_id, status, severity, title
  kResolveIncident,      // incident_id, message
  kAddIncidentUpdate,    // incident_id, message, status
  kAssignIncident,       // incident_id, assignee
  kAddLabel,             // incident_id, label
  kUpdateServiceStatus,  // service, status (a name of model::Status)
  kSendWebhook,          // url, headers
  kDelay,                // seconds
};

// How an action is carried out.
enum class ActionWay : uint8_t {
  kStore,   // in one transaction with the note that it was done
  kReport,  // as a result through intake
  kSend,    // to the outside, with an answer later
  kWait,
};

struct ActionRow {
  std::string_view name;  // "send_notification"
  ActionKind kind;
  ActionWay way;
  bool changes_incident = false;
};
const ActionRow* FindAction(std::string_view name);
std::vector<FieldError> CheckActions(const Value& actions, std::string_view trigger);

// `text` with {{path}} replaced by facts; unknown paths become nothing.
std::string FillFacts(std::string_view text, const Value& facts);

// What an action works on.
struct ActionScene {
  const Context& context;
  model::OrgId org;
  const Value& action;
  const Value& facts;
  std::string run;  // uid, for de-duplication
  size_t index = 0;
  Timestamp now{};
};

// Carries out an action of ActionWay::kStore; sets what has to be told after the commit.
struct ActionTraces {
  bool incidents = false;
  bool deliveries = false;
  bool events = false;
};
Status PerformInStore(const ActionScene& scene, store::Transaction& tx, ActionTraces& traces);

// The message of an action of ActionWay::kSend.
struct OutsideMessage {
  std::string kind;  // of channel
  Value config;
  notify::Outgoing outgoing;
};
Result<OutsideMessage> PrepareSend(const ActionScene& scene);

// The service that an action names by uid or name, else the one of the facts.
store::MonitorPtr ServiceOfAction(const ActionScene& scene);

}  // namespace pharos::service
