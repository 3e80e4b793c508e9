#pragma once

#include "app/settings.h"
#include "base/result.h"
#include "cli/command_line.h"

namespace pharos::cli {

// Each command: settings as loaded, arguments as parsed. Results go to standard output, everything
// else to standard error. Errors become one line per problem and exit code 1.
Status RunServe(const app::Settings& settings, const CommandLine& line);
Status RunKeyCreate(const app::Settings& settings, const CommandLine& line);
Status RunKeyList(const app::Settings& settings, const CommandLine& line);
Status RunKeyRevoke(const app::Settings& settings, const CommandLine& line);
Status RunKeySwitch(const app::Settings& settings, const CommandLine& line, bool enabled);
Status RunKeyDelete(const app::Settings& settings, const CommandLine& line);
Status RunWebhookCreate(const app::Settings& settings, const CommandLine& line);
Status RunWebhookList(const app::Settings& settings, const CommandLine& line);
Status RunWebhookTest(const app::Settings& settings, const CommandLine& line);
Status RunWebhookSwitch(const app::Settings& settings, const CommandLine& line, bool enabled);
Status RunWebhookDelete(const app::Settings& settings, const CommandLine& line);
Status RunSecretSet(const app::Settings& settings, const CommandLine& line);
Status RunSecretList(const app::Settings& settings, const CommandLine& line);
Status RunSecretDelete(const app::Settings& settings, const CommandLine& line);
Status RunSecretRotate(const app::Settings& settings, const CommandLine& line);
// Speaks to a running server. The exit code of tests and checks is that of RunCheck.
Result<int> RunMonitor(const app::Settings& settings, const CommandLine& line);
// The exit code: 0 up or degraded, 3 down, 4 neither (blocked, or we could not look).
Result<int> RunCheck(const app::Settings& settings, const CommandLine& line);
Status RunBackup(const app::Settings& settings, const CommandLine& line);
Status RunRestore(const app::Settings& settings, const CommandLine& line);

}  // namespace pharos::cli
