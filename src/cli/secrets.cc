#include "service/secrets.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

#include "app/secret_key_file.h"
#include "app/wiring.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/opened.h"

namespace pharos::cli {
namespace {

// The use cases of secrets on an opened store, beside a server that may be running on it.
struct Secrets {
  Secrets(Opened& from, const app::Settings& settings)
      : keys(app::SecretKeysFor(app::DatabasePath(settings))),
        service(*from.store, from.clock, *keys),
        who(CommandLineUser(from.org)) {}

  std::unique_ptr<service::SecretKeys> keys;
  service::SecretService service;
  model::Principal who;
};

// Never from the arguments, which every user of the machine can see. One line end at the end is the
// terminal's or echo's, not the value's.
Result<Secret> ReadValue() {
  if (isatty(STDIN_FILENO) != 0) {
    std::fprintf(stderr, "Value, then Ctrl-D (it is shown as you type; better pipe it in):\n");
  }
  std::string value;
  value.reserve(service::kMaxSecretBytes + 4096);
  char part[4096];
  while (const size_t got = std::fread(part, 1, sizeof part, stdin)) {
    value.append(part, got);
    if (value.size() > service::kMaxSecretBytes + 2) break;
  }
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return Secret(std::move(value));
}

}  // namespace

Status RunSecretSet(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Secrets secrets(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const Secret value, ReadValue());
  PHAROS_RETURN_IF_ERROR(secrets.service.Set(secrets.who, line.name, value));
  std::fprintf(stderr, "Secret '%s' set. Use it as $%s or ${%s}.\n", line.name.c_str(),
               line.name.c_str(), line.name.c_str());
  return Ok();
}

Status RunSecretList(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Secrets secrets(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const auto list, secrets.service.List(secrets.who));
  if (!line.json) std::printf("%-40s %-20s %-20s\n", "NAME", "CREATED", "CHANGED");
  for (const service::SecretInfo& secret : list) {
    if (line.json) {
      Value row;
      row.Set("name", secret.name);
      row.Set("created_at", FormatIsoSeconds(secret.created_at));
      row.Set("updated_at", FormatIsoSeconds(secret.updated_at));
      std::printf("%s\n", WriteJson(row).c_str());
      continue;
    }
    std::printf("%-40s %-20s %-20s\n", secret.name.c_str(),
                FormatIsoSeconds(secret.created_at).c_str(),
                FormatIsoSeconds(secret.updated_at).c_str());
  }
  return Ok();
}

Status RunSecretDelete(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Secrets secrets(opened, settings);
  PHAROS_RETURN_IF_ERROR(secrets.service.Delete(secrets.who, line.name));
  std::fprintf(stderr, "Secret '%s' deleted.\n", line.name.c_str());
  return Ok();
}

Status RunSecretRotate(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Secrets secrets(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const size_t count, secrets.service.Rotate(secrets.who));
  std::fprintf(stderr, "%zu secrets encrypted anew; the new key is in %s. Keep a copy of it.\n",
               count, secrets.keys->Place().c_str());
  return Ok();
}

}  // namespace pharos::cli
