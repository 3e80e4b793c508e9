#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/wiring.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/one_shot.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/opened.h"
#include "net/url.h"
#include "notify/catalog.h"
#include "service/channels.h"
#include "service/webhook_events.h"
#include "store/monitor_directory.h"

namespace pharos::cli {
namespace {

using model::Channel;

constexpr size_t kSecretBytes = 32;

// The use cases of webhooks on an opened store. They are linked to no monitors, so that the image
// of monitors may be empty.
struct Webhooks {
  explicit Webhooks(Opened& from, const app::Settings& settings, net::HttpClient* http = nullptr)
      : opened(from),
        catalog(app::AddressesFrom(settings)),
        service(*from.store, directory, from.clock, catalog, notify::Tools{http, &from.clock}),
        who(CommandLineUser(from.org)) {}

  Opened& opened;
  store::MonitorDirectory directory;
  notify::Catalog catalog;
  service::ChannelService service;
  model::Principal who;
};

std::string FormatOf(const Channel& webhook) { return webhook.config.StringOr("format", "pharos"); }

// Queries hold keys; user information is refused when a webhook is made.
std::string ShownUrl(const Channel& webhook) {
  auto url = net::Url::Parse(webhook.config.StringOr("url", ""));
  if (!url) return "(unreadable)";
  url->target.resize(std::min(url->target.find('?'), url->target.size()));
  return url->ToString();
}

// Names come from APIs, too; a terminal must not act on them.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

Result<std::vector<Channel>> ListOf(const Webhooks& webhooks) {
  PHAROS_ASSIGN_OR_RETURN(auto list, webhooks.service.List(webhooks.who));
  std::erase_if(list, [](const Channel& channel) {
    return channel.kind != "webhook" || channel.scope != model::ChannelScope::kSubscription;
  });
  return list;
}

// By id, else by name.
Result<Channel> FindByWord(const Webhooks& webhooks, const std::string& word) {
  PHAROS_ASSIGN_OR_RETURN(const auto list, ListOf(webhooks));
  const Channel* found = nullptr;
  for (const Channel& webhook : list) {
    if (std::to_string(webhook.id.value()) == word || webhook.uid == word) return webhook;
    if (webhook.name != word) continue;
    if (found != nullptr) {
      return Error::Field("webhook", "several webhooks are called '" + word + "'; give the id");
    }
    found = &webhook;
  }
  if (found == nullptr) return Error::Field("webhook", "there is no webhook '" + word + "'");
  return *found;
}

Status SetSecret(const CommandLine& line, Channel& draft) {
  if (!line.secret && !line.generate_secret) return Ok();
  if (line.format == "kener_v3") {
    return Error::Field("secret", "requests of the format kener_v3 are not signed");
  }
  if (line.secret && line.secret->empty()) {
    return Error::Field("secret", "an empty secret signs nothing");
  }
  draft.config.Set("secret",
                   line.secret ? *line.secret : "whsec_" + HexLower(RandomBytes(kSecretBytes)));
  return Ok();
}

Result<Channel> Draft(const CommandLine& line) {
  Channel draft;
  draft.kind = "webhook";
  draft.scope = model::ChannelScope::kSubscription;
  PHAROS_ASSIGN_OR_RETURN(draft.events, service::ReadWebhookEvents(line.format, line.events));
  draft.config.Set("url", line.url);
  draft.config.Set("format", line.format);
  PHAROS_RETURN_IF_ERROR(SetSecret(line, draft));
  draft.name = line.name;
  if (draft.name.empty()) {
    PHAROS_ASSIGN_OR_RETURN(const net::Url url, net::Url::Parse(line.url));
    draft.name = line.format + " to " + url.Authority();
  }
  if (Printable(draft.name) != draft.name) {
    return Error::Field("name", "name must not have control characters");
  }
  return draft;
}

// "2026-03-04T05:06:07Z 204", or with what went wrong.
std::string LastDelivery(const std::vector<model::DeliveryAttempt>& newest) {
  if (newest.empty()) return "never";
  const model::DeliveryAttempt& last = newest.front();
  std::string text = FormatIsoSeconds(last.at);
  if (!last.error.empty()) return text + " failed: " + Printable(Ellipsize(last.error, 60));
  return text + (last.status_code == 0 ? " sent" : " " + std::to_string(last.status_code));
}

std::string StateWord(const Channel& webhook) { return webhook.enabled ? "enabled" : "disabled"; }

std::vector<std::string> EventWords(const Channel& webhook) {
  std::vector<std::string> words;
  for (const std::string& event : webhook.events) {
    words.emplace_back(service::WebhookEventWord(FormatOf(webhook), event));
  }
  return words;
}

void PrintJson(const Channel& webhook, const std::vector<model::DeliveryAttempt>& newest) {
  Value row;
  row.Set("id", webhook.id.value());
  row.Set("uid", webhook.uid);
  row.Set("name", webhook.name);
  row.Set("format", FormatOf(webhook));
  row.Set("url", ShownUrl(webhook));
  const auto events = EventWords(webhook);
  row.Set("events", Value::List(events.begin(), events.end()));
  row.Set("signed", !webhook.config.StringOr("secret", "").empty());
  row.Set("enabled", webhook.enabled);
  row.Set("disabled_reason",
          webhook.disabled_reason.empty() ? Value() : Value(webhook.disabled_reason));
  row.Set("created_at", FormatIsoSeconds(webhook.created_at));
  Value last;
  if (!newest.empty()) {
    const model::DeliveryAttempt& attempt = newest.front();
    last.Set("at", FormatIsoSeconds(attempt.at));
    last.Set("event", std::string(service::WebhookEventWord(FormatOf(webhook), attempt.event)));
    last.Set("status_code", attempt.status_code == 0 ? Value() : Value(attempt.status_code));
    last.Set("error", attempt.error.empty() ? Value() : Value(attempt.error));
  }
  row.Set("last_delivery", std::move(last));
  std::printf("%s\n", WriteJson(row).c_str());
}

void PrintRow(const Channel& webhook, const std::vector<model::DeliveryAttempt>& newest) {
  std::string events;
  for (const std::string& word : EventWords(webhook)) {
    events += (events.empty() ? "" : ",") + word;
  }
  std::printf("%-5lld %-28s %-14s %-9s %-40s %-30s %s\n",
              static_cast<long long>(webhook.id.value()), Printable(webhook.name).c_str(),
              FormatOf(webhook).c_str(), StateWord(webhook).c_str(), ShownUrl(webhook).c_str(),
              LastDelivery(newest).c_str(), events.c_str());
}

}  // namespace

Status RunWebhookCreate(const app::Settings& settings, const CommandLine& line) {
  PHAROS_ASSIGN_OR_RETURN(Channel draft, Draft(line));
  Opened opened;
  PHAROS_RETURN_IF_ERROR(Open(settings, line, opened));
  Webhooks webhooks(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const auto list, ListOf(webhooks));
  for (const Channel& other : list) {
    if (other.name != draft.name) continue;
    return Error::Field("name", "there is a webhook '" + draft.name +
                                    "' already; choose another name or delete it first");
  }
  const std::string secret = draft.config.StringOr("secret", "");
  PHAROS_ASSIGN_OR_RETURN(const Channel made,
                          webhooks.service.Create(webhooks.who, std::move(draft)));
  // The secret alone on standard output, so that it can be piped into a secret store.
  if (!secret.empty()) std::printf("%s\n", secret.c_str());
  std::fprintf(stderr, "Webhook '%s' (id %lld, %s) created.%s\n", made.name.c_str(),
               static_cast<long long>(made.id.value()), FormatOf(made).c_str(),
               secret.empty() ? " It is not signed." : " Its secret is not shown again.");
  return Ok();
}

Status RunWebhookList(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  const Webhooks webhooks(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const auto list, ListOf(webhooks));
  if (!line.json) {
    std::printf("%-5s %-28s %-14s %-9s %-40s %-30s %s\n", "ID", "NAME", "FORMAT", "STATE", "URL",
                "LAST DELIVERY", "EVENTS");
  }
  for (const Channel& webhook : list) {
    PHAROS_ASSIGN_OR_RETURN(const auto newest,
                            webhooks.service.Attempts(webhooks.who, webhook.id, 1));
    if (line.json) {
      PrintJson(webhook, newest);
    } else {
      PrintRow(webhook, newest);
    }
  }
  return Ok();
}

Status RunWebhookTest(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  PHAROS_ASSIGN_OR_RETURN(auto outbound, app::OutboundSettingsFrom(settings));
  net::OutboundPolicy policy(std::move(outbound));
  PHAROS_ASSIGN_OR_RETURN(const auto http,
                          net::HttpClient::Start(app::ClientSettingsFrom(settings), policy,
                                                 opened.clock, opened.metrics));
  Webhooks webhooks(opened, settings, http.get());
  PHAROS_ASSIGN_OR_RETURN(const Channel webhook, FindByWord(webhooks, line.name));
  OneShot<Result<service::ChannelService::TestOutcome>> done;
  webhooks.service.Test(webhooks.who, webhook.id,
                        [&](auto outcome) { done.Set(std::move(outcome)); });
  PHAROS_ASSIGN_OR_RETURN(const auto outcome, done.Take());
  if (!outcome.delivered) {
    return Error::Field("webhook", "the test was not delivered: " + Printable(outcome.error));
  }
  std::fprintf(stderr, "Test delivered to '%s': HTTP %d.\n", Printable(webhook.name).c_str(),
               outcome.status_code);
  return Ok();
}

Status RunWebhookSwitch(const app::Settings& settings, const CommandLine& line, bool enabled) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Webhooks webhooks(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const Channel webhook, FindByWord(webhooks, line.name));
  PHAROS_RETURN_IF_ERROR(webhooks.service.Update(webhooks.who, webhook.id, [&](Channel& stored) {
    stored.enabled = enabled;
    return Ok();
  }));
  std::fprintf(stderr, "Webhook '%s' %s.\n", Printable(webhook.name).c_str(),
               enabled ? "enabled" : "disabled");
  return Ok();
}

Status RunWebhookDelete(const app::Settings& settings, const CommandLine& line) {
  Opened opened;
  PHAROS_RETURN_IF_ERROR(OpenExisting(settings, line, opened));
  Webhooks webhooks(opened, settings);
  PHAROS_ASSIGN_OR_RETURN(const Channel webhook, FindByWord(webhooks, line.name));
  PHAROS_RETURN_IF_ERROR(webhooks.service.Delete(webhooks.who, webhook.id));
  std::fprintf(stderr, "Webhook '%s' deleted.\n", Printable(webhook.name).c_str());
  return Ok();
}

}  // namespace pharos::cli
