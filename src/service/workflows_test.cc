#include "service/workflows.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "service/incidents.h"
#include "service/testing_house.h"
#include "service/workflow_actions.h"
#include "store/event_store.h"
#include "store/incident_store.h"

namespace pharos::service {
namespace {

Value Json(std::string_view text) { return ParseJson(text).value(); }

class WorkflowServiceTest : public testing::Test {
 protected:
  Workflow Make(const std::string& trigger, std::string_view actions,
                std::string_view conditions = "null") {
    Workflow draft;
    draft.name = "Flow";
    draft.trigger = trigger;
    draft.interval_s = trigger == "scheduled" ? 60 : 0;
    draft.actions = Json(actions);
    draft.conditions = Json(conditions);
    auto made = workflows_.Create(house_.who, draft);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? *made : Workflow();
  }
  std::vector<WorkflowRun> Runs(const Workflow& workflow) {
    return workflows_.Runs(house_.who, workflow.uid, 50).value();
  }
  // What automation does with everything in the outbox that it has not dealt with.
  void React() {
    std::vector<model::Event> events;
    {
      auto session = house_.store->Read().value();
      events = house_.store->events().ListAfter(*session, place_, 100).value();
    }
    for (const model::Event& event : events) {
      ASSERT_TRUE(house_.store->Write(
          [&](store::Transaction& tx) { return workflows_.OnEvent(tx, event); }));
      place_ = event.id;
    }
    workflows_.OnCommitted();
  }
  std::vector<IncidentDetail> Incidents() {
    return incidents_.ListDetailed(house_.who, {}).value();
  }
  void OpenIncident(model::IncidentSeverity severity) {
    NewIncident wanted;
    wanted.incident.title = "Depot offline";
    wanted.incident.severity = severity;
    wanted.incident.started_at = house_.clock.Now();
    ASSERT_TRUE(incidents_.Create(house_.who, wanted));
  }

  TestHouse house_;
  MonitorService monitors_{*house_.context};
  IncidentService incidents_{*house_.context};
  std::vector<std::pair<std::string, Value>> sent_;
  std::vector<notify::SendDone> answers_;
  WorkflowService workflows_{*house_.context, monitors_,
                             [this](const std::string& kind, const Value& config, notify::Outgoing,
                                    notify::SendDone done) {
                               sent_.emplace_back(kind, config);
                               answers_.push_back(std::move(done));
                             }};
  model::EventId place_;
};

TEST_F(WorkflowServiceTest, TriggeredByHandRunsInOrder) {
  const Workflow flow = Make("manual", R"([
      {"type":"create_incident","title":"{{what}} offline","severity":"major","message":"Looking"},
      {"type":"page_on_call","policy_id":"nothing","continue_on_error":true},
      {"type":"create_incident","title":"Second"}])");
  const auto run = workflows_.Trigger(house_.who, flow.uid, Json(R"({"what":"Depot"})"));
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(Incidents().size(), 2u);
  EXPECT_EQ(Incidents()[1].incident.title, "Depot offline");
  EXPECT_EQ(Incidents()[1].incident.source, model::IncidentSource::kWorkflow);
  EXPECT_EQ(Incidents()[1].updates.size(), 1u);
  const auto runs = Runs(flow);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].uid, *run);
  EXPECT_EQ(runs[0].state, RunState::kSucceeded);
  ASSERT_EQ(runs[0].done.size(), 3u);
  EXPECT_EQ(runs[0].done[1].error, "Policy not found");
}

TEST_F(WorkflowServiceTest, StopsAtTheFirstFailure) {
  const Workflow flow = Make("manual", R"([{"type":"resolve_incident","incident_id":"none"},
                                           {"type":"create_incident","title":"Never"}])");
  ASSERT_TRUE(workflows_.Trigger(house_.who, flow.uid, Value()));
  EXPECT_TRUE(Incidents().empty());
  EXPECT_EQ(Runs(flow)[0].state, RunState::kFailed);
  EXPECT_EQ(Runs(flow)[0].done[0].error, "Incident not found");
}

TEST_F(WorkflowServiceTest, EventsThatFulfilConditions) {
  const Workflow flow = Make("incident.created", R"([{"type":"add_label","label":"urgent"},
                                   {"type":"add_incident_update","message":"{{incident.title}}: on it"}])",
                             R"({"operator":"AND","conditions":[
               {"field":"severity","operator":"equals","value":"critical"}]})");
  OpenIncident(model::IncidentSeverity::kMinor);
  React();
  EXPECT_TRUE(Runs(flow).empty());
  OpenIncident(model::IncidentSeverity::kCritical);
  React();
  ASSERT_EQ(Runs(flow).size(), 1u);
  EXPECT_EQ(Runs(flow)[0].state, RunState::kSucceeded);
  const auto newest = Incidents()[0];
  ASSERT_EQ(newest.updates.size(), 1u);
  EXPECT_EQ(newest.updates[0].text, "Depot offline: on it");
  React();
  EXPECT_EQ(Runs(flow).size(), 1u);
}

