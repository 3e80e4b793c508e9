#include "api/dialect.h"

#include <algorithm>
#include <array>
#include <set>

#include "service/keys.h"

namespace pharos::api {
namespace {

constexpr std::array kAllKinds = {
    ErrorKind::kInvalid,     ErrorKind::kUnauthenticated, ErrorKind::kKeyExpired,
    ErrorKind::kKeyRevoked,  ErrorKind::kKeyDisabled,     ErrorKind::kForbidden,
    ErrorKind::kNotFound,    ErrorKind::kConflict,        ErrorKind::kTooLarge,
    ErrorKind::kRateLimited, ErrorKind::kUnavailable,     ErrorKind::kTimeout,
    ErrorKind::kBlocked,     ErrorKind::kInternal,
};

Error Wrong(const Dialect& dialect, std::string what) {
  return Error(ErrorKind::kInvalid, std::string(dialect.name) + ": " + std::move(what));
}

bool HasScope(std::string_view scope) {
  return scope == kPublicScope || scope == kAnyKeyScope || service::IsValidScope(scope);
}

Status CheckEndpoint(const Dialect& dialect, const Endpoint& row) {
  const std::string name = std::string(row.method) + " " + std::string(row.pattern);
  if (row.method.empty()) return Wrong(dialect, name + " has no method");
  if (row.operation.empty()) return Wrong(dialect, name + " has no operation name");
  if (!HasScope(row.scope)) return Wrong(dialect, name + " has no scope");
  const bool async = AnswersLater(row.execution);
  if (async != static_cast<bool>(row.act_async) || async == static_cast<bool>(row.act)) {
    return Wrong(dialect, name + " has no handler for its execution");
  }
  if (row.execution == Execution::kLoop && row.reads_body) {
    return Wrong(dialect, name + " parses a body on the loop");
  }
  const auto has_class = [&](const RateClass& c) { return c.name == row.rate_class; };
  if (std::none_of(dialect.rate_classes.begin(), dialect.rate_classes.end(), has_class)) {
    return Wrong(dialect, name + " names the unknown rate class " + std::string(row.rate_class));
  }
  const auto has_area = [&](const Mount& m) { return m.area == row.area && !m.fallback; };
  if (std::none_of(dialect.mounts.begin(), dialect.mounts.end(), has_area)) {
    return Wrong(dialect, name + " hangs on no mount");
  }
  return Ok();
}

void Replace(std::string& text, std::string_view mark, std::string_view value) {
  const size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), value);
}

}  // namespace

Status CheckDialect(const Dialect& dialect) {
  if (dialect.name.empty()) return Error(ErrorKind::kInvalid, "a dialect has no name");
  if (!dialect.envelope) return Wrong(dialect, "no envelope");
  if (dialect.mounts.empty()) return Wrong(dialect, "no mount");
  for (const Mount& mount : dialect.mounts) {
    if (mount.prefix.empty() || mount.prefix.front() != '/' || mount.prefix.back() == '/') {
      return Wrong(dialect, "mount '" + std::string(mount.prefix) + "' is malformed");
    }
  }
  for (const ErrorKind kind : kAllKinds) {
    if (FindErrorRow(dialect, kind) == nullptr) {
      return Wrong(dialect, std::string("no row for the error kind ") + ErrorKindName(kind));
    }
  }
  std::set<std::string_view> operations;
  for (const Endpoint& row : dialect.endpoints) {
    PHAROS_RETURN_IF_ERROR(CheckEndpoint(dialect, row));
    // Several methods may share an operation only when they are the same use case (GET and POST of
    // a push), so the pair must be unique.
    const bool is_new = operations.insert(row.operation).second;
    const auto same = [&](const Endpoint& other) {
      return other.operation == row.operation && other.method == row.method &&
             other.pattern == row.pattern && &other != &row;
    };
    if (!is_new && std::any_of(dialect.endpoints.begin(), dialect.endpoints.end(), same)) {
      return Wrong(dialect, "operation " + std::string(row.operation) + " is listed twice");
    }
  }
  return Ok();
}

std::string ToPermissionWord(const Dialect& dialect, std::string_view scope) {
  for (const PermissionWord& row : dialect.permission_words) {
    if (row.scope == scope) return std::string(row.word);
  }
  return std::string(scope);
}

std::string ToScope(const Dialect& dialect, std::string_view word) {
  for (const PermissionWord& row : dialect.permission_words) {
    if (row.word == word) return std::string(row.scope);
  }
  return service::IsValidScope(word) ? std::string(word) : std::string();
}

const ErrorRow* FindErrorRow(const Dialect& dialect, ErrorKind kind) {
  for (const ErrorRow& row : dialect.errors) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

std::string FillIn(std::string_view text, const http::Request& request, std::string_view scope) {
  std::string filled(text);
  Replace(filled, "{method}", request.method);
  Replace(filled, "{scope}", scope);
  Replace(filled, "{path}", request.path);
  return filled;
}

std::string LoggablePath(const Mount& mount, std::string_view path) {
  if (!mount.secret_paths || !path.starts_with(mount.prefix)) return std::string(path);
  return std::string(mount.prefix) + "/***";
}

}  // namespace pharos::api
