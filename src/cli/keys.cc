#include <cstdio>
#include <utility>

#include "api/catalog.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/opened.h"
#include "service/keys.h"

namespace pharos::cli {
namespace {

// Each dialect has its own words for permissions; inside there is one language (architecture D2).
Result<std::vector<std::string>> ReadScopes(const CommandLine& line) {
  std::vector<std::string> scopes;
  for (const api::Dialect& dialect : api::AllDialects()) {
    if (dialect.name != line.dialect) continue;
    for (const std::string& word : line.scopes) {
      std::string scope = api::ToScope(dialect, word);
      if (scope.empty()) {
        return Error::Field(
            "scope",
            "'" + word + "' is neither resource:action nor a permission of " + line.dialect);
      }
      scopes.push_back(std::move(scope));
    }
    return scopes;
  }
  return line.scopes;
}

// Keys of dialects without a table may have any rate class.
Status CheckRateClass(const CommandLine& line) {
  if (line.rate_class.empty()) return Ok();
  for (const api::Dialect& dialect : api::AllDialects()) {
    if (dialect.name != line.dialect) continue;
    std::string known;
    for (const api::RateClass& row : dialect.rate_classes) {
      if (row.name == line.rate_class) return Ok();
      known += (known.empty() ? "" : ", ") + std::string(row.name);
    }
    return Error::Field("rate-class", "rate-class must be one of: " + known);
  }
  return Ok();
}

std::string StateWord(const model::ApiKey& key, Timestamp now) {
  if (key.revoked_at) return "revoked";
  if (key.disabled_at) return "disabled";
  if (key.expires_at && *key.expires_at <= now) return "expired";
  return "active";
}

std::string TimeOr(const std::optional<Timestamp>& t, const char* absent) {
  return t ? FormatIsoSeconds(*t) : absent;
}

void PrintJson(const model::ApiKey& key, Timestamp now) {
  Value row;
  row.Set("id", key.id.value());
  row.Set("dialect", key.dialect);
  row.Set("name", key.name);
  row.Set("prefix", key.prefix);
  Value::List scopes(key.scopes.begin(), key.scopes.end());
  row.Set("scopes", std::move(scopes));
  row.Set("uid", key.uid);
  row.Set("rate_class", key.rate_class.empty() ? Value() : Value(key.rate_class));
  row.Set("state", StateWord(key, now));
  row.Set("created_at", FormatIsoSeconds(key.created_at));
  row.Set("expires_at", key.expires_at ? Value(FormatIsoSeconds(*key.expires_at)) : Value());
  row.Set("last_used_at", key.last_used_at ? Value(FormatIsoSeconds(*key.last_used_at)) : Value());
  std::printf("%s\n", WriteJson(row).c_str());
}

}  // namespace

Status RunKeyCreate(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(Open(settings, line, opened));
  PHAROS_ASSIGN_OR_RETURN(auto scopes, ReadScopes(line));
  PHAROS_RETURN_IF_ERROR(CheckRateClass(line));
  service::NewKey wanted{line.dialect, line.name, std::move(scopes), std::nullopt, line.rate_class};
  if (!line.expires.empty()) {
    PHAROS_ASSIGN_OR_RETURN(const Duration life, ParseDuration(line.expires));
    if (life > Days(36'500)) {
      return Error::Field("expires", "expires may be at most 36500d, a hundred years");
    }
    if (life <= Duration::zero()) {
      return Error::Field("expires", "a key that expires at once is of no use to anybody");
    }
    wanted.expires_at = opened.clock.Now() + life;
  }
  service::KeyService keys(*opened.store, opened.clock);
  auto result = keys.Create(opened.org, "cli", wanted);
  if (!result && result.error().kind == ErrorKind::kConflict) {
    return Error::Field("name", "there is a key '" + line.name + "' for " + line.dialect +
                                    " already; choose another name or revoke it first");
  }
  PHAROS_ASSIGN_OR_RETURN(const service::CreatedKey created, std::move(result));
  // The key alone on standard output, so that it can be piped into a secret store.
  std::printf("%s\n", created.text.Reveal().c_str());
  std::fprintf(stderr, "Key '%s' (id %lld, %s) created. It is not shown again.\n",
               created.key.name.c_str(), static_cast<long long>(created.key.id.value()),
               created.key.dialect.c_str());
  return Ok();
}

Status RunKeyList(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  service::KeyService keys(*opened.store, opened.clock);
  PHAROS_ASSIGN_OR_RETURN(const auto list, keys.List(opened.org));
  const Timestamp now = opened.clock.Now();
  if (!line.json) {
    std::printf("%-5s %-14s %-24s %-16s %-9s %-20s %-20s\n", "ID", "DIALECT", "NAME", "PREFIX",
                "STATE", "EXPIRES", "LAST USED");
  }
  for (const model::ApiKey& key : list) {
    if (line.json) {
      PrintJson(key, now);
      continue;
    }
    std::printf("%-5lld %-14s %-24s %-16s %-9s %-20s %-20s\n",
                static_cast<long long>(key.id.value()), key.dialect.c_str(), key.name.c_str(),
                key.prefix.c_str(), StateWord(key, now).c_str(),
                TimeOr(key.expires_at, "never").c_str(), TimeOr(key.last_used_at, "never").c_str());
  }
  return Ok();
}

Status RunKeyRevoke(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  service::KeyService keys(*opened.store, opened.clock);
  PHAROS_RETURN_IF_ERROR(keys.Revoke(opened.org, "cli", line.dialect, line.name));
  std::fprintf(stderr, "Key '%s' revoked.\n", line.name.c_str());
  return Ok();
}

Status RunKeySwitch(const app::Settings& settings, const CommandLine& line, bool enabled) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  service::KeyService keys(*opened.store, opened.clock);
  PHAROS_ASSIGN_OR_RETURN(const auto key, keys.FindByWord(opened.org, line.dialect, line.name));
  if (key.revoked_at) {
    return Error::Field("key", "'" + line.name + "' is revoked, which is for good");
  }
  service::KeyChange change;
  change.enabled = enabled;
  PHAROS_RETURN_IF_ERROR(keys.Update(CommandLineUser(opened.org), key.uid, change));
  std::fprintf(stderr, "Key '%s' %s.\n", key.name.c_str(), enabled ? "enabled" : "disabled");
  return Ok();
}

Status RunKeyDelete(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  service::KeyService keys(*opened.store, opened.clock);
  PHAROS_ASSIGN_OR_RETURN(const auto key, keys.FindByWord(opened.org, line.dialect, line.name));
  PHAROS_RETURN_IF_ERROR(keys.Delete(CommandLineUser(opened.org), key.uid));
  std::fprintf(stderr, "Key '%s' deleted.\n", key.name.c_str());
  return Ok();
}

}  // namespace pharos::cli
