#include "app/settings.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <variant>

#include "base/text.h"
#include "base/time_zone.h"
#include "net/address.h"

namespace pharos::app {
namespace {

using Member = std::variant<std::string Settings::*, int64_t Settings::*, bool Settings::*>;

struct Row {
  SettingRow row;
  Member member;
};

constexpr auto kText = SettingType::kText;
constexpr auto kInt = SettingType::kInt;
constexpr auto kBool = SettingType::kBool;
constexpr auto kChoice = SettingType::kChoice;

// tidy: table
const std::vector<Row>& Table() {
  static const std::vector<Row> kTable = {
      {{"data", "PHAROS_DATA", "--data", kText, "./pharos-data", 0, 0, "",
        "Directory of the database; created if it is not there."},
       &Settings::data_dir},
      {{"listen", "PHAROS_LISTEN", "--listen", kText, "127.0.0.1:8080", 0, 0, "",
        "Address and port of the web server; port 0 takes any free one."},
       &Settings::listen},
      {{"database", "PHAROS_DATABASE", "--database", kText, "", 0, 0, "",
        "Empty: SQLite in the data directory. A path: that SQLite file."},
       &Settings::database},
      {{"http.threads", "PHAROS_HTTP_THREADS", "", kInt, "0", 0, 256, "",
        "Request loops; 0 is one per processor core."},
       &Settings::http_threads},
      {{"http.max_connections", "PHAROS_HTTP_MAX_CONNECTIONS", "", kInt, "10000", 1, 1000000, "",
        "Connections held at once; more are turned away."},
       &Settings::http_max_connections},
      {{"http.access_log", "PHAROS_HTTP_ACCESS_LOG", "", kBool, "false", 0, 0, "",
        "Write one log line per request."},
       &Settings::http_access_log},
      {{"http.drain_seconds", "PHAROS_HTTP_DRAIN_SECONDS", "", kInt, "15", 0, 600, "",
        "How long SIGTERM waits for requests in progress."},
       &Settings::http_drain_seconds},
      {{"log.level", "PHAROS_LOG_LEVEL", "", kChoice, "info", 0, 0, "debug|info|warning|error",
        "Least important lines that are written."},
       &Settings::log_level},
      {{"log.format", "PHAROS_LOG_FORMAT", "", kChoice, "text", 0, 0, "text|json",
        "Log lines for people or for machines."},
       &Settings::log_format},
      {{"outbound.policy", "PHAROS_OUTBOUND_POLICY", "", kChoice, "trusted", 0, 0,
        "trusted|untrusted",
        "untrusted refuses loopback, private and link-local targets unless listed in "
        "outbound.allow."},
       &Settings::outbound_policy},
      {{"outbound.allow", "PHAROS_OUTBOUND_ALLOW", "", kText, "", 0, 0, "",
        "Networks and host names, separated by commas, that stay allowed under untrusted."},
       &Settings::outbound_allow},
      {{"outbound.proxy_probe", "PHAROS_OUTBOUND_PROXY_PROBE", "", kText, "", 0, 0, "",
        "Proxy for checks over HTTP, http://host:port or socks5h://host:port; empty connects "
        "directly."},
       &Settings::outbound_proxy_probe},
      {{"outbound.proxy_notify", "PHAROS_OUTBOUND_PROXY_NOTIFY", "", kText, "", 0, 0, "",
        "Proxy for webhooks and channels."},
       &Settings::outbound_proxy_notify},
      {{"outbound.allow_self", "PHAROS_OUTBOUND_ALLOW_SELF", "", kBool, "false", 0, 0, "",
        "Let monitors watch this server's own port."},
       &Settings::outbound_allow_self},
      {{"outbound.ca_bundle", "PHAROS_OUTBOUND_CA_BUNDLE", "", kText,
        "/etc/ssl/certs/ca-certificates.crt", 0, 0, "", "Trusted certificate authorities (PEM)."},
       &Settings::outbound_ca_bundle},
      {{"outbound.dns_servers", "PHAROS_OUTBOUND_DNS_SERVERS", "", kText, "", 0, 0, "",
        "Name servers, separated by commas; empty uses the system's."},
       &Settings::outbound_dns_servers},
      {{"outbound.max_in_flight", "PHAROS_OUTBOUND_MAX_IN_FLIGHT", "", kInt, "4000", 1, 100000, "",
        "Outbound exchanges at once; more wait in order."},
       &Settings::outbound_max_in_flight},
      {{"schedule.max_running", "PHAROS_SCHEDULE_MAX_RUNNING", "", kInt, "4000", 1, 100000, "",
        "Checks that run at once; more wait in turn, hosts one after the other."},
       &Settings::schedule_max_running},
      {{"schedule.max_per_host", "PHAROS_SCHEDULE_MAX_PER_HOST", "", kInt, "200", 1, 100000, "",
        "Of these, checks against one host, so that one that hangs holds up nobody else."},
       &Settings::schedule_max_per_host},
      {{"watch.canaries", "PHAROS_WATCH_CANARIES", "", kText, "", 0, 0, "",
        "Addresses host:port, separated by commas, that are reachable while this server's own way "
        "out is open; while none of them is, targets that cannot be reached are not down."},
       &Settings::watch_canaries},
      {{"watch.name_canary", "PHAROS_WATCH_NAME_CANARY", "", kBool, "true", 0, 0, "",
        "When no name server answers a look-up, ask for the root first: while our own name service "
        "is silent, targets are not down."},
       &Settings::watch_name_canary},
      {{"secrets.env_prefix", "PHAROS_SECRETS_ENV_PREFIX", "", kText, "MONITOR_", 0, 0, "",
        "Only environment variables with this prefix replace $NAME in monitors of the organisation "
        "default; empty allows all but PHAROS_ ones."},
       &Settings::secrets_env_prefix},
      {{"script.workers", "PHAROS_SCRIPT_WORKERS", "", kInt, "1", 0, 16, "",
        "Processes that run evaluation functions of monitors, started when first needed; 0 runs "
        "none, and monitors with a function have no data."},
       &Settings::script_workers},
      {{"page.time_zone", "PHAROS_PAGE_TIME_ZONE", "", kText, "UTC", 0, 0, "",
        "Time zone whose days the bars of the public page show."},
       &Settings::page_time_zone},
      {{"page.days", "PHAROS_PAGE_DAYS", "", kInt, "90", 1, 400, "",
        "Days of history on the public page."},
       &Settings::page_days},
      {{"page.max_streams", "PHAROS_PAGE_MAX_STREAMS", "", kInt, "5000", 0, 100000, "",
        "Visitors that get live updates at once; others poll."},
       &Settings::page_max_streams},
      {{"history.retention_days", "PHAROS_HISTORY_RETENTION_DAYS", "", kInt, "400", 1, 36500, "",
        "Days of history that organisations keep which have set nothing themselves; older is "
        "removed, once a day."},
       &Settings::history_retention_days},
      {{"history.max_retention_days", "PHAROS_HISTORY_MAX_RETENTION_DAYS", "", kInt, "3650", 1,
        36500, "", "No organisation keeps history longer, whatever it has set."},
       &Settings::history_max_retention_days},
      {{"history.audit_days", "PHAROS_HISTORY_AUDIT_DAYS", "", kInt, "730", 1, 36500, "",
        "Days after which entries of the audit trail are removed."},
       &Settings::history_audit_days},
      {{"history.delivery_days", "PHAROS_HISTORY_DELIVERY_DAYS", "", kInt, "30", 1, 36500, "",
        "Days after which messages that were sent or given up are forgotten."},
       &Settings::history_delivery_days},
      {{"api.v1_default", "PHAROS_API_V1_DEFAULT", "", kChoice, "kodo", 0, 0, "kodo|is0k",
        "Who answers on /api/v1 when neither key nor path nor anything else tells."},
       &Settings::api_v1_default},
      {{"api.hosts", "PHAROS_API_HOSTS", "", kText, "", 0, 0, "",
        "Whose requests to a host are when no key tells, such as "
        "api.example.net=is0k, status.example.net=kodo."},
       &Settings::api_hosts},
      {{"kener_v4.requests_per_minute", "PHAROS_KENER_V4_REQUESTS_PER_MINUTE", "", kInt, "0", 0,
        10000000, "", "Rate limit per key of the Kener v4 API; 0 is none, as the original."},
       &Settings::kener_v4_requests_per_minute},
      {{"mail.host", "PHAROS_MAIL_HOST", "", kText, "", 0, 0, "",
        "Mail server that messages are handed to; empty sends no mail."},
       &Settings::mail_host},
      {{"mail.port", "PHAROS_MAIL_PORT", "", kInt, "587", 1, 65535, "", "Port of the mail server."},
       &Settings::mail_port},
      {{"mail.security", "PHAROS_MAIL_SECURITY", "", kChoice, "starttls", 0, 0, "none|starttls|tls",
        "How the connection to the mail server is encrypted."},
       &Settings::mail_security},
      {{"mail.user", "PHAROS_MAIL_USER", "", kText, "", 0, 0, "",
        "Account at the mail server; empty does not sign in."},
       &Settings::mail_user},
      {{"mail.password", "PHAROS_MAIL_PASSWORD", "", kText, "", 0, 0, "",
        "Password of that account; better in the environment than in a file."},
       &Settings::mail_password},
      {{"mail.from", "PHAROS_MAIL_FROM", "", kText, "", 0, 0, "",
        "Sender of mails, for example status@example.org."},
       &Settings::mail_from},
      {{"notify.slack_hosts", "PHAROS_NOTIFY_SLACK_HOSTS", "", kText, "", 0, 0, "",
        "More hosts that Slack webhook addresses may have, separated by commas; also without TLS."},
       &Settings::notify_slack_hosts},
      {{"notify.discord_hosts", "PHAROS_NOTIFY_DISCORD_HOSTS", "", kText, "", 0, 0, "",
        "The same for Discord."},
       &Settings::notify_discord_hosts},
      {{"notify.telegram_base", "PHAROS_NOTIFY_TELEGRAM_BASE", "", kText,
        "https://api.telegram.org", 0, 0, "", "Where the Telegram API is."},
       &Settings::notify_telegram_base},
      {{"notify.twilio_base", "PHAROS_NOTIFY_TWILIO_BASE", "", kText, "https://api.twilio.com", 0,
        0, "", "Where the Twilio API is."},
       &Settings::notify_twilio_base},
      {{"notify.pagerduty_base", "PHAROS_NOTIFY_PAGERDUTY_BASE", "", kText,
        "https://events.pagerduty.com", 0, 0, "", "Where the PagerDuty events API is."},
       &Settings::notify_pagerduty_base},
      {{"notify.opsgenie_base", "PHAROS_NOTIFY_OPSGENIE_BASE", "", kText,
        "https://api.opsgenie.com", 0, 0, "", "Where the Opsgenie API is."},
       &Settings::notify_opsgenie_base},
      {{"kener_classic.requests_per_minute", "PHAROS_KENER_CLASSIC_REQUESTS_PER_MINUTE", "", kInt,
        "100", 0, 10000000, "", "Rate limit per key of the classic Kener API; 0 is none."},
       &Settings::kener_classic_requests_per_minute},
      {{"kodo.rate_profile", "PHAROS_KODO_RATE_PROFILE", "", kChoice, "standard", 0, 0,
        "standard|strict",
        "Rate limits per key of the Kodo API: 1000 requests a minute, or 100 reads and 30 writes."},
       &Settings::kodo_rate_profile},
      {{"kodo.requests_per_minute", "PHAROS_KODO_REQUESTS_PER_MINUTE", "", kInt, "-1", -1, 10000000,
        "", "Ordinary requests per key of the Kodo API; -1 is what the profile says, 0 is none."},
       &Settings::kodo_requests_per_minute},
      {{"is0k.requests_per_minute", "PHAROS_IS0K_REQUESTS_PER_MINUTE", "", kInt, "1000", 0,
        10000000, "", "Rate limit of is0k keys that were made without a rate class; 0 is none."},
       &Settings::is0k_requests_per_minute},
  };
  return kTable;
}

const Row* FindRow(std::string_view name) {
  for (const Row& row : Table()) {
    if (row.row.name == name) return &row;
  }
  return nullptr;
}

Status Assign(const Row& row, std::string_view value, std::string_view source, Settings& settings) {
  const std::string where = std::string(row.row.name) + " (" + std::string(source) + ")";
  if (const auto* member = std::get_if<std::string Settings::*>(&row.member)) {
    if (row.row.type == kChoice) {
      bool known = false;
      for (const std::string_view choice : Split(row.row.choices, '|')) known |= choice == value;
      if (!known) {
        return Error::Field(std::string(row.row.name),
                            where + " must be one of " + std::string(row.row.choices));
      }
    }
    settings.** member = std::string(value);
    return Ok();
  }
  if (const auto* member = std::get_if<bool Settings::*>(&row.member)) {
    const std::string lower = AsciiLower(value);
    const bool yes = lower == "true" || lower == "yes" || lower == "1" || lower == "on";
    const bool no = lower == "false" || lower == "no" || lower == "0" || lower == "off";
    if (!yes && !no) {
      return Error::Field(std::string(row.row.name), where + " must be true or false");
    }
    settings.** member = yes;
    return Ok();
  }
  const auto number = ParseInt(value);
  if (!number || *number < row.row.min || *number > row.row.max) {
    return Error::Field(std::string(row.row.name), where + " must be a whole number from " +
                                                       std::to_string(row.row.min) + " to " +
                                                       std::to_string(row.row.max));
  }
  settings.*std::get<int64_t Settings::*>(row.member) = *number;
  return Ok();
}

void Collect(Status status, std::vector<FieldError>& problems) {
  if (status) return;
  for (FieldError& field : status.error().fields) problems.push_back(std::move(field));
}

void ReadFile(std::string_view text, Settings& settings, std::vector<FieldError>& problems) {
  int line_number = 0;
  for (std::string_view line : Split(text, '\n')) {
    ++line_number;
    line = Trim(line);
    if (line.empty() || line.front() == '#') continue;
    const std::string source = "line " + std::to_string(line_number) + " of the file";
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      problems.push_back({source, source + " is not of the form name = value"});
      continue;
    }
    const std::string_view name = Trim(line.substr(0, equals));
    const Row* row = FindRow(name);
    if (row == nullptr) {
      problems.push_back(
          {std::string(name), source + ": '" + std::string(name) + "' is not a setting"});
      continue;
    }
    Collect(Assign(*row, Trim(line.substr(equals + 1)), source, settings), problems);
  }
}

}  // namespace

