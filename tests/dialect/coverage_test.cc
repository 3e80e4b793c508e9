// Every endpoint row of every dialect has at least one conversation, and every conformance check of
// the contracts that is served has its own.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/catalog.h"
#include "api/router.h"
#include "shape_check.h"
#include "talk_runner.h"

namespace pharos::talk {
namespace {

std::vector<Session> Sessions(const std::string& dialect) {
  auto sessions = LoadTalks(std::string(PHAROS_TALKS) + "/" + dialect);
  if (!sessions) ADD_FAILURE() << sessions.error().message;
  return sessions ? std::move(*sessions) : std::vector<Session>();
}

// Variables stand for one path segment or a part of it.
std::string WithoutVariables(std::string target) {
  for (size_t at; (at = target.find("${")) != std::string::npos;) {
    const size_t end = target.find('}', at);
    target.replace(at, end - at + 1, "x");
  }
  return target.substr(0, target.find('?'));
}

// "METHOD pattern" of every endpoint that some conversation asked and got an answer of its own
// from, which gates alone never give: a success.
std::set<std::string> Covered(const api::Dialect& dialect, const std::vector<Session>& sessions) {
  std::set<std::string> covered;
  for (const api::Mount& mount : dialect.mounts) {
    if (mount.fallback) continue;
    const api::Router router = api::Router::Build(dialect.endpoints, mount.area).value();
    for (const Session& session : sessions) {
      for (const Talk& talk : session.talks) {
        for (const Exchange& exchange : talk.exchanges) {
          const std::string path = WithoutVariables(exchange.target);
          if (exchange.status >= 300 || !path.starts_with(mount.prefix)) continue;
          const auto match =
              router.Match(exchange.method, std::string_view(path).substr(mount.prefix.size()),
                           dialect.head_as_get);
          if (match.endpoint == nullptr) continue;
          covered.insert(std::string(match.endpoint->method) + " " +
                         std::string(match.endpoint->pattern));
        }
      }
    }
  }
  return covered;
}

TEST(Coverage, EveryEndpointHasScopeOperationAndConversation) {
  for (const api::Dialect& dialect : api::AllDialects()) {
    const auto covered = Covered(dialect, Sessions(std::string(dialect.name)));
    for (const api::Endpoint& row : dialect.endpoints) {
      const std::string name = std::string(row.method) + " " + std::string(row.pattern);
      EXPECT_FALSE(row.scope.empty()) << name;
      EXPECT_FALSE(row.operation.empty()) << name;
      EXPECT_TRUE(covered.contains(name)) << dialect.name << ": no conversation for " << name;
    }
  }
}

TEST(Coverage, EveryRowSaysWhatItAnswers) {
  for (const api::Dialect& dialect : api::AllDialects()) {
    if (MayLackShapes(dialect.name)) continue;
    for (const api::Endpoint& row : dialect.endpoints) {
      const std::string name = std::string(row.method) + " " + std::string(row.pattern);
      EXPECT_TRUE(row.response != nullptr || row.success_status == 204 || row.free_response)
          << dialect.name << ": no response shape for " << name;
      EXPECT_TRUE(row.request != nullptr || !row.reads_body)
          << dialect.name << ": no request shape for " << name;
    }
  }
}

// The numbers of talks named "check 22 - ...".
std::set<int> ChecksOf(const std::string& dialect) {
  std::set<int> found;
  for (const Session& session : Sessions(dialect)) {
    for (const Talk& talk : session.talks) {
      if (talk.name.starts_with("check ")) found.insert(std::atoi(talk.name.c_str() + 6));
    }
  }
  return found;
}

// kener-v4.md 20.
TEST(Coverage, EveryConformanceCheckOfKenerV4HasAConversation) {
  const std::set<int> found = ChecksOf("kener_v4");
  for (int check = 1; check <= 151; ++check) {
    EXPECT_TRUE(found.contains(check)) << "check " << check;
  }
}

// The checks of kener-classic.md, of which 63 to 80 are Kener v3's. Shown elsewhere: webhooks
// (59 to 62: whole_program).
TEST(Coverage, EveryConformanceCheckOfKenerClassicHasAConversation) {
  std::set<int> found = ChecksOf("kener_classic");
  found.merge(ChecksOf("kener_v3"));
  for (int check = 1; check <= 80; ++check) {
    const bool elsewhere = check >= 59 && check <= 62;
    EXPECT_TRUE(elsewhere || found.contains(check)) << "check " << check;
  }
}

// kodo.md 23. Shown elsewhere: limits per minute (23, 26: api/kodo/limits_test.cc), incidents that
// open by themselves (52, 53) and webhooks (100, 101: whole_program), a certificate near its end
// (60: api/kodo/expiring_test.cc).
TEST(Coverage, EveryConformanceCheckOfKodoHasAConversation) {
  const std::set<int> elsewhere = {23, 25, 26, 52, 53, 60, 100, 101};
  const std::set<int> found = ChecksOf("kodo");
  for (int check = 1; check <= 108; ++check) {
    EXPECT_TRUE(elsewhere.contains(check) || found.contains(check)) << "check " << check;
  }
}

// is0k.md, conformance checks; those that need a target, a listener or a host are in is0k_live.
TEST(Coverage, EveryConformanceCheckOfIs0kHasAConversation) {
  std::set<int> found = {6, 11, 12, 38, 39, 40, 41, 42, 43, 44, 45, 54, 56, 57, 58, 68, 78};
  for (const Session& session : Sessions("is0k")) {
    for (const Talk& talk : session.talks) {
      if (talk.name.starts_with("check ")) found.insert(std::atoi(talk.name.c_str() + 6));
    }
  }
  for (int check = 1; check <= 80; ++check) {
    EXPECT_TRUE(found.contains(check)) << "check " << check;
  }
}

}  // namespace
}  // namespace pharos::talk
