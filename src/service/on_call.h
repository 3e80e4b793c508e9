#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/principal.h"
#include "model/record.h"
#include "rules/on_call.h"
#include "service/context.h"
#include "service/direct_send.h"

namespace pharos::service {

// Whom a step of a policy pages: a channel (uid), whoever is on call in a schedule (uid), or a
// person: an e-mail address or a phone number in E.164 form.
struct PageTarget {
  enum class Kind : uint8_t { kChannel, kSchedule, kPerson };
  Kind kind = Kind::kPerson;
  std::string id;
};

struct PolicyStep {
  std::vector<PageTarget> targets;
  int delay_minutes = 5;  // before the next step, unless somebody acknowledges
};

struct OnCallPolicy {
  std::string uid;
  std::string name;
  std::vector<PolicyStep> steps;
  int repeats = 0;  // how often all steps are gone through again
  Timestamp created_at{};
  Timestamp updated_at{};
};

struct OnCallSchedule {
  std::string uid;
  std::string name;
  rules::OnCallPlan plan;
  Timestamp created_at{};
  Timestamp updated_at{};
};

// Escalation policies and duty schedules (kodo.md 19). A page goes through the steps of its policy
// until its alert is acknowledged. Thread-safe; blocks on the store. Errors: kNotFound ("Policy not
// found", "Schedule not found"), kInvalid with fields.
class OnCallService {
 public:
  static constexpr int kMaxPolicies = 200;
  static constexpr size_t kMaxSteps = 20;
  static constexpr size_t kMaxTargets = 20;
  static constexpr size_t kMaxLayers = 20;
  static constexpr size_t kMaxPeople = 100;
  static constexpr size_t kMaxOverrides = 500;

  OnCallService(const Context& context, DirectSend send)
      : context_(context), send_(std::move(send)) {}

  Result<std::vector<OnCallPolicy>> Policies(const model::Principal& who) const;
  Result<OnCallPolicy> GetPolicy(const model::Principal& who, std::string_view uid) const;
  // With an empty uid it is made, otherwise replaced.
  Result<OnCallPolicy> PutPolicy(const model::Principal& who, OnCallPolicy policy);
  Status DeletePolicy(const model::Principal& who, std::string_view uid);

  Result<std::vector<OnCallSchedule>> Schedules(const model::Principal& who) const;
  Result<OnCallSchedule> GetSchedule(const model::Principal& who, std::string_view uid) const;
  Result<OnCallSchedule> PutSchedule(const model::Principal& who, OnCallSchedule schedule);
  Status DeleteSchedule(const model::Principal& who, std::string_view uid);

  // Begins to page; `alert` is the uid of the alert whose acknowledgement stops it, or empty.
  // Returns the page's uid.
  Result<std::string> Page(const model::Principal& who, std::string_view policy,
                           std::string_view text, std::string_view alert);
  // Sends the steps that are due; called by the housekeeper every few seconds.
  Status Step();

 private:
  struct Due;
  Result<std::vector<Due>> TakeDue(model::OrgId org);
  Status SendStep(const Due& due);
  Status SendTo(model::OrgId org, const PageTarget& target, const Due& due, bool may_ask_schedule);

  Context context_;
  DirectSend send_;
};

// The same inside somebody else's transaction.
Result<std::string> StartPage(store::Store& store, store::Transaction& tx, model::OrgId org,
                              std::string_view policy, std::string_view text,
                              std::string_view alert, Timestamp now);

}  // namespace pharos::service