TEST_F(WorkflowServiceTest, ServiceStatusIsATriggerAndAnAction) {
  model::Monitor draft;
  draft.tag = "checkout";
  draft.name = "Checkout";
  draft.kind = "manual";
  const MonitorPtr checkout = monitors_.Create(house_.who, draft).value();
  const Workflow flow = Make(
      "manual", R"([{"type":"update_service_status","service":"Checkout","status":"degraded"}])");
  ASSERT_TRUE(workflows_.Trigger(house_.who, flow.uid, Value()));
  EXPECT_EQ(Runs(flow)[0].state, RunState::kSucceeded);
  EXPECT_EQ(monitors_.StateOf(*checkout)->shown, model::Status::kDegraded);
}

TEST_F(WorkflowServiceTest, OutsideAnswersContinueTheRun) {
  const Workflow flow = Make("manual", R"([{"type":"send_webhook","url":"http://127.0.0.1:1/x"},
                                           {"type":"create_incident","title":"After"}])");
  ASSERT_TRUE(workflows_.Trigger(house_.who, flow.uid, Value()));
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].first, "webhook");
  ASSERT_TRUE(workflows_.Step());
  EXPECT_EQ(sent_.size(), 1u);
  EXPECT_EQ(Runs(flow)[0].state, RunState::kQueued);
  notify::SendOutcome ok;
  ok.kind = notify::SendOutcome::Kind::kSent;
  answers_[0](ok);
  ASSERT_TRUE(house_.store->Write([](store::Transaction&) { return Ok(); }));
  ASSERT_TRUE(workflows_.Step());
  EXPECT_EQ(Runs(flow)[0].state, RunState::kSucceeded);
  EXPECT_EQ(Incidents().size(), 1u);
}

TEST_F(WorkflowServiceTest, WhatWasCutOffIsDoneAgain) {
  const Workflow flow = Make("manual", R"([{"type":"send_webhook","url":"http://127.0.0.1:1/x"}])");
  ASSERT_TRUE(workflows_.Trigger(house_.who, flow.uid, Value()));
  house_.clock.Advance(Seconds(61));
  ASSERT_TRUE(workflows_.Step());
  EXPECT_EQ(sent_.size(), 2u);
}

TEST_F(WorkflowServiceTest, DelaysAndSchedules) {
  const Workflow flow = Make("scheduled", R"([{"type":"delay","seconds":30},
                                              {"type":"create_incident","title":"Tick"}])");
  ASSERT_TRUE(workflows_.Step());
  EXPECT_TRUE(Runs(flow).empty());
  house_.clock.Advance(Seconds(60));
  ASSERT_TRUE(workflows_.Step());
  EXPECT_EQ(Runs(flow).size(), 1u);
  EXPECT_TRUE(Incidents().empty());
  house_.clock.Advance(Seconds(30));
  ASSERT_TRUE(workflows_.Step());
  EXPECT_EQ(Incidents().size(), 1u);
}

TEST_F(WorkflowServiceTest, LimitsAndSwitches) {
  const Workflow flow = Make("manual", R"([{"type":"create_incident","title":"x"}])");
  for (int i = 0; i < WorkflowService::kMaxRunsPerMinute; ++i) {
    ASSERT_TRUE(workflows_.Trigger(house_.who, flow.uid, Value()));
  }
  EXPECT_EQ(workflows_.Trigger(house_.who, flow.uid, Value()).error().kind,
            ErrorKind::kRateLimited);
  house_.clock.Advance(Minutes(2));
  ASSERT_TRUE(workflows_.Update(house_.who, flow.uid, [](Workflow& w) {
    w.enabled = false;
    return Ok();
  }));
  EXPECT_EQ(workflows_.Trigger(house_.who, flow.uid, Value()).error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(workflows_.Delete(house_.who, flow.uid));
  EXPECT_EQ(workflows_.Trigger(house_.who, flow.uid, Value()).error().kind, ErrorKind::kNotFound);
}

TEST_F(WorkflowServiceTest, DefinitionsAreChecked) {
  Workflow bad;
  bad.trigger = "incident.updated";
  bad.actions = Json(R"([{"type":"fly"},{"type":"add_label","label":"x"},{"type":"email",
                          "message":"m","emails":["nobody"]},{"type":"delay","seconds":0}])");
  const auto refused = workflows_.Create(house_.who, bad);
  ASSERT_FALSE(refused);
  std::vector<std::string> fields;
  for (const FieldError& field : refused.error().fields) fields.push_back(field.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"name", "actions[0].type", "actions[1].type",
                                              "actions[2].emails", "actions[3].seconds"}));
}

TEST(FillFacts, Table) {
  const Value facts = Json(R"({"a":"x","b":{"c":3}})");
  EXPECT_EQ(FillFacts("{{a}} {{ b.c }} {{none}}!", facts), "x 3 !");
  EXPECT_EQ(FillFacts("{{a", facts), "{{a");
  // A short text that names a long fact often must not become a huge one.
  Value long_facts;
  long_facts.Set("a", std::string(50'000, 'x'));
  std::string often;
  for (int i = 0; i < 1'000; ++i) often += "{{a}}";
  EXPECT_EQ(FillFacts(often, long_facts).size(), 100'000u);
}

}  // namespace
}  // namespace pharos::service
