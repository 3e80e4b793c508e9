#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/dialer.h"
#include "probe/dial_common.h"
#include "probe/probe.h"
#include "probe/secrets.h"

namespace pharos::probe {

// What the kinds that speak in turns over one connection have in common (net::DialRequest::turn).

// One conversation with a target. Used by the dialer's thread only, until the answer is there.
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual net::DialTurn Next(const net::DialHeard& heard) = 0;
  // What has not come yet, for messages: "the answer to EHLO".
  const std::string& awaited() const { return awaited_; }
  // Whether everything asked for had come; an end or silence after that is not the target's fault.
  bool settled() const { return settled_; }

 protected:
  net::DialTurn Say(std::string bytes, std::string_view awaited);
  net::DialTurn WaitMore() const { return {}; }
  // All is well; says goodbye with `bytes` and does not wait.
  net::DialTurn Finish(std::string bytes = {});
  net::DialTurn Wrong(std::string problem) const;
  void Await(std::string_view what) { awaited_ = what; }
  void Settle() { settled_ = true; }

 private:
  std::string awaited_;
  bool settled_ = false;
};

// Holds the conversation over `request`. `done` gets the answer with what was awaited added to its
// message; a conversation that had settled before it broke off counts as finished.
void Converse(net::Dialer& dialer, net::DialRequest request,
              std::shared_ptr<Conversation> conversation,
              std::function<void(net::DialAnswer answer)> done);

// The rows verify_tls, tls_server_name and ca_pem, their checks, and the request by them.
std::vector<model::FieldSpec> TlsRows();
void ValidateTlsRows(const SpecReader& reader, std::vector<FieldError>& problems);
net::DialTls ReadTls(const SpecReader& reader, Timestamp now);

// What is wrong with the certificates, all findings joined by " | "; empty when nothing is or
// nobody showed any.
std::string ChainTrouble(const net::PeerChain* chain);

// The request that all these kinds make: host, port, address family, time-out, TLS.
net::DialRequest MakeDialRequest(const SpecReader& reader, const Value& spec, net::Purpose purpose,
                                 Timestamp now);

// Up with the whole time as its latency, or what became of it, and the usual evidence.
Observation JudgeConversation(const CommonSpec& common, const net::DialAnswer& answer);

// A user or password of the spec, with secrets put in.
struct Login {
  std::string user;
  std::string password;
};

// Takes passwords and secrets out of everything that people see.
void HideLogin(const SecretExpander& secrets, const Login& login, Observation& observation);

// Text of a peer for messages and evidence: one line, printable, at most `max_bytes` long.
std::string ShownText(std::string_view text, size_t max_bytes = 120);

}  // namespace pharos::probe
