#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dialect.h"
#include "api/resolver.h"
#include "talk_runner.h"

namespace pharos::talk {

// Holds replies against the shapes that the dialects' rows promise: a success against the row's,
// a refusal against the dialect's error shape. Immutable after construction, thread-safe.
class ShapeCheck {
 public:
  using KeyDialect = std::function<std::string(std::string_view key_text)>;
  explicit ShapeCheck(KeyDialect key_dialect);

  // What does not fit; empty for requests that no dialect owns.
  std::vector<std::string> Judge(const WireRequest& request, const WireReply& reply) const;

  // The dialect that the request belongs to.
  api::Resolved Resolve(const http::Request& request) const;

 private:
  std::vector<api::Dialect> dialects_;
  api::Resolver resolver_;
  KeyDialect key_dialect_;
};

// The request as a server would have parsed it.
http::Request ToHttp(const WireRequest& request);

// "monitors[2].impact: null", for messages of tests.
std::string DescribeFinding(const api::Finding& finding);

// True for dialects whose rows need not have response shapes yet.
bool MayLackShapes(std::string_view dialect);

}  // namespace pharos::talk
