#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/settings.h"

namespace pharos::cli {
namespace {

using Command = CommandLine::Command;

// Options that every command has: where the data is, which file to read.
void AddCommon(CLI::App& app, CommandLine& out, bool all_settings) {
  app.add_option("--config", out.config_file, "Configuration file (see `pharos settings`)");
  for (const app::SettingRow& row : app::SettingRows()) {
    if (row.flag.empty()) continue;
    if (!all_settings && row.name == "listen") continue;
    app.add_option_function<std::string>(
           std::string(row.flag),
           [&out, name = std::string(row.name)](const std::string& text) {
             out.settings[name] = text;
           },
           std::string(row.help) +
               " Default: " + (row.fallback.empty() ? "none" : std::string(row.fallback)))
        ->type_name("TEXT");
  }
}

// A command about one key that is there: "pharos key revoke deploy --dialect kodo".
void AddKeyCommand(CLI::App& key, CommandLine& out, Command command, const char* name,
                   const char* help) {
  CLI::App* app = key.add_subcommand(name, help);
  AddCommon(*app, out, false);
  app->add_option("key", out.name, "Id or name")->required();
  app->add_option("--dialect", out.dialect, "Only a key of this dialect");
  app->add_option("--organisation", out.organisation, "Default: default");
  app->callback([&out, command] { out.command = command; });
}

void AddKeyCommands(CLI::App& root, CommandLine& out) {
  CLI::App* key = root.add_subcommand("key", "Create, list, disable, revoke and delete API keys");
  key->require_subcommand(1);

  CLI::App* create = key->add_subcommand("create", "Create a key; its text is printed once");
  AddCommon(*create, out, false);
  create->add_option("--dialect", out.dialect, "kener_v4, kener_classic, kodo, is0k or console")
      ->required();
  create->add_option("--name", out.name, "Name, unique within the dialect")->required();
  create->add_option("--scope", out.scopes,
                     "resource:action or a word of the dialect, repeatable; default *:*");
  create->add_option("--expires", out.expires, "Life time such as 90d or 12h; default never");
  create->add_option("--rate-class", out.rate_class,
                     "Rate class of the dialect, such as business; default: the dialect's own");
  create->add_option("--organisation", out.organisation, "Default: default");
  create->callback([&out] { out.command = Command::kKeyCreate; });

  CLI::App* list = key->add_subcommand("list", "List keys (never their texts)");
  AddCommon(*list, out, false);
  list->add_option("--organisation", out.organisation, "Default: default");
  list->add_flag("--json", out.json, "One JSON object per line");
  list->callback([&out] { out.command = Command::kKeyList; });

  AddKeyCommand(*key, out, Command::kKeyRevoke, "revoke", "Revoke a key for good");
  AddKeyCommand(*key, out, Command::kKeyDisable, "disable", "Refuse a key until it is enabled");
  AddKeyCommand(*key, out, Command::kKeyEnable, "enable", "Let a disabled key in again");
  AddKeyCommand(*key, out, Command::kKeyDelete, "delete",
                "Remove a key, so that its text is unknown");
}

// A command about one webhook that is there: "pharos webhook test ops".
void AddWebhookCommand(CLI::App& webhook, CommandLine& out, Command command, const char* name,
                       const char* help) {
  CLI::App* app = webhook.add_subcommand(name, help);
  AddCommon(*app, out, false);
  app->add_option("webhook", out.name, "Id or name")->required();
  app->add_option("--organisation", out.organisation, "Default: default");
  app->callback([&out, command] { out.command = command; });
}

void AddWebhookCommands(CLI::App& root, CommandLine& out) {
  CLI::App* webhook =
      root.add_subcommand("webhook", "Create, list, test, disable and delete outgoing webhooks");
  webhook->require_subcommand(1);

  CLI::App* create = webhook->add_subcommand("create", "Create a webhook, of effect at once");
  AddCommon(*create, out, false);
  create->add_option("--url", out.url, "Where the JSON is posted to, http or https")->required();
  create->add_option("--format", out.format, "pharos, kener_classic, kener_v3, kodo or is0k")
      ->required();
  create
      ->add_option("--event", out.events,
                   "What to tell of, in the words of the format, repeatable: monitor.down")
      ->required();
  create->add_option("--name", out.name, "Unique among webhooks; default: format and host");
  CLI::Option* secret = create->add_option("--secret", out.secret, "Signs each request");
  create
      ->add_flag("--generate-secret", out.generate_secret,
                 "Make a secret and print it, this once, on standard output")
      ->excludes(secret);
  create->add_option("--organisation", out.organisation, "Default: default");
  create->callback([&out] { out.command = Command::kWebhookCreate; });

  CLI::App* list = webhook->add_subcommand("list", "List webhooks (never their secrets)");
  AddCommon(*list, out, false);
  list->add_option("--organisation", out.organisation, "Default: default");
  list->add_flag("--json", out.json, "One JSON object per line");
  list->callback([&out] { out.command = Command::kWebhookList; });

  AddWebhookCommand(*webhook, out, Command::kWebhookTest, "test", "Send one test message now");
  AddWebhookCommand(*webhook, out, Command::kWebhookDisable, "disable", "Send it nothing more");
  AddWebhookCommand(*webhook, out, Command::kWebhookEnable, "enable", "Send to it again");
  AddWebhookCommand(*webhook, out, Command::kWebhookDelete, "delete",
                    "Remove it, with what still waits for it");
}

// A command that speaks to a running server.
CLI::App* AddMonitorCommand(CLI::App& monitor, CommandLine& out, MonitorCommand action,
                            const char* name, const char* help) {
  CLI::App* app = monitor.add_subcommand(name, help);
  AddCommon(*app, out, true);
  app->add_option("--server", out.server,
                  "URL of the server; default: the address of --listen on this machine");
  app->add_option("--key-file", out.key_file,
                  "File with a key of the dialect console; default: the variable PHAROS_KEY");
  app->callback([&out, action] {
    out.command = Command::kMonitor;
    out.monitor_action = action;
  });
  return app;
}

void AddMonitorCommands(CLI::App& root, CommandLine& out) {
  CLI::App* monitor =
      root.add_subcommand("monitor", "List, test, check, copy and pause monitors of a server");
  monitor->require_subcommand(1);
  CLI::App* list = AddMonitorCommand(*monitor, out, MonitorCommand::kList, "list", "List monitors");
  for (const char* filter : {"text", "tag", "category", "kind", "status"}) {
    list->add_option_function<std::string>(
        std::string("--") + filter,
        [&out, filter](const std::string& text) { out.filters[filter] = text; },
        std::string("Only those with this ") + filter);
  }
  list->add_flag("--json", out.json, "One JSON object per line");
  CLI::App* test = AddMonitorCommand(*monitor, out, MonitorCommand::kTest, "test",
                                     "Let the server try settings once; nothing is stored");
  test->add_option("target", out.target, "A URL, or a JSON file {\"kind\", \"spec\"}");
  test->add_option("--monitor", out.monitor, "Tag of a monitor whose settings stand in");
  test->add_flag("--json", out.json, "Print one JSON object");
  const struct {
    MonitorCommand action;
    const char* name;
    const char* help;
  } kOnes[] = {
      {MonitorCommand::kShow, "show", "Show a monitor and its state"},
      {MonitorCommand::kCheck, "check", "Check a monitor now, as its schedule would"},
      {MonitorCommand::kClone, "clone", "Copy a monitor; the new tag is printed"},
      {MonitorCommand::kPause, "pause", "Stop checking a monitor"},
      {MonitorCommand::kResume, "resume", "Check a monitor again"},
      {MonitorCommand::kLog, "log", "Show the last checks of a monitor, newest first"},
      {MonitorCommand::kDelete, "delete", "Delete a monitor with its history"},
  };
  for (const auto& one : kOnes) {
    CLI::App* app = AddMonitorCommand(*monitor, out, one.action, one.name, one.help);
    app->add_option("tag", out.name, "Tag of the monitor")->required();
    if (one.action == MonitorCommand::kShow || one.action == MonitorCommand::kCheck) {
      app->add_flag("--json", out.json, "Print one JSON object");
    }
    if (one.action == MonitorCommand::kLog) {
      app->add_option("--limit", out.limit, "How many; default 20")->check(CLI::Range(1, 1000));
      app->add_flag("--json", out.json, "One JSON object per line");
      app->add_flag("--evidence", out.evidence,
                    "What the last failed checks saw, and what is different from a good one");
    }
    if (one.action == MonitorCommand::kClone) {
      app->add_option("--tag", out.new_tag, "Tag of the copy; default: a free one");
      app->add_option("--name", out.new_name, "Name of the copy");
    }
    if (one.action == MonitorCommand::kDelete) {
      app->add_flag("--force", out.force, "Yes, with all its history");
    }
  }
}

void AddSecretCommands(CLI::App& root, CommandLine& out) {
  CLI::App* secret =
      root.add_subcommand("secret", "Set, list, delete and re-encrypt secrets of monitors");
  secret->require_subcommand(1);
  const struct {
    Command command;
    const char* name;
    const char* help;
    bool named;
  } kAll[] = {
      {Command::kSecretSet, "set", "Set a secret to what standard input says", true},
      {Command::kSecretList, "list", "List names of secrets (never their values)", false},
      {Command::kSecretDelete, "delete", "Delete a secret", true},
      {Command::kSecretRotate, "rotate", "Encrypt all secrets with a new key", false},
  };
  for (const auto& one : kAll) {
    CLI::App* app = secret->add_subcommand(one.name, one.help);
    AddCommon(*app, out, false);
    if (one.named) app->add_option("name", out.name, "Letters, digits and _")->required();
    if (one.command == Command::kSecretList) {
      app->add_flag("--json", out.json, "One JSON object per line");
    }
    app->add_option("--organisation", out.organisation, "Default: default");
    app->callback([&out, command = one.command] { out.command = command; });
  }
}

}  // namespace

bool ParseCommandLine(int argc, char** argv, CommandLine& out, int& exit_code) {
  CLI::App root("Pharos: uptime monitor and status page server", "pharos");
  root.set_version_flag("--version", "pharos " PHAROS_VERSION);
  root.require_subcommand(1);

  CLI::App* serve = root.add_subcommand("serve", "Run the server");
  AddCommon(*serve, out, true);
  serve->add_flag("--demo", out.demo, "Fill an empty data directory with a believable example");
  serve->callback([&out] { out.command = Command::kServe; });

  AddKeyCommands(root, out);
  AddWebhookCommands(root, out);
  AddMonitorCommands(root, out);
  AddSecretCommands(root, out);

  CLI::App* check = root.add_subcommand("check", "Run one check now and print what it saw");
  AddCommon(*check, out, false);
  check->add_option("target", out.target, "A URL, or a JSON file {\"kind\", \"spec\"}")->required();
  check->add_flag("--json", out.json, "Print one JSON object");
  check->callback([&out] { out.command = Command::kCheck; });

  CLI::App* backup = root.add_subcommand("backup", "Copy the live database into a new file");
  AddCommon(*backup, out, false);
  backup->add_option("file", out.target, "File to create")->required();
  backup->callback([&out] { out.command = Command::kBackup; });

  CLI::App* restore = root.add_subcommand("restore", "Put a backup into the data directory");
  AddCommon(*restore, out, false);
  restore->add_option("file", out.target, "Backup to read")->required();
  restore->add_flag("--force", out.force, "Replace a database that is there");
  restore->callback([&out] { out.command = Command::kRestore; });

  CLI::App* settings = root.add_subcommand("settings", "Print a sample configuration file");
  settings->add_flag("--page", out.page, "Print the documentation page instead");
  settings->callback([&out] { out.command = Command::kSettings; });

  // The parser itself would only say that a command is missing.
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && *argv[1] != '-' && root.get_subcommands(is_named).empty()) {
    std::fprintf(stderr, "'%s' is not a command\nRun with --help for more information.\n", argv[1]);
    exit_code = 2;
    return false;
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = root.exit(error);
    exit_code = code == 0 ? 0 : 2;
    return false;
  }
  return true;
}

}  // namespace pharos::cli
