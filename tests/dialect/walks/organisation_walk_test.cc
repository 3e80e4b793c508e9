// Two organisations with the same names and tags: whatever one of them does, it neither sees nor
// changes what belongs to the other.
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "base/text.h"
#include "walk_house.h"

namespace pharos::walk {
namespace {

constexpr int64_t kUs = 1;
constexpr int64_t kThem = 2;

// Random texts are long and have digits; the words that both organisations use do not.
bool IsTelling(std::string_view text) {
  return text.size() >= 12 && text.find_first_of("0123456789") != std::string_view::npos;
}

bool NamesAThing(std::string_view member) {
  return member == "id" || member == "uid" || member == "key" || member == "secret" ||
         member == "token" || member.ends_with("_id") || member.ends_with("Id") ||
         member.ends_with("_token") || member.ends_with("_secret");
}

void CollectTokens(const Value& value, std::set<std::string>& tokens) {
  if (value.IsList()) {
    for (const Value& element : value.AsList()) CollectTokens(element, tokens);
  }
  if (!value.IsObject()) return;
  for (const auto& [name, member] : value.AsObject()) {
    if (NamesAThing(name) && member.IsString() && IsTelling(member.AsString())) {
      tokens.insert(member.AsString());
    }
    CollectTokens(member, tokens);
  }
}

class OrganisationWalk {
 public:
  explicit OrganisationWalk(Tally& tally) : tally_(tally) {}

  void Visit(WalkHouse& house, const WireRequest& request, const api::Resolved& resolved,
             const WireReply* reply) {
    if (&house != house_) {
      house_ = &house;
      ours_.clear();
    }
    const api::Endpoint& row = *resolved.match.endpoint;
    if (reply != nullptr && reply->status < 300) Learn(*reply);
    if (row.scope == api::kPublicScope || request.method == "HEAD") return;
    if (reply != nullptr && reply->status >= 500) return;
    // What a path names is asked for while it is there; what a body makes, once ours is made.
    const bool has_ids = row.pattern.find('{') != std::string_view::npos;
    if (has_ids == (reply == nullptr)) Trespass(house, request, resolved);
  }

 private:
  void Learn(const WireReply& reply) {
    if (const Result<Value> body = ParseJson(reply.body)) CollectTokens(*body, ours_);
  }

  void Trespass(WalkHouse& house, const WireRequest& request, const api::Resolved& resolved) {
    const api::Dialect& dialect = *resolved.dialect;
    const std::string name = RowName(dialect, *resolved.match.endpoint);
    tally_.rows.insert(name);
    // Made before the dump, for it is a row too.
    house.SendAs(kThem, dialect, {}, RequestFor(dialect, *resolved.match.endpoint, "-"));
    const Dump before = house.TakeDump();
    const WireReply reply = house.SendAs(kThem, dialect, {}, request);
    const Dump after = house.TakeDump();
    const std::string what = name + " (" + request.target + ")";
    const bool writes = request.method != "GET" && reply.status == 200;
    const std::string changed = before.Difference(after, std::to_string(kUs), writes);
    if (!changed.empty()) tally_.Complain(what + " changed what is not theirs: " + changed);
    if (reply.status >= 300) return;
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    for (const std::string& token : ours_) {
      const bool asked = path.find(token) != std::string_view::npos;
      if (asked) tally_.Complain(what + " lets them in with our id " + token);
      const bool sent = request.body.find(token) != std::string::npos ||
                        request.target.find(token) != std::string::npos;
      if (!sent && reply.body.find(token) != std::string::npos) {
        tally_.Complain(what + " shows them our " + token);
      }
    }
  }

  Tally& tally_;
  const WalkHouse* house_ = nullptr;
  std::set<std::string> ours_;
};

TEST(OrganisationWalk, NobodySeesOrChangesWhatIsNotTheirs) {
  Tally tally;
  OrganisationWalk walk(tally);
  Replay(tally, [&](WalkHouse& house, const WireRequest& request, const api::Resolved& resolved,
                    const WireReply* reply) { walk.Visit(house, request, resolved, reply); });
  tally.Print("organisation walk");
  EXPECT_GT(tally.rows.size(), 0u);
  for (const std::string& problem : tally.problems) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace pharos::walk
