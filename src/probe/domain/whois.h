#pragma once

#include <string>
#include <string_view>

#include "probe/domain/registration.h"

namespace pharos::probe {

// What a WHOIS server (RFC 3912) said, in whatever layout.
struct WhoisReply {
  Registration registration;
  std::string referral;    // another server to ask, a host name; empty = none
  bool not_found = false;  // it says that nobody has registered the name
  bool limited = false;    // it answers too many questions and refuses this one
  bool IsEmpty() const {
    return !registration.expires && !registration.created && registration.registrar.empty() &&
           registration.nameservers.empty();
  }
};

// Never fails; what is not understood is left out. Reads 64 KiB and 2000 lines at most.
WhoisReply ParseWhois(std::string_view text);

// The question for a server, with its line end. Some registries want more than the name.
std::string WhoisQuestion(std::string_view server, std::string_view domain);

}  // namespace pharos::probe
