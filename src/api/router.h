#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/endpoint.h"
#include "base/result.h"

namespace pharos::api {

// What a path means to one dialect.
struct RouteMatch {
  bool path_known = false;
  const Endpoint* endpoint = nullptr;  // nullptr: the path is known, the method is not
  const std::vector<const Endpoint*>* rows = nullptr;  // all endpoints of the path
  PathParams params;
};

// Finds endpoints of one dialect by path segments; literals win over parameters. Segments are
// compared as sent, without percent-decoding. Immutable after Build, thread-safe; borrows the rows.
class Router {
 public:
  // Only rows of `area`. Errors: kInvalid for a malformed pattern, a row listed twice, or two names
  // for one parameter.
  static Result<Router> Build(const std::vector<Endpoint>& rows, std::string_view area);

  // `path` is what stands after the mount: "" or "/monitors/x". HEAD finds the GET row when
  // `head_as_get`. The match borrows `path`.
  RouteMatch Match(std::string_view method, std::string_view path, bool head_as_get) const;

  // "GET, POST, HEAD": the methods of a path in the order of the rows.
  static std::string Allow(const std::vector<const Endpoint*>& rows, bool head_as_get);

 private:
  struct Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;
    std::unique_ptr<Node> variable;
    std::string_view variable_name;
    std::vector<const Endpoint*> rows;
  };
  static Status Insert(Node& root, const Endpoint& row);
  static const Node* Walk(const Node& node, std::string_view rest, PathParams& params);

  std::unique_ptr<Node> root_;
};

// True when some path matches both patterns.
bool PatternsOverlap(std::string_view a, std::string_view b);

}  // namespace pharos::api
