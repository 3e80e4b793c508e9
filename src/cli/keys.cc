#include <cstdio>
#include <memory>
#include <utility>

#include "app/wiring.h"
#include "base/json.h"
#include "cli/commands.h"
#include "service/keys.h"
#include "store/organisation_store.h"

namespace pharos::cli {
namespace {

// The store of the data directory, opened beside a server that may be running on it.
struct Opened {
  SystemClock clock;
  Metrics metrics;
  std::unique_ptr<store::Store> store;
  model::OrgId org;
};

Status Open(const app::Settings& settings, const CommandLine& line, Opened& opened) {
  PHAROS_ASSIGN_OR_RETURN(opened.store, app::OpenStoreFor(settings, opened.clock, opened.metrics));
  PHAROS_ASSIGN_OR_RETURN(auto session, opened.store->Read());
  const std::string name = line.organisation.empty() ? "default" : line.organisation;
  auto org = opened.store->organisations().LoadByName(*session, name);
  if (!org && org.error().kind == ErrorKind::kNotFound) {
    return Error::Field("organisation", "there is no organisation '" + name + "'");
  }
  if (!org) return std::move(org).error();
  opened.org = org->id;
  return Ok();
}

// For commands that make no sense on a database that is only now created.
Status OpenExisting(const app::Settings& settings, const CommandLine& line, Opened& opened) {
  PHAROS_RETURN_IF_ERROR(app::CheckDatabaseExists(settings));
  return Open(settings, line, opened);
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
  service::NewKey wanted{line.dialect, line.name, line.scopes, std::nullopt};
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

}  // namespace pharos::cli
