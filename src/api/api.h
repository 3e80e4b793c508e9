#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"
#include "api/dialect.h"
#include "api/endpoint.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/server.h"

namespace pharos::api {

struct ApiSettings {
  // Who answers on /api/v1 when no path, key or token tells (setting api.v1_default).
  std::string v1_default = "kodo";
  // Whose a request without telling credentials is, by its Host without the port, lower-case
  // ("api.example.net" -> "is0k"); looked at on shared mounts only.
  std::map<std::string, std::string, std::less<>> hosts;
  // Other limits per minute, by "<dialect>.<class>" ("kener_v4.ordinary"), and
  // "<dialect>.<class>.writes" where writes are counted apart; 0 = no limit.
  std::map<std::string, int> rate_limits;
  // Which rows of a dialect's rate classes hold: {"kodo", "strict"}.
  std::map<std::string, std::string, std::less<>> rate_profiles;
  // Reads and writes that wait for the store have their own threads and queues (architecture D18).
  // Writers mostly wait for a shared commit, so more of them make bigger groups.
  int read_workers = 2;
  int write_workers = 8;
  size_t max_queued = 1024;  // per pool; beyond that 503 with Retry-After
};

// All programming interfaces: picks the dialect of a request, passes it through that dialect's
// gates and runs its endpoint. Thread-safe.
class Api {
 public:
  // Checks every dialect and the tie table and starts the workers. Errors: kInvalid, naming the row
  // without a scope, the unlisted tie, and so on. The collaborators outlive it.
  static Result<std::unique_ptr<Api>> Start(const Services& services, const ApiSettings& settings,
                                            const Clock& clock, Metrics& metrics,
                                            std::vector<Dialect> dialects = AllDialects(),
                                            std::vector<Tie> ties = AllTies());
  virtual ~Api() = default;

  // True when the path belongs to some dialect, known route or not.
  virtual bool Owns(const http::Request& request) const = 0;
  // The dialect that would answer; empty for nobody's paths.
  virtual std::string DialectOf(const http::Request& request) const = 0;
  // Answers the request. Called on a loop thread; never blocks it.
  virtual void Handle(http::Request&& request, http::Responder responder) = 0;
  // Finishes what is queued and joins the workers; later requests get 503. Called once, before the
  // services go.
  virtual void Stop() = 0;

  // The path as it may stand in a log: what follows a prefix with secrets is left out.
  virtual std::string LoggablePath(std::string_view path) const = 0;

  // What stands in the tables, for tests and documentation.
  virtual const std::vector<Dialect>& dialects() const = 0;
};

}  // namespace pharos::api
