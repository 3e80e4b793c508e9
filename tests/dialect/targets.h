#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/testing/scripted_server.h"
#include "talk.h"
#include "talk_runner.h"

namespace pharos::talk {

// What the server under test may look at during a session: small servers on ports of the system's
// choice, whose numbers are variables of the session. Closed on destruction.
class Targets {
 public:
  // Kinds: "web" (200), "broken" (500), "tls" (a certificate of its own, good for 20 days), "mute"
  // (takes connections and speaks no TLS), "closed" (nobody listens). Error: kInvalid for others.
  static Result<Targets> Open(const Session& session, Variables& variables);

 private:
  std::vector<std::unique_ptr<net::ScriptedServer>> servers_;
};

}  // namespace pharos::talk
