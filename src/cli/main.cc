#include <signal.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "cli/commands.h"

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
    std::ifstream file(line.config_file, std::ios::binary);
    if (!file) return Error::Field("config", "cannot read '" + line.config_file + "'");
    sources.file_text.assign(std::istreambuf_iterator<char>(file), {});
  }
  return app::LoadSettings(sources);
}

Status Run(const CommandLine& line) {
  if (line.command == CommandLine::Command::kSettings) {
    std::fputs((line.page ? app::SettingsPage() : app::SampleFile()).c_str(), stdout);
    return Ok();
  }
  PHAROS_ASSIGN_OR_RETURN(const app::Settings settings, Load(line));
  switch (line.command) {
    case CommandLine::Command::kServe:
      return RunServe(settings, line);
    case CommandLine::Command::kKeyCreate:
      return RunKeyCreate(settings, line);
    case CommandLine::Command::kKeyList:
      return RunKeyList(settings, line);
    case CommandLine::Command::kKeyRevoke:
      return RunKeyRevoke(settings, line);
    case CommandLine::Command::kCheck:
      return RunCheck(settings, line);
    case CommandLine::Command::kBackup:
      return RunBackup(settings, line);
    case CommandLine::Command::kRestore:
      return RunRestore(settings, line);
    case CommandLine::Command::kSettings:
      return Ok();
  }
  return Ok();
}

void PrintError(const Error& error) {
  if (error.fields.empty()) {
    std::fprintf(stderr, "pharos: %s%s%s\n", error.message.c_str(),
                 error.detail.empty() ? "" : ": ", error.detail.c_str());
  }
  for (const FieldError& field : error.fields) {
    std::fprintf(stderr, "pharos: %s\n", field.message.c_str());
  }
}

}  // namespace
}  // namespace pharos::cli

int main(int argc, char** argv) {
  // A peer that closes early must end one connection, not the program (OpenSSL writes plainly).
  signal(SIGPIPE, SIG_IGN);
  // The database and its copies hold key hashes and secrets: for this user's eyes only.
  umask(0077);
  pharos::cli::CommandLine line;
  int exit_code = 0;
  if (!pharos::cli::ParseCommandLine(argc, argv, line, exit_code)) return exit_code;
  if (pharos::Status status = pharos::cli::Run(line); !status) {
    pharos::cli::PrintError(status.error());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
