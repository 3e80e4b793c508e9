#pragma once

#include <functional>
#include <string>

#include "probe/domain/registration.h"
#include "probe/probe.h"

namespace pharos::probe {

enum class RegistrySource : uint8_t { kAuto, kRdap, kWhois };

struct LookupRequest {
  std::string domain;  // lower case
  RegistrySource source = RegistrySource::kAuto;
  std::string rdap_url;      // empty = the table's
  std::string whois_server;  // "host" or "host:port"; empty = the table's
  Duration timeout{};
  net::Purpose purpose = net::Purpose::kProbe;
};

struct LookupAnswer {
  enum class Kind : uint8_t {
    kFound,
    kNotRegistered,
    kUnknown,  // nobody could be asked, or nobody gave an answer that makes sense
    kBlocked,  // the outbound policy let us ask nobody
  };
  Kind kind = Kind::kUnknown;
  Registration registration;
  std::string source;   // "RDAP, rdap.example" or "WHOIS, whois.example"
  std::string message;  // what went wrong, step by step, for people
  int64_t took_us = -1;
};

// Asks the registry of a domain: RDAP first, WHOIS when that has no service, no answer or no expiry
// date. WHOIS follows one referral. Calls `done` once, within the time-out. The tools outlive it.
void LookUpRegistration(LookupRequest request, const Tools& tools,
                        std::function<void(LookupAnswer)> done);

}  // namespace pharos::probe
