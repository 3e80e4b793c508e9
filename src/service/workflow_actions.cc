#include "service/workflow_actions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "model/incident_words.h"
#include "rules/conditions.h"
#include "service/direct_send.h"
#include "service/incidents.h"
#include "service/on_call.h"
#include "service/phone_numbers.h"
#include "store/delivery_store.h"
#include "store/incident_store.h"
#include "store/monitor_directory.h"

namespace pharos::service {
namespace {

constexpr size_t kMaxActions = 20;
constexpr size_t kMaxActionBytes = 16 * 1024;
constexpr int64_t kMaxDelayS = 86'400;
constexpr size_t kMaxMessageBytes = 8'192;
constexpr size_t kMaxFilledBytes = 64 * 1024;  // longer than any text that is kept
constexpr size_t kMaxTitleBytes = 200;
constexpr size_t kMaxLabels = 50;

constexpr std::array<ActionRow, 13> kActions = {{
    {"send_notification", ActionKind::kSendNotification, ActionWay::kStore},
    {"slack_message", ActionKind::kSlackMessage, ActionWay::kSend},
    {"email", ActionKind::kEmail, ActionWay::kSend},
    {"page_on_call", ActionKind::kPageOnCall, ActionWay::kStore},
    {"create_incident", ActionKind::kCreateIncident, ActionWay::kStore, true},
    {"update_incident", ActionKind::kUpdateIncident, ActionWay::kStore, true},
    {"resolve_incident", ActionKind::kResolveIncident, ActionWay::kStore, true},
    {"add_incident_update", ActionKind::kAddIncidentUpdate, ActionWay::kStore, true},
    {"assign_incident", ActionKind::kAssignIncident, ActionWay::kStore, true},
    {"add_label", ActionKind::kAddLabel, ActionWay::kStore, true},
    {"update_service_status", ActionKind::kUpdateServiceStatus, ActionWay::kReport},
    {"send_webhook", ActionKind::kSendWebhook, ActionWay::kSend},
    {"delay", ActionKind::kDelay, ActionWay::kWait},
}};

// Members that must be texts with something in them.
std::vector<std::string_view> RequiredTexts(ActionKind kind) {
  switch (kind) {
    case ActionKind::kSlackMessage:
      return {"webhook_url", "message"};
    case ActionKind::kEmail:
    case ActionKind::kSendNotification:
    case ActionKind::kAddIncidentUpdate:
      return {"message"};
    case ActionKind::kPageOnCall:
      return {"policy_id"};
    case ActionKind::kCreateIncident:
      return {"title"};
    case ActionKind::kAssignIncident:
      return {"assignee"};
    case ActionKind::kAddLabel:
      return {"label"};
    case ActionKind::kUpdateServiceStatus:
      return {"status"};
    case ActionKind::kSendWebhook:
      return {"url"};
    case ActionKind::kUpdateIncident:
    case ActionKind::kResolveIncident:
    case ActionKind::kDelay:
      break;
  }
  return {};
}

std::optional<model::IncidentSeverity> ParseSeverity(std::string_view word) {
  if (word == "minor") return model::IncidentSeverity::kMinor;
  if (word == "major") return model::IncidentSeverity::kMajor;
  if (word == "critical") return model::IncidentSeverity::kCritical;
  return std::nullopt;
}

// An action that would make the event that started its workflow.
bool WouldLoop(const ActionRow& row, std::string_view trigger) {
  if (trigger == "service.status_changed") return row.kind == ActionKind::kUpdateServiceStatus;
  if (trigger == "incident.created") return row.kind == ActionKind::kCreateIncident;
  return trigger == "incident.updated" && row.changes_incident &&
         row.kind != ActionKind::kResolveIncident && row.kind != ActionKind::kCreateIncident;
}

void CheckWords(const Value& action, const ActionRow& row, const std::string& at,
                std::vector<FieldError>& problems) {
  const std::string status = action.StringOr("status", "");
  const std::string severity = action.StringOr("severity", "");
  if (row.kind == ActionKind::kUpdateServiceStatus) {
    if (!model::ParseStatus(status)) problems.push_back({at + ".status", "Invalid value"});
  } else if (!status.empty() && !model::ParseIncidentState(status)) {
    problems.push_back({at + ".status", "Invalid value"});
  }
  if (!severity.empty() && !ParseSeverity(severity)) {
    problems.push_back({at + ".severity", "Invalid value"});
  }
  if (row.kind == ActionKind::kDelay) {
    const int64_t seconds = action.IntOr("seconds", 0);
    if (seconds < 1 || seconds > kMaxDelayS) {
      problems.push_back({at + ".seconds", "Expected 1 to 86400"});
    }
  }
  const Value* emails = action.Find("emails");
  if (row.kind == ActionKind::kEmail) {
    const bool fine =
        emails != nullptr && emails->IsList() && !emails->AsList().empty() &&
        emails->AsList().size() <= kMaxActions &&
        std::all_of(emails->AsList().begin(), emails->AsList().end(), [](const Value& one) {
          return one.IsString() && IsMailAddress(one.AsString());
        });
    if (!fine) problems.push_back({at + ".emails", "Expected 1 to 20 email addresses"});
  }
}

std::string Text(const ActionScene& scene, std::string_view name, std::string_view fallback,
                 size_t max) {
  const std::string filled = FillFacts(scene.action.StringOr(name, fallback), scene.facts);
  return Ellipsize(filled, max);
}

std::string Message(const ActionScene& scene, std::string_view fallback = {}) {
  return Text(scene, "message", fallback, kMaxMessageBytes);
}

std::string DedupKey(const ActionScene& scene) {
  return "workflow/" + scene.run + "/" + std::to_string(scene.index);
}

notify::Outgoing Tell(const ActionScene& scene) {
  const std::string title =
      Text(scene, "title", scene.facts.StringOr("title", "Workflow"), kMaxTitleBytes);
  notify::Outgoing outgoing = PlainMessage(scene.org, "workflow.message", DedupKey(scene), title,
                                           Message(scene), scene.now);
  outgoing.message.Set("data", scene.facts);
  return outgoing;
}

model::Principal Actor(const ActionScene& scene) {
  model::Principal actor;
  actor.org = scene.org;
  actor.name = "workflow";
  return actor;
}

Status SendNotification(const ActionScene& scene, store::Transaction& tx, ActionTraces& traces) {
  store::DeliveryStore& deliveries = scene.context.store.deliveries();
  PHAROS_ASSIGN_OR_RETURN(const auto channels, deliveries.ListChannels(tx, scene.org));
  const notify::Outgoing outgoing = Tell(scene);
  for (const model::Channel& channel : channels) {
    if (!channel.enabled || channel.scope == model::ChannelScope::kSubscription) continue;
    model::Delivery delivery;
    delivery.org = scene.org;
    delivery.channel = channel.id;
    delivery.event = outgoing.event;
    delivery.dedup_key = outgoing.dedup_key;
    delivery.message = outgoing.message;
    delivery.created_at = delivery.due_at = scene.now;
    PHAROS_RETURN_IF_ERROR(deliveries.Insert(tx, delivery));
    traces.deliveries = true;
  }
  return Ok();
}

Status CreateIncident(const ActionScene& scene, store::Transaction& tx) {
  NewIncident wanted;
  model::Incident& incident = wanted.incident;
  incident.title = Text(scene, "title", "", kMaxTitleBytes);
  incident.severity = ParseSeverity(scene.action.StringOr("severity", ""))
                          .value_or(model::IncidentSeverity::kMinor);
  incident.source = model::IncidentSource::kWorkflow;
  incident.started_at = scene.now;
  if (const Value* services = scene.action.Find("services");
      services != nullptr && services->IsList()) {
    for (const auto& monitor : scene.context.directory.List(scene.org)) {
      if (monitor->kind != "manual") continue;
      const auto named = [&](const Value& one) {
        return one.IsString() &&
               (one.AsString() == monitor->uid || one.AsString() == monitor->name);
      };
      const Value::List& list = services->AsList();
      if (std::any_of(list.begin(), list.end(), named)) {
        incident.impacts.push_back({monitor->id, model::Status::kNoData});
      }
    }
  } else if (const auto service = ServiceOfAction(scene)) {
    incident.impacts.push_back({service->id, model::Status::kNoData});
  }
  const std::string message = Message(scene);
  if (!Trim(message).empty()) wanted.message = message;
  PHAROS_RETURN_IF_ERROR(
      InsertIncident(scene.context.store, tx, Actor(scene), std::move(wanted), scene.now));
  return Ok();
}

Result<model::Incident> IncidentOf(const ActionScene& scene, store::Transaction& tx) {
  std::string uid = scene.action.StringOr("incident_id", "");
  if (uid.empty()) {
    const Value* known = rules::FindFact(scene.facts, "incident.id");
    if (known != nullptr && known->IsString()) uid = known->AsString();
  }
  PHAROS_ASSIGN_OR_RETURN(auto found,
                          scene.context.store.incidents().FindByUid(tx, scene.org, uid));
  if (!found) return Error(ErrorKind::kNotFound, "Incident not found");
  return std::move(*found);
}

void MoveTo(IncidentService::Edit& edit, model::IncidentState state, std::string text,
            Timestamp now) {
  model::Incident& incident = edit.incident;
  incident.state = state;
  if (state != model::IncidentState::kResolved) {
    incident.ended_at.reset();
  } else if (!incident.ended_at) {
    incident.ended_at = std::max(now, incident.started_at);
  }
  if (text.empty()) return;
  model::IncidentUpdate update;
  update.state = state;
  update.text = std::move(text);
  update.at = now;
  edit.new_updates.push_back(std::move(update));
}

void AddLabel(model::Incident& incident, std::string label) {
  Value* own = incident.notes.Find("workflow");
  Value notes = own != nullptr ? *own : Value(Value::Object());
  const Value* known = notes.Find("labels");
  Value::List labels = known != nullptr && known->IsList() ? known->AsList() : Value::List();
  Value added(std::move(label));
  if (labels.size() < kMaxLabels &&
      std::find(labels.begin(), labels.end(), added) == labels.end()) {
    labels.push_back(std::move(added));
  }
  notes.Set("labels", std::move(labels));
  incident.notes.Set("workflow", std::move(notes));
}

// The part of an action that changes an incident.
Status ApplyTo(IncidentService::Edit& edit, const ActionScene& scene, ActionKind kind) {
  model::Incident& incident = edit.incident;
  const auto state = model::ParseIncidentState(scene.action.StringOr("status", ""));
  if (kind == ActionKind::kResolveIncident) {
    if (incident.state == model::IncidentState::kResolved) return Ok();
    MoveTo(edit, model::IncidentState::kResolved, Message(scene, "Resolved by a workflow."),
           scene.now);
  } else if (kind == ActionKind::kAddIncidentUpdate) {
    MoveTo(edit, state.value_or(incident.state), Message(scene), scene.now);
  } else if (kind == ActionKind::kUpdateIncident) {
    if (const auto severity = ParseSeverity(scene.action.StringOr("severity", ""))) {
      incident.severity = *severity;
    }
    if (scene.action.Find("title") != nullptr) {
      incident.title = Text(scene, "title", "", kMaxTitleBytes);
    }
    if (state) {
      const std::string usual = "Status changed to " + scene.action.StringOr("status", "") + ".";
      MoveTo(edit, *state, Message(scene, usual), scene.now);
    }
  } else if (kind == ActionKind::kAssignIncident) {
    Value* own = incident.notes.Find("workflow");
    Value notes = own != nullptr ? *own : Value(Value::Object());
    notes.Set("assignee", Text(scene, "assignee", "", kMaxTitleBytes));
    incident.notes.Set("workflow", std::move(notes));
  } else if (kind == ActionKind::kAddLabel) {
    AddLabel(incident, Text(scene, "label", "", 100));
  }
  return Ok();
}

}  // namespace

const ActionRow* FindAction(std::string_view name) {
  for (const ActionRow& row : kActions) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::vector<FieldError> CheckActions(const Value& actions, std::string_view trigger) {
  std::vector<FieldError> problems;
  if (!actions.IsList() || actions.AsList().empty() || actions.AsList().size() > kMaxActions) {
    return {{"actions", "Array must contain 1 to 20 elements"}};
  }
  for (size_t i = 0; i < actions.AsList().size(); ++i) {
    const Value& action = actions.AsList()[i];
    const std::string at = "actions[" + std::to_string(i) + "]";
    const ActionRow* row = FindAction(action.StringOr("type", ""));
    if (row == nullptr) {
      problems.push_back({at + ".type", "Invalid value"});
      continue;
    }
    if (WriteJson(action).size() > kMaxActionBytes) problems.push_back({at, "is too big"});
    if (WouldLoop(*row, trigger)) {
      problems.push_back({at + ".type", "This action would start its own workflow again"});
    }
    for (const std::string_view name : RequiredTexts(row->kind)) {
      if (Trim(action.StringOr(name, "")).empty()) {
        problems.push_back({at + "." + std::string(name), "Required"});
      }
    }
    CheckWords(action, *row, at, problems);
  }
  return problems;
}

std::string FillFacts(std::string_view text, const Value& facts) {
  std::string out;
  while (out.size() < kMaxFilledBytes) {
    const size_t open = text.find("{{");
    const size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) return out += text;
    out += text.substr(0, open);
    const Value* fact = rules::FindFact(facts, Trim(text.substr(open + 2, close - open - 2)));
    if (fact != nullptr && fact->IsString()) {
      out += fact->AsString();
    } else if (fact != nullptr && !fact->IsNull()) {
      out += WriteJson(*fact);
    }
    text.remove_prefix(close + 2);
  }
  return out;
}

store::MonitorPtr ServiceOfAction(const ActionScene& scene) {
  std::string wanted = scene.action.StringOr("service", scene.action.StringOr("service_id", ""));
  if (wanted.empty()) {
    const Value* known = rules::FindFact(scene.facts, "service.id");
    if (known != nullptr && known->IsString()) wanted = known->AsString();
  }
  for (const store::MonitorPtr& monitor : scene.context.directory.List(scene.org)) {
    if (monitor->kind == "manual" && (monitor->uid == wanted || monitor->name == wanted)) {
      return monitor;
    }
  }
  return nullptr;
}

Status PerformInStore(const ActionScene& scene, store::Transaction& tx, ActionTraces& traces) {
  const ActionRow* row = FindAction(scene.action.StringOr("type", ""));
  if (row == nullptr || row->way != ActionWay::kStore) {
    return Error::Internal("no action of the store");
  }
  if (row->kind == ActionKind::kSendNotification) return SendNotification(scene, tx, traces);
  if (row->kind == ActionKind::kPageOnCall) {
    const Value* alert = rules::FindFact(scene.facts, "alert.id");
    const std::string uid = alert != nullptr && alert->IsString() ? alert->AsString() : "";
    PHAROS_RETURN_IF_ERROR(StartPage(
        scene.context.store, tx, scene.org, scene.action.StringOr("policy_id", ""),
        Message(scene, scene.facts.StringOr("title", "Somebody is needed")), uid, scene.now));
    return Ok();
  }
  traces.incidents = true;
  traces.events = true;
  if (row->kind == ActionKind::kCreateIncident) return CreateIncident(scene, tx);
  PHAROS_ASSIGN_OR_RETURN(const model::Incident incident, IncidentOf(scene, tx));
  if (row->kind == ActionKind::kResolveIncident &&
      incident.state == model::IncidentState::kResolved) {
    return Ok();
  }
  const auto change = [&](IncidentService::Edit& edit) { return ApplyTo(edit, scene, row->kind); };
  PHAROS_RETURN_IF_ERROR(
      ChangeIncident(scene.context.store, tx, Actor(scene), incident.id, change, scene.now));
  return Ok();
}

Result<OutsideMessage> PrepareSend(const ActionScene& scene) {
  const ActionRow* row = FindAction(scene.action.StringOr("type", ""));
  if (row == nullptr || row->way != ActionWay::kSend) return Error::Internal("nothing to send");
  OutsideMessage message;
  message.outgoing = Tell(scene);
  if (row->kind == ActionKind::kSlackMessage) {
    message.kind = "slack";
    message.config.Set("webhook_url", scene.action.StringOr("webhook_url", ""));
  } else if (row->kind == ActionKind::kEmail) {
    message.kind = "email";
    const Value* emails = scene.action.Find("emails");
    message.config.Set("emails", emails != nullptr ? *emails : Value());
  } else {
    message.kind = "webhook";
    message.config.Set("url", scene.action.StringOr("url", ""));
    Value::List headers;
    if (const Value* own = scene.action.Find("headers"); own != nullptr && own->IsObject()) {
      for (const auto& [name, value] : own->AsObject()) {
        Value header;
        header.Set("name", name);
        header.Set("value", value.IsString() ? value : Value(WriteJson(value)));
        headers.push_back(std::move(header));
      }
    }
    if (!headers.empty()) message.config.Set("headers", std::move(headers));
  }
  return message;
}

}  // namespace pharos::service
