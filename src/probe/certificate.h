#pragma once

#include <cstdint>

#include "base/time.h"
#include "net/peer_chain.h"
#include "probe/probe.h"

namespace pharos::probe {

// What the kinds that look at certificates have in common.

// Whole days, rounded down: negative once it has expired.
int64_t DaysLeft(Timestamp until, Timestamp now);

// Up, degraded or down by the hours that a certificate has left: "certificate expires in 5 days, on
// 2026-05-01".
Observation JudgeExpiry(const net::PeerCertificate& certificate, int64_t degraded_below_hours,
                        int64_t down_below_hours, Timestamp now);

// {certificate, chain, protocol, cipher} as docs/probes/tls.md describes them; null without a
// certificate.
Value ChainFacts(const net::PeerChain& chain, Timestamp now);

// The same for people.
void AddChainEvidence(const net::PeerChain& chain, Timestamp now, Evidence& evidence);

}  // namespace pharos::probe
