#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "base/secret.h"
#include "model/principal.h"
#include "service/context.h"
#include "service/organisations.h"

namespace pharos::service {

struct BeaconKey {
  std::string uid;
  std::string name;
  std::string key_prefix;
  Timestamp created_at{};
  std::optional<Timestamp> revoked_at;
};

// Errors that look the same, counted together.
struct ErrorGroup {
  std::string uid;
  std::string service;
  std::string environment;
  std::string type;
  std::string message;  // of the newest one
  std::string top_frame;
  double count = 0;  // weighted by the senders' sample rates
  Timestamp first_seen{};
  Timestamp last_seen{};
};

struct BeaconCounts {
  int64_t received = 0;
  int64_t signatures_updated = 0;
  int64_t logs_stored = 0;
  int64_t traces_stored = 0;
  int64_t spans_stored = 0;
};

// What else beacons sent, as sent: kept whole in a record of its own.
enum class BeaconKind : uint8_t { kLog, kTrace, kVital, kPageLoad, kSlowRequest };

struct BeaconItem {
  std::string uid;
  std::string service;
  Timestamp at{};
  Value event;
};

// Errors, logs, traces and timings that browsers and programs report (kodo.md 12). Kept 7 days and
// at most kMaxItems of each kind and service; kMaxGroups groups of each service. Many errors of one
// service in a short time make an event, an alert and an incident; the sliding window lives in
// memory, so it starts anew with the program. Thread-safe; blocks on the store.
class BeaconService {
 public:
  static constexpr size_t kMaxEvents = 100;  // of one post
  static constexpr int kMaxItems = 2'000;
  static constexpr int kMaxGroups = 500;
  static constexpr int kMaxKeys = 200;

  BeaconService(const Context& context, const OrganisationService& organisations)
      : context_(context), organisations_(organisations) {}

  struct CreatedKey {
    BeaconKey key;
    Secret text;  // may be published, yet it is shown once
  };
  Result<CreatedKey> CreateKey(const model::Principal& who, std::string_view name);
  Result<std::vector<BeaconKey>> Keys(const model::Principal& who) const;
  // Error: kNotFound ("Beacon key not found").
  Result<BeaconKey> RevokeKey(const model::Principal& who, std::string_view uid);
  // Whose key this is; nullopt for unknown and revoked ones.
  Result<std::optional<model::OrgId>> FindKey(std::string_view text) const;

  // Stores what is well-formed; the rest is dropped and not counted. Errors: kInvalid with field
  // "events" (no list, more than kMaxEvents, or nothing well-formed).
  Result<BeaconCounts> Ingest(model::OrgId org, const Value& events, const Value& user);

  Result<std::vector<ErrorGroup>> Groups(const model::Principal& who, int limit) const;
  Result<std::vector<BeaconItem>> Items(const model::Principal& who, BeaconKind kind,
                                        int limit) const;
  // Removes what is too old or too much; called by the housekeeper.
  Status Trim();

 private:
  struct Window {
    std::map<int64_t, double> by_second;  // weights of the errors in that second
    int fired = 0;                        // 0 none, 1 major, 2 critical
  };
  struct Alarm;

  std::optional<Alarm> Count(model::OrgId org, const std::string& service, double weight,
                             const Value& settings);
  Status Fire(store::Transaction& tx, model::OrgId org, const Alarm& alarm, const Value& settings,
              bool& incidents_changed);
  Status OpenIncident(store::Transaction& tx, model::OrgId org, const Alarm& alarm,
                      const Value& settings, bool& incidents_changed);
  static std::string TitleOf(const Alarm& alarm);

  Context context_;
  const OrganisationService& organisations_;
  Guarded<std::map<std::pair<model::OrgId, std::string>, Window>> windows_;
};

// The text that errors of one group share: numbers and ids blanked. For tests.
std::string BlankNumbers(std::string_view text);

}  // namespace pharos::service
