#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/value.h"
#include "cli/command_line.h"
#include "net/http_client.h"
#include "net/outbound_policy.h"

namespace pharos::cli {

// The console API of a running server, here or elsewhere (docs/dialects/console.md). One call at a
// time; blocks.
class ConsoleClient {
 public:
  // The server of --server, else the one that `listen` names on this machine; the key of
  // --key-file, else of PHAROS_KEY. Error: kInvalid saying what is missing.
  static Result<std::unique_ptr<ConsoleClient>> Open(const app::Settings& settings,
                                                     const CommandLine& line);
  // `path` as in the documentation: "/monitors/shop/check". A null body sends none. Errors: what
  // the server said, or why it could not be asked.
  Result<Value> Call(std::string_view method, const std::string& path, const Value& body = {});
  // The same for answers that are no JSON.
  Result<std::string> Fetch(std::string_view method, const std::string& path, const Value& body);

 private:
  ConsoleClient(std::string base, Secret key)
      : base_(std::move(base)), key_(std::move(key)), policy_({}) {}

  const std::string base_;
  const Secret key_;
  SystemClock clock_;
  Metrics metrics_;
  net::OutboundPolicy policy_;
  std::string ca_bundle_;
  std::unique_ptr<net::HttpClient> http_;
};

}  // namespace pharos::cli
