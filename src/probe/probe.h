#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/value.h"
#include "model/check_evidence.h"
#include "model/check_result.h"
#include "model/field_spec.h"
#include "model/ids.h"
#include "net/dialer.h"
#include "net/http_client.h"
#include "net/sql_client.h"

namespace pharos::script {
class Evaluator;
}

namespace pharos::probe {

// Calls back later; the scheduler's loop in the server, a fake in tests. Thread-safe.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void After(Duration delay, std::function<void()> call) = 0;
};

// Looks up "$NAME" in texts of a spec (product.md 2.2); nullopt leaves the text as written. The
// server's own secrets are never found.
using SecretLookup = std::function<std::optional<std::string>(std::string_view name)>;

// The secrets of organisations. Thread-safe; called on the loops of checks, so it never waits.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  virtual std::optional<std::string> Find(model::OrgId org, std::string_view name) const = 0;
};

// What a probe may use; everything outlives it. `secrets` is of one organisation: whoever starts a
// check binds it (secrets.h), probes use it as it is.
struct Tools {
  net::HttpClient* http = nullptr;
  Timer* timer = nullptr;
  const Clock* clock = nullptr;
  SecretLookup secrets;
  net::Dialer* dialer = nullptr;  // without one, kinds that need it say that this server is blind
  const SecretSource* secret_source = nullptr;
  // Evidence is wanted of this check even when it goes well (Observation::seen).
  bool keep_good_evidence = false;
  net::SqlClient* sql = nullptr;  // without one, databases cannot be checked
  // Without one, monitors with an evaluation function are not judged (evaluation.h).
  script::Evaluator* evaluator = nullptr;
};

// One named fact that a check saw, for people ("connect", "1.2 ms").
using Evidence = std::vector<std::pair<std::string, std::string>>;

// What one attempt saw. `status` is kNoData unless `outcome` is kAnswered, kTimeout or kError.
struct Observation {
  model::CheckOutcome outcome = model::CheckOutcome::kError;
  model::Status status = model::Status::kDown;
  std::optional<double> latency_ms;
  std::string message;  // why it is not up; empty when up; at most 200 bytes
  Evidence evidence;
  // What the kind found out, for dialects that show it ({"certificate": {...}}): null or an object,
  // a few KiB at most. Each kind's page in docs/probes says what it holds.
  Value facts{};
  int32_t code = 0;      // the kind's own number (model/sample.h)
  uint8_t attempts = 1;  // set by RunCheck
  // What was met, for failures and when Tools asks for it; a kind fills in what it has (evidence.h)
  // and RunCheck completes, redacts and bounds it.
  std::shared_ptr<model::CheckEvidence> seen{};
};
using Done = std::function<void(Observation)>;

// Constant facts about a kind of monitor.
struct Descriptor {
  std::string_view kind;   // "http"
  std::string_view title;  // "HTTP(S)"
  // Results are pushed and silence is judged; the scheduler never calls Start.
  bool pushed = false;
  bool measures_latency = true;
  std::string_view posture;  // what an attacker who controls the target could try, and our answer
  std::vector<model::FieldSpec> fields;  // common_fields.h first, then the kind's own
};

// A kind of monitor: what its spec may hold and how to check once. Stateless, thread-safe.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual const Descriptor& descriptor() const = 0;
  // Checks what single rows cannot express: fields that depend on each other, regular expressions,
  // paths. Adds to `problems`, with field names of the spec.
  virtual void Validate(const Value& spec, std::vector<FieldError>& problems) const = 0;
  // One attempt against the target. `spec` has passed validation. Calls `done` exactly once, on any
  // thread, at the latest when the spec's time-out has passed.
  virtual void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
                     Done done) const = 0;
  // Whom a check puts load on, so that only so many run against one at a time; empty = nobody in
  // particular. As it stands: the host of "url" or "connection_string", else "host", "domain", the
  // first of "hosts".
  virtual std::string TargetOf(const Value& spec) const;
};

}  // namespace pharos::probe
