#include "api/router.h"

#include <algorithm>

#include "base/text.h"

namespace pharos::api {
namespace {

// "{name}" -> "name", anything else -> empty.
std::string_view VariableName(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return {};
  return segment.substr(1, segment.size() - 2);
}

Error BadRow(const Endpoint& row, std::string_view why) {
  return Error(ErrorKind::kInvalid,
               std::string(row.method) + " " + std::string(row.pattern) + ": " + std::string(why));
}

}  // namespace

Result<Router> Router::Build(const std::vector<Endpoint>& rows, std::string_view area) {
  Router router;
  router.root_ = std::make_unique<Node>();
  for (const Endpoint& row : rows) {
    if (row.area == area) PHAROS_RETURN_IF_ERROR(Insert(*router.root_, row));
  }
  return router;
}

Status Router::Insert(Node& root, const Endpoint& row) {
  if (!row.pattern.empty() && row.pattern.front() != '/') return BadRow(row, "no slash in front");
  Node* node = &root;
  size_t variables = 0;
  if (!row.pattern.empty()) {
    for (const std::string_view segment : Split(row.pattern.substr(1), '/')) {
      if (segment.empty()) return BadRow(row, "empty segment");
      const std::string_view name = VariableName(segment);
      if (name.empty()) {
        const auto it = std::find_if(node->literals.begin(), node->literals.end(),
                                     [&](const auto& entry) { return entry.first == segment; });
        if (it == node->literals.end()) {
          node->literals.emplace_back(segment, std::make_unique<Node>());
          node = node->literals.back().second.get();
        } else {
          node = it->second.get();
        }
        continue;
      }
      if (++variables > PathParams::kMax) return BadRow(row, "too many parameters");
      if (!node->variable) {
        node->variable = std::make_unique<Node>();
        node->variable_name = name;
      }
      if (node->variable_name != name) return BadRow(row, "two names for one parameter");
      node = node->variable.get();
    }
  }
  for (const Endpoint* other : node->rows) {
    if (other->method == row.method) return BadRow(row, "listed twice");
  }
  node->rows.push_back(&row);
  return Ok();
}

const Router::Node* Router::Walk(const Node& node, std::string_view rest, PathParams& params) {
  if (rest.empty()) return node.rows.empty() ? nullptr : &node;
  if (rest.front() != '/') return nullptr;
  rest.remove_prefix(1);
  const size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  if (segment.empty()) return nullptr;
  const std::string_view after = rest.substr(end);
  for (const auto& [literal, child] : node.literals) {
    if (literal != segment) continue;
    if (const Node* found = Walk(*child, after, params)) return found;
  }
  if (!node.variable) return nullptr;
  params.Add(node.variable_name, segment);
  if (const Node* found = Walk(*node.variable, after, params)) return found;
  params.DropLast();
  return nullptr;
}

RouteMatch Router::Match(std::string_view method, std::string_view path, bool head_as_get) const {
  RouteMatch match;
  const Node* node = Walk(*root_, path, match.params);
  if (node == nullptr) return match;
  match.path_known = true;
  match.rows = &node->rows;
  if (head_as_get && method == "HEAD") method = "GET";
  for (const Endpoint* row : node->rows) {
    if (row->method == method) match.endpoint = row;
  }
  return match;
}

std::string Router::Allow(const std::vector<const Endpoint*>& rows, bool head_as_get) {
  std::string allow;
  bool has_get = false;
  for (const Endpoint* row : rows) {
    if (!allow.empty()) allow += ", ";
    allow += row->method;
    has_get = has_get || row->method == "GET";
  }
  if (has_get && head_as_get) allow += ", HEAD";
  return allow;
}

bool PatternsOverlap(std::string_view a, std::string_view b) {
  const std::vector<std::string_view> left = Split(a, '/');
  const std::vector<std::string_view> right = Split(b, '/');
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    const bool variable = !VariableName(left[i]).empty() || !VariableName(right[i]).empty();
    if (!variable && left[i] != right[i]) return false;
  }
  return true;
}

}  // namespace pharos::api