const std::vector<SettingRow>& SettingRows() {
  static const std::vector<SettingRow> kRows = [] {
    std::vector<SettingRow> rows;
    for (const Row& row : Table()) rows.push_back(row.row);
    return rows;
  }();
  return kRows;
}

std::vector<std::string> UnknownVariables(const SettingSources& sources) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : sources.environment) {
    const bool known = std::any_of(Table().begin(), Table().end(),
                                   [&](const Row& row) { return row.row.environment == name; });
    if (!known) unknown.push_back(name);
  }
  return unknown;
}

Result<Settings> LoadSettings(const SettingSources& sources) {
  Settings settings;
  std::vector<FieldError> problems;
  for (const Row& row : Table()) {
    Collect(Assign(row, row.row.fallback, "default", settings), problems);
  }
  ReadFile(sources.file_text, settings, problems);
  for (const Row& row : Table()) {
    const auto it = sources.environment.find(std::string(row.row.environment));
    if (it != sources.environment.end()) {
      Collect(Assign(row, it->second, it->first, settings), problems);
    }
  }
  for (const auto& [name, value] : sources.command_line) {
    if (const Row* row = FindRow(name)) {
      Collect(Assign(*row, value, "command line", settings), problems);
    }
  }
  if (!IsTimeZone(settings.page_time_zone)) {
    problems.push_back({"page.time_zone", "page.time_zone: '" + settings.page_time_zone +
                                              "' is not a time zone known to this system"});
  }
  if (!problems.empty()) {
    Error error(ErrorKind::kInvalid, problems.front().message);
    error.fields = std::move(problems);
    return error;
  }
  return settings;
}

