#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/wiring.h"
#include "base/fake_clock.h"
#include "shape_check.h"
#include "talk_runner.h"

namespace pharos::walk {

using talk::WireReply;
using talk::WireRequest;

// What the walks did, and what they did not like.
struct Tally {
  std::set<std::string> rows;  // "kodo POST /incidents"
  int requests = 0;
  int server_errors = 0;
  std::vector<std::string> problems;

  void Complain(std::string what);
  void Print(std::string_view walk) const;
};

// The rows of the database, as texts: by organisation, and those that belong to none.
struct Dump {
  std::map<std::string, std::string> by_owner;  // "1", "2", ""
  bool operator==(const Dump&) const = default;
  // The rows that one of the two has and the other has not; empty when there are none. What comes
  // and goes by itself does not count, and what checks measure only when told so: an earlier
  // request may have begun one.
  std::string Difference(const Dump& other, const std::string& owner, bool measured) const;
};

// The real wiring on a database file of its own, with a second organisation beside the first.
class WalkHouse {
 public:
  // Makes the keys of the session in the first organisation. Every answer counts in `tally`.
  static Result<std::unique_ptr<WalkHouse>> Open(const talk::Session& session,
                                                 talk::Variables& variables, Tally& tally);
  ~WalkHouse();
  WalkHouse(const WalkHouse&) = delete;
  WalkHouse& operator=(const WalkHouse&) = delete;

  // An answer that never comes counts as 599.
  WireReply Send(const WireRequest& request);
  // Sends and judges: no answer may be a 5xx, every refusal has the dialect's shape.
  WireReply SendAndJudge(const WireRequest& request);
  // The same request with another key of an organisation, made when first asked for.
  WireReply SendAs(int64_t org, const api::Dialect& dialect, const std::vector<std::string>& scopes,
                   WireRequest request);
  Dump TakeDump() const;
  const talk::ShapeCheck& shapes() const { return shapes_; }
  FakeClock& clock() { return clock_; }
  Tally& tally() { return tally_; }

 private:
  WalkHouse(Timestamp at, Tally& tally);
  Status Start(const talk::Session& session, talk::Variables& variables);
  Result<std::string> MakeKey(const talk::KeyWish& wish);
  std::string KeyText(int64_t org, std::string_view dialect,
                      const std::vector<std::string>& scopes);

  FakeClock clock_;
  Tally& tally_;
  std::string folder_;
  std::unique_ptr<app::Wiring> wiring_;
  std::map<std::string, std::string> key_texts_;
  int since_new_minute_ = 0;
  const talk::ShapeCheck shapes_;
};

// Runs with every exchange of a session: before it (`reply` is null) and after.
using Hook = std::function<void(WalkHouse&, const WireRequest&, const api::Resolved&,
                                const WireReply* reply)>;

// Plays all conversations of all dialects for their requests alone; what they expect does not
// matter, since the hook does things in between.
void Replay(Tally& tally, const Hook& hook);

// "kodo POST /incidents"
std::string RowName(const api::Dialect& dialect, const api::Endpoint& row);

// A request for a row, every path parameter being `id`.
WireRequest RequestFor(const api::Dialect& dialect, const api::Endpoint& row, std::string_view id);

// All scopes that rows of the dialect ask for.
std::set<std::string> ScopesOf(const api::Dialect& dialect);

}  // namespace pharos::walk
