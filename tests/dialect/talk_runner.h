#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "talk.h"

namespace pharos::talk {

struct WireRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct WireReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // nullptr when absent; letter case ignored.
  const std::string* Find(std::string_view name) const;
};

using Variables = std::map<std::string, std::string, std::less<>>;

// Whoever answers: the wiring in this process, the real binary, a toy.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual Result<WireReply> Send(const WireRequest& request) = 0;
  virtual Timestamp Now() = 0;
  virtual void Advance(Duration by) = 0;
  // What of a reply breaks the promises of the program itself, whatever the talk expects.
  virtual std::vector<std::string> Judge(const WireRequest&, const WireReply&) { return {}; }
};

// A fresh peer for a session; fills in the variables of its keys.
using PeerFactory =
    std::function<Result<std::unique_ptr<Peer>>(const Session& session, Variables& variables)>;

struct Report {
  int sessions = 0;
  int talks = 0;
  int exchanges = 0;
  int skipped = 0;                    // sessions that need a clock to be set
  std::vector<std::string> failures;  // readable, one per exchange

  void Merge(Report other);
};

// Plays one session. A failed exchange ends its talk, not the session.
Report Play(const Session& session, const PeerFactory& open);

// "${NAME}", "${NAME+60}" and "${NAME-60}" replaced. Error: kInvalid for an unknown name.
Result<std::string> Substitute(std::string_view text, const Variables& variables);

// Every .talk file below `folder`, by name. Errors: kInvalid from a file, kNotFound when none is
// there.
Result<std::vector<Session>> LoadTalks(const std::string& folder);

}  // namespace pharos::talk