std::string SampleFile() {
  std::string out =
      "# Pharos configuration. Every setting stands here with its default; remove the '#' to\n"
      "# change one. Environment variables and the command line win over this file.\n";
  for (const SettingRow& row : SettingRows()) {
    out += "\n# " + std::string(row.help) + "\n";
    if (!row.choices.empty()) out += "# One of " + std::string(row.choices) + ".\n";
    if (row.type == kInt) {
      out += "# " + std::to_string(row.min) + " to " + std::to_string(row.max) + ".\n";
    }
    out += "#" + std::string(row.name) + " = " + std::string(row.fallback) + "\n";
  }
  return out;
}

std::string SettingsPage() {
  std::string out =
      "# Settings\n\n"
      "Generated by `pharos settings --page`; a test compares the two. Later sources win: "
      "default,\n"
      "file (`--config`), environment, command line.\n\n"
      "| Setting | Environment | Flag | Default | Allowed | Meaning |\n|---|---|---|---|---|---|\n";
  for (const SettingRow& row : SettingRows()) {
    std::string allowed = "text";
    if (row.type == kBool) allowed = "true, false";
    if (row.type == kInt) allowed = std::to_string(row.min) + " to " + std::to_string(row.max);
    if (row.type == kChoice) {
      allowed.clear();
      for (const std::string_view choice : Split(row.choices, '|')) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(choice);
      }
    }
    const std::string fallback =
        row.fallback.empty() ? "(empty)" : "`" + std::string(row.fallback) + "`";
    const std::string flag = row.flag.empty() ? "" : "`" + std::string(row.flag) + "`";
    out += "| `" + std::string(row.name) + "` | `" + std::string(row.environment) + "` | " + flag +
           " | " + fallback + " | " + allowed + " | " + std::string(row.help) + " |\n";
  }
  return out;
}

Result<ListenAddress> ParseListen(std::string_view text) {
  const size_t colon = text.rfind(':');
  const auto bad = [&] {
    return Error::Field("listen", "listen must be ADDRESS:PORT, not '" + std::string(text) + "'");
  };
  if (colon == std::string_view::npos) return bad();
  const auto port = ParseInt(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return bad();
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  ListenAddress listen;
  listen.port = static_cast<uint16_t>(*port);
  listen.address = host.empty() ? "::" : host == "localhost" ? "127.0.0.1" : std::string(host);
  if (!net::IpAddress::Parse(listen.address)) return bad();
  return listen;
}

}  // namespace pharos::app
