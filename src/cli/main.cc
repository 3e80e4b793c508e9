#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/read_file.h"
#include "script/worker/worker.h"

extern char** environ;

namespace pharos::cli {
namespace {

Result<app::Settings> Load(const CommandLine& line) {
  app::SettingSources sources;
  sources.command_line = line.settings;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (!text.starts_with("PHAROS_") || equals == std::string_view::npos) continue;
    sources.environment[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
  }
  if (!line.config_file.empty()) {
    PHAROS_ASSIGN_OR_RETURN(sources.file_text, ReadSmallFile(line.config_file, "config"));
  }
  // Only a warning: other software may set variables of this prefix, for example Kubernetes for a
  // service of the same name.
  if (line.command == CommandLine::Command::kServe) {
    for (const std::string& name : app::UnknownVariables(sources)) {
      std::fprintf(stderr,
                   "pharos: %s is not a setting and has no effect (see `pharos settings`)\n",
                   name.c_str());
    }
  }
  return app::LoadSettings(sources);
}

Result<int> ExitCode(Status status) {
  if (status) return EXIT_SUCCESS;
  return std::move(status).error();
}

Result<int> Run(const CommandLine& line) {
  if (line.command == CommandLine::Command::kSettings) {
    std::fputs((line.page ? app::SettingsPage() : app::SampleFile()).c_str(), stdout);
    return EXIT_SUCCESS;
  }
  PHAROS_ASSIGN_OR_RETURN(const app::Settings settings, Load(line));
  switch (line.command) {
    case CommandLine::Command::kServe:
      return ExitCode(RunServe(settings, line));
    case CommandLine::Command::kKeyCreate:
      return ExitCode(RunKeyCreate(settings, line));
    case CommandLine::Command::kKeyList:
      return ExitCode(RunKeyList(settings, line));
    case CommandLine::Command::kKeyRevoke:
      return ExitCode(RunKeyRevoke(settings, line));
    case CommandLine::Command::kKeyEnable:
      return ExitCode(RunKeySwitch(settings, line, true));
    case CommandLine::Command::kKeyDisable:
      return ExitCode(RunKeySwitch(settings, line, false));
    case CommandLine::Command::kKeyDelete:
      return ExitCode(RunKeyDelete(settings, line));
    case CommandLine::Command::kWebhookCreate:
      return ExitCode(RunWebhookCreate(settings, line));
    case CommandLine::Command::kWebhookList:
      return ExitCode(RunWebhookList(settings, line));
    case CommandLine::Command::kWebhookTest:
      return ExitCode(RunWebhookTest(settings, line));
    case CommandLine::Command::kWebhookEnable:
      return ExitCode(RunWebhookSwitch(settings, line, true));
    case CommandLine::Command::kWebhookDisable:
      return ExitCode(RunWebhookSwitch(settings, line, false));
    case CommandLine::Command::kWebhookDelete:
      return ExitCode(RunWebhookDelete(settings, line));
    case CommandLine::Command::kMonitor:
      return RunMonitor(settings, line);
    case CommandLine::Command::kSecretSet:
      return ExitCode(RunSecretSet(settings, line));
    case CommandLine::Command::kSecretList:
      return ExitCode(RunSecretList(settings, line));
    case CommandLine::Command::kSecretDelete:
      return ExitCode(RunSecretDelete(settings, line));
    case CommandLine::Command::kSecretRotate:
      return ExitCode(RunSecretRotate(settings, line));
    case CommandLine::Command::kCheck:
      return RunCheck(settings, line);
    case CommandLine::Command::kBackup:
      return ExitCode(RunBackup(settings, line));
    case CommandLine::Command::kRestore:
      return ExitCode(RunRestore(settings, line));
    case CommandLine::Command::kSettings:
      return EXIT_SUCCESS;
  }
  return EXIT_SUCCESS;
}

// Some messages begin with what is wrong and leave it to the reader to name the field.
std::string Sentence(const FieldError& problem) {
  const std::string_view message = problem.message;
  const bool bare = message.starts_with("must ") || message.starts_with("is ");
  return bare ? problem.field + " " + problem.message : problem.message;
}

void PrintError(const Error& error) {
  if (error.fields.empty()) {
    // The detail of other kinds is for logs; that of an internal error is all there is to say.
    const bool internal = error.kind == ErrorKind::kInternal && !error.detail.empty();
    std::fprintf(stderr, "pharos: %s\n", (internal ? error.detail : error.message).c_str());
  }
  for (const FieldError& field : error.fields) {
    std::fprintf(stderr, "pharos: %s\n", Sentence(field).c_str());
  }
}

}  // namespace
}  // namespace pharos::cli

int main(int argc, char** argv) {
  // Started by ourselves to run evaluation functions (script/evaluator.h); no command for people.
  if (argc == 2 && std::string_view(argv[1]) == "script-worker") {
    _exit(pharos::script::RunScriptWorker());
  }
  // A peer that closes early must end one connection, not the program (OpenSSL writes plainly).
  signal(SIGPIPE, SIG_IGN);
  // Ignored by whoever started us, it would free the number of a dead worker for a stranger.
  signal(SIGCHLD, SIG_DFL);
  // The database and its copies hold key hashes and secrets: for this user's eyes only.
  umask(0077);
  pharos::cli::CommandLine line;
  int exit_code = 0;
  if (!pharos::cli::ParseCommandLine(argc, argv, line, exit_code)) return exit_code;
  const pharos::Result<int> code = pharos::cli::Run(line);
  if (code) return *code;
  pharos::cli::PrintError(code.error());
  return EXIT_FAILURE;
}
