#pragma once

#include <string>
#include <string_view>

#include "net/dialer.h"
#include "probe/common_fields.h"
#include "probe/probe.h"

namespace pharos::probe {

// What the kinds that talk through net::Dialer have in common.

// An observation without latency and evidence.
Observation MakeObservation(model::CheckOutcome outcome, model::Status status,
                            std::string_view message);

// The verdict on a conversation that failed; precondition: failure is not kNone. Trouble of our own
// (policy, caps, lacking rights) is no data, everything else is down.
Observation JudgeDialFailure(const net::DialAnswer& answer);

// Remote address and phases, of HTTP too.
void AddWayEvidence(const std::string& remote_address, const net::Phases& phases,
                    Evidence& evidence);
// The same, and for failures what failed.
Evidence DialEvidence(const net::DialAnswer& answer);

// "this server cannot ... ": the verdict when there is no dialer.
Observation NoDialer();

// 0 (any), 4 or 6 from the row "ip_version".
int IpVersionOf(const SpecReader& reader);
model::FieldSpec IpVersionRow();

// A name or literal address: not empty, no blanks, no port, no scheme, at most 253 bytes.
bool IsHost(std::string_view text);
// Adds a problem unless the text of `field` is a host; an absent required field is not repeated.
void ValidateHost(const SpecReader& reader, std::string_view field,
                  std::vector<FieldError>& problems);

}  // namespace pharos::probe
