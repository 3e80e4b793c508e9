#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "model/principal.h"
#include "service/context.h"

namespace pharos::service {

enum class AlertState : uint8_t { kFired, kAcknowledged, kResolved };
enum class AlertSeverity : uint8_t { kInfo, kWarning, kHigh, kCritical };
std::string_view AlertStateName(AlertState state);        // "fired"
std::string_view AlertSeverityName(AlertSeverity value);  // "critical"
std::optional<AlertState> ParseAlertState(std::string_view name);
std::optional<AlertSeverity> ParseAlertSeverity(std::string_view name);

// Something that somebody has to look at; internal, on no page (kodo.md 19).
struct Alert {
  std::string uid;
  std::string source;       // uid of an alert source, or "metrics", "beacon"
  std::string source_name;  // for people
  std::string title;
  std::string description;
  std::string service;
  std::string dedup_key;
  AlertSeverity severity = AlertSeverity::kWarning;
  AlertState state = AlertState::kFired;
  Value labels;  // object or null
  int64_t count = 1;
  std::string acknowledged_by;
  Timestamp fired_at{};
  Timestamp updated_at{};
  std::optional<Timestamp> acknowledged_at;
  std::optional<Timestamp> resolved_at;
};

// An outside system that reports alerts with its own key.
struct AlertSource {
  std::string uid;
  std::string name;
  std::string key_prefix;
  Timestamp created_at{};
};

// What a source says. With an empty `dedup_key` every report is an alert of its own.
struct AlertReport {
  std::string title;
  std::string description;
  std::string service;
  std::string dedup_key;
  AlertSeverity severity = AlertSeverity::kCritical;
  bool resolved = false;
  Value labels;
};

struct AlertQuery {
  std::optional<AlertState> state;
  int limit = 50;
  int offset = 0;
};

// Use cases of alerts and their sources. The newest kMaxAlerts of each source are kept, 90 days
// long. Thread-safe; blocks on the store. Errors: kNotFound ("Alert not found", "Alert source not
// found"), kConflict (the alert is resolved), kInvalid with fields.
class AlertService {
 public:
  static constexpr int kMaxAlerts = 1'000;
  static constexpr int kMaxSources = 200;

  explicit AlertService(const Context& context) : context_(context) {}

  struct CreatedSource {
    AlertSource source;
    Secret key;  // shown once
  };
  Result<CreatedSource> CreateSource(const model::Principal& who, std::string_view name);
  Result<std::vector<AlertSource>> Sources(const model::Principal& who) const;
  Status DeleteSource(const model::Principal& who, std::string_view uid);

  // Error: kUnauthenticated ("Invalid alert source key").
  struct KnownSource {
    model::OrgId org;
    AlertSource source;
  };
  Result<KnownSource> FindSource(std::string_view key) const;

  struct Outcome {
    Alert alert;
    bool fresh = false;  // no open alert had the key
  };
  // nullopt when a resolution came for something that is not open.
  Result<std::optional<Outcome>> Report(const KnownSource& source, const AlertReport& report);

  // Newest first.
  Result<std::vector<Alert>> List(const model::Principal& who, const AlertQuery& query) const;
  Result<Alert> Get(const model::Principal& who, std::string_view uid) const;
  // Acknowledging stops what still would be sent about it.
  Result<Alert> Acknowledge(const model::Principal& who, std::string_view uid);
  Result<Alert> Resolve(const model::Principal& who, std::string_view uid);

  // Removes what is too old; called by the housekeeper.
  Status Trim();

 private:
  Result<Alert> Move(const model::Principal& who, std::string_view uid, AlertState to);

  Context context_;
};

// The same steps inside somebody else's transaction. `source` is a word ("metrics").
Result<AlertService::Outcome> RaiseAlert(store::Store& store, store::Transaction& tx,
                                         model::OrgId org, const AlertSource& source,
                                         const AlertReport& report, Timestamp now);
Result<std::optional<Alert>> ResolveAlert(store::Store& store, store::Transaction& tx,
                                          model::OrgId org, std::string_view source,
                                          std::string_view dedup_key, Timestamp now);

}  // namespace pharos::service
