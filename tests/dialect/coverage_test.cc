// Every endpoint row of every dialect has at least one conversation, and every conformance check of
// the contracts that is served has its own.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "api/catalog.h"
#include "api/router.h"
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

TEST(Coverage, EveryEndpointStandsInTheDialectsPage) {
  for (const api::Dialect& dialect : api::AllDialects()) {
    const std::string page =
        std::string(PHAROS_TALKS) + "/../../docs/dialects/" + std::string(dialect.name) + ".md";
    std::ifstream file(page);
    std::ostringstream text;
    text << file.rdbuf();
    for (const api::Endpoint& row : dialect.endpoints) {
      const std::string line = "| " + std::string(row.method) + " | `" + std::string(row.pattern) +
                               "` | " + std::string(row.operation) + " | ";
      EXPECT_NE(text.str().find(line), std::string::npos) << page << " lacks " << line;
    }
  }
}

// kener-v4.md 20, as far as its sections are served: transport, monitors, data, site, deletes.
TEST(Coverage, EveryConformanceCheckOfKenerV4HasAConversation) {
  std::set<int> found;
  for (const Session& session : Sessions("kener_v4")) {
    for (const Talk& talk : session.talks) {
      if (talk.name.starts_with("check ")) found.insert(std::atoi(talk.name.c_str() + 6));
    }
  }
  const auto expect = [&](int from, int to) {
    for (int check = from; check <= to; ++check) {
      EXPECT_TRUE(found.contains(check)) << "check " << check;
    }
  };
  expect(1, 60);
  expect(131, 141);
  expect(143, 148);
  expect(151, 151);
}

}  // namespace
}  // namespace pharos::talk
