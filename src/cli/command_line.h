#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pharos::cli {

// What `pharos monitor` is asked to do.
enum class MonitorCommand {
  kList,
  kShow,
  kTest,
  kCheck,
  kClone,
  kPause,
  kResume,
  kDelete,
  kLog,
};

// The command line, parsed: which command, with what. CLI11 is behind this.
struct CommandLine {
  enum class Command {
    kServe,
    kKeyCreate,
    kKeyList,
    kKeyRevoke,
    kKeyEnable,
    kKeyDisable,
    kKeyDelete,
    kWebhookCreate,
    kWebhookList,
    kWebhookTest,
    kWebhookEnable,
    kWebhookDisable,
    kWebhookDelete,
    kMonitor,
    kSecretSet,
    kSecretList,
    kSecretDelete,
    kSecretRotate,
    kCheck,
    kBackup,
    kRestore,
    kSettings,
  };
  Command command = Command::kServe;
  std::map<std::string, std::string> settings;  // by setting name
  std::string config_file;
  bool demo = false;
  // key, webhook
  std::string name;
  std::string organisation;
  bool json = false;
  // key
  std::string dialect;
  std::vector<std::string> scopes;
  std::string expires;
  std::string rate_class;
  // webhook
  std::string url;
  std::string format;
  std::vector<std::string> events;
  std::optional<std::string> secret;
  bool generate_secret = false;
  // monitor
  MonitorCommand monitor_action = MonitorCommand::kList;
  std::string server;
  std::string key_file;
  std::map<std::string, std::string> filters;  // of the list, by name of the query
  std::string monitor;
  std::string new_tag;
  std::string new_name;
  int limit = 20;
  bool evidence = false;  // of the log: what failed checks saw
  // check, backup, restore, monitor test
  std::string target;
  bool force = false;
  // settings
  bool page = false;
};

// Parses; on --help, --version or an error prints and sets `exit_code` (0 or 2) and returns false.
bool ParseCommandLine(int argc, char** argv, CommandLine& out, int& exit_code);

}  // namespace pharos::cli
