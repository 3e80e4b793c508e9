// Bad input of every kind: no answer is a 5xx, every refusal has the dialect's shape, and what is
// wrong with a single member is said by its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "api/catalog.h"
#include "base/json.h"
#include "base/text.h"
#include "mutants.h"
#include "walk_house.h"

namespace pharos::walk {
namespace {

// Dialects whose texts are fixed by the program that they imitate and name no member.
constexpr std::array<std::string_view, 2> kFixedTexts = {"kener_v3", "kener_v4"};

bool HasFixedTexts(const api::Dialect& dialect) {
  return std::find(kFixedTexts.begin(), kFixedTexts.end(), dialect.name) != kFixedTexts.end();
}

std::vector<std::string> BrokenBodies(const api::Dialect& dialect) {
  std::string repeated = "{";
  for (int i = 0; i < 1000; ++i) repeated += "\"name\":\"" + std::to_string(i) + "\",";
  repeated += "\"name\":1}";
  return {"",
          "{",
          "null",
          "[]",
          "7",
          "\"text\"",
          "{\"a\":1}}",
          "{'a':1}",
          "\xff\xfe",
          "{\"a\":\"\xc3\x28\"}",
          std::string(10'000, '['),
          std::string(10'000, '[') + std::string(10'000, ']'),
          "{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}",
          std::string(dialect.max_body_bytes + 1, ' '),
          "{\"a\":\"" + std::string(dialect.max_body_bytes, 'a') + "\"}",
          repeated,
          "{\"a\":1e999}",
          "{\"a\":123456789012345678901234567890}"};
}

class InputWalk {
 public:
  explicit InputWalk(Tally& tally) : tally_(tally) {}

  // `request` was accepted a moment ago.
  void Walk(WalkHouse& house, const WireRequest& request, const api::Resolved& resolved) {
    const api::Dialect& dialect = *resolved.dialect;
    const api::Endpoint& row = *resolved.match.endpoint;
    const std::string name = RowName(dialect, row);
    if (!row.reads_body || !tally_.rows.insert(name).second) return;
    const Result<Value> base = ParseJson(request.body);
    if (row.request != nullptr && base && base->IsObject()) {
      Members(house, request, dialect, row, *base);
    }
    for (std::string& body : BrokenBodies(dialect)) {
      WireRequest broken = request;
      broken.body = std::move(body);
      house.Send(broken);
    }
  }

 private:
  void Members(WalkHouse& house, const WireRequest& request, const api::Dialect& dialect,
               const api::Endpoint& row, const Value& base) {
    const std::string name = RowName(dialect, row);
    const api::CheckOptions options{.partial = row.partial_request};
    for (const api::Finding& finding : api::CheckShape(*row.request, base, options)) {
      tally_.Complain(name + " accepted " + WriteJson(base) + " though " +
                      talk::DescribeFinding(finding));
    }
    for (const Mutant& mutant : Mutate(*row.request, base)) {
      WireRequest wrong = request;
      wrong.body = WriteJson(mutant.body);
      const WireReply reply = house.Send(wrong);
      if (api::CheckShape(*row.request, mutant.body, options).empty()) continue;
      const std::string what = name + ", " + mutant.what + ": " + std::to_string(reply.status);
      if (reply.status < 300) tally_.Complain(what + ", though the shape forbids it");
      // A walk that is not let in, or only so often, proves nothing.
      if (reply.status == 401 || reply.status == 429) tally_.Complain(what);
      if (reply.status != 400 || HasFixedTexts(dialect)) continue;
      if (reply.body.find(mutant.field) == std::string::npos) {
        tally_.Complain(what + " does not name the member: " + Ellipsize(reply.body, 200));
      }
    }
  }

  Tally& tally_;
};

TEST(InputWalk, BadBodiesAreRefusedByName) {
  Tally tally;
  InputWalk walk(tally);
  Replay(tally, [&](WalkHouse& house, const WireRequest& request, const api::Resolved& resolved,
                    const WireReply* reply) {
    if (reply == nullptr || reply->status >= 300) return;
    walk.Walk(house, request, resolved);
  });
  tally.Print("input walk, bodies");
  EXPECT_EQ(tally.server_errors, 0);
  for (const std::string& problem : tally.problems) ADD_FAILURE() << problem;
}

TEST(InputWalk, BadIdsAndQueriesAreRefused) {
  Tally tally;
  talk::Variables variables;
  auto house = WalkHouse::Open({}, variables, tally);
  ASSERT_TRUE(house) << house.error().message;
  const std::vector<std::string> ids = {"nope",
                                        "0",
                                        "-1",
                                        "99999999999999999999",
                                        "00000000-0000-4000-8000-000000000000",
                                        "%00",
                                        "%zz",
                                        "%FF",
                                        "a%2Fb",
                                        "a:b:c",
                                        "'%20OR%201=1--",
                                        "%F0%9F%92%A9",
                                        std::string(5'000, 'a')};
  const std::vector<std::string> values = {
      "",    "x",   "-1",  "0",    "1.5", "99999999999999999999",
      "%00", "%zz", "%FF", "null", "[]",  std::string(5'000, '9')};
  for (const api::Dialect& dialect : api::AllDialects()) {
    for (const api::Endpoint& row : dialect.endpoints) {
      const bool has_ids = row.pattern.find('{') != std::string_view::npos;
      tally.rows.insert(RowName(dialect, row));
      for (const std::string& id : ids) {
        (*house)->SendAs(1, dialect, {}, RequestFor(dialect, row, id));
        if (!has_ids) break;
      }
      for (const api::Field& field : row.query) {
        for (const std::string& value : values) {
          WireRequest request = RequestFor(dialect, row, "nope");
          request.target += "?" + std::string(field.name) + "=" + value;
          (*house)->SendAs(1, dialect, {}, std::move(request));
        }
      }
    }
  }
  tally.Print("input walk, ids and queries");
  EXPECT_EQ(tally.server_errors, 0);
  for (const std::string& problem : tally.problems) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace pharos::walk
