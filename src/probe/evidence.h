#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "model/check_evidence.h"
#include "model/field_spec.h"
#include "probe/probe.h"

namespace pharos::probe {

// Takes the secrets of one check out of everything that is kept of it: values that the check looked
// up, secret fields of its spec, credentials in its headers, URLs and texts, in the forms in which
// a target may send them back; and whatever a text itself calls a password or token. Thread-safe.
class Redactor {
 public:
  // Wraps a look-up so that every value that is found is known to `redactor`.
  static SecretLookup Recording(std::shared_ptr<Redactor> redactor, SecretLookup lookup);
  // Finds the credentials that stand in a spec as plain text.
  void LearnSpec(const Value& spec, const std::vector<model::FieldSpec>& fields);
  void Learn(std::string_view value, std::string_view shown);

  // What is known to be secret becomes "$NAME" or "***".
  std::string Redact(std::string text) const;
  // The same for all texts, and MaskCredentials.
  void Redact(model::CheckEvidence& evidence) const;

 private:
  void LearnText(std::string_view text);
  void LearnValue(const Value& value);

  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> known_;  // longest first
};

// Whether a header, field or parameter of this name carries credentials.
bool IsSensitiveName(std::string_view name);
// Masks what a text itself calls a password, token or the like: "password=***".
std::string MaskCredentials(std::string_view text);

// What an exchange met, as evidence; not redacted and not bounded yet.
std::shared_ptr<model::CheckEvidence> SeenOf(const net::HttpAnswer& answer);
std::shared_ptr<model::CheckEvidence> SeenOf(const net::DialAnswer& answer);

// Whether an observation is one that evidence is kept of even if nobody asked.
bool IsFailure(const Observation& observation);

// Completes what the kind noted in `observation.seen`: its named facts, the earlier tries, without
// secrets, bounded. Takes secrets out of message and named facts too.
void FinishEvidence(Observation& observation, std::vector<std::string> earlier_tries,
                    const Redactor& redactor);

}  // namespace pharos::probe
