#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace pharos::app {

// What an operator can set. One row of the table in settings.cc per member: the command line, the
// environment, the sample file and the documentation all come from it; a default is written nowhere
// else.
struct Settings {
  std::string data_dir;
  std::string listen;
  std::string database;
  int64_t http_threads = 0;
  int64_t http_max_connections = 0;
  bool http_access_log = false;
  int64_t http_drain_seconds = 0;
  std::string log_level;
  std::string log_format;
  std::string outbound_policy;
  std::string outbound_allow;
  std::string outbound_proxy_probe;
  std::string outbound_proxy_notify;
  bool outbound_allow_self = false;
  std::string outbound_ca_bundle;
  std::string outbound_dns_servers;
  int64_t outbound_max_in_flight = 0;
  int64_t schedule_max_running = 0;
  int64_t schedule_max_per_host = 0;
  std::string watch_canaries;
  bool watch_name_canary = false;
  std::string secrets_env_prefix;
  int64_t script_workers = 0;
  std::string page_time_zone;
  int64_t page_days = 0;
  int64_t page_max_streams = 0;
  int64_t history_retention_days = 0;
  int64_t history_max_retention_days = 0;
  int64_t history_audit_days = 0;
  int64_t history_delivery_days = 0;
  std::string api_v1_default;
  std::string api_hosts;
  int64_t kener_v4_requests_per_minute = 0;
  std::string mail_host;
  int64_t mail_port = 0;
  std::string mail_security;
  std::string mail_user;
  std::string mail_password;
  std::string mail_from;
  std::string notify_slack_hosts;
  std::string notify_discord_hosts;
  std::string notify_telegram_base;
  std::string notify_twilio_base;
  std::string notify_pagerduty_base;
  std::string notify_opsgenie_base;
  int64_t kener_classic_requests_per_minute = 0;
  std::string kodo_rate_profile;
  int64_t kodo_requests_per_minute = 0;
  int64_t is0k_requests_per_minute = 0;
};

enum class SettingType : uint8_t { kText, kInt, kBool, kChoice };

// Constant facts about one setting.
struct SettingRow {
  std::string_view name;         // "http.threads", as in the file
  std::string_view environment;  // "PHAROS_HTTP_THREADS"
  std::string_view flag;         // "--listen"; empty = not on the command line
  SettingType type;
  std::string_view fallback;  // as text
  int64_t min;
  int64_t max;
  std::string_view choices;  // "a|b"
  std::string_view help;
};
const std::vector<SettingRow>& SettingRows();

// Where values come from; later ones win: defaults, file, environment, command line.
struct SettingSources {
  std::string file_text;                            // empty = no file
  std::map<std::string, std::string> environment;   // PHAROS_... only
  std::map<std::string, std::string> command_line;  // by setting name
};

// Names in `environment` that are no setting, in order; a misspelt one would be ignored silently.
std::vector<std::string> UnknownVariables(const SettingSources& sources);

// Errors: kInvalid, with every unknown name and bad value, each naming the setting and its source.
Result<Settings> LoadSettings(const SettingSources& sources);

// A commented configuration file with every setting at its default.
std::string SampleFile();
// docs/operating/settings.md.
std::string SettingsPage();

struct ListenAddress {
  std::string address;
  uint16_t port = 0;
};
// "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses).
Result<ListenAddress> ParseListen(std::string_view text);

}  // namespace pharos::app
