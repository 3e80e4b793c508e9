#include "service/webhook_events.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/event.h"

namespace pharos::service {
namespace {

constexpr std::array<std::string_view, 5> kFormats = {"pharos", "kener_classic", "kener_v3", "kodo",
                                                      "is0k"};

constexpr WebhookEvent Same(std::string_view word) { return {word, word}; }

// Our own words: all that a subscription may name.
constexpr std::array kPharos = {
    Same("monitor.down"),
    Same("monitor.up"),
    Same("monitor.degraded"),
    Same("service.status_changed"),
    Same(model::kIncidentCreated),
    Same(model::kIncidentUpdated),
    Same(model::kIncidentResolved),
    Same(model::kIncidentPublished),
    Same(model::kMaintenanceScheduled),
    Same(model::kMaintenanceReminder),
    Same(model::kMaintenanceStarted),
    Same(model::kMaintenanceCompleted),
    Same(model::kMaintenanceCancelled),
    Same(model::kErrorThresholdExceeded),
    Same(model::kAlertFired),
    Same(model::kAlertResolved),
};
// kener-classic.md 7. Kener 2 and 3 had no names for them; their webhooks take the later ones.
constexpr std::array kKener = {
    Same("monitor.down"),
    Same("monitor.up"),
    Same("monitor.degraded"),
    Same(model::kIncidentCreated),
    Same(model::kIncidentUpdated),
    Same(model::kIncidentResolved),
    Same(model::kMaintenanceScheduled),
    Same(model::kMaintenanceStarted),
    Same(model::kMaintenanceCompleted),
};
// kodo.md 16.1
constexpr std::array kKodo = {
    Same(model::kIncidentCreated),
    Same(model::kIncidentUpdated),
    Same(model::kIncidentResolved),
    Same("service.status_changed"),
    Same("monitor.down"),
    WebhookEvent{"monitor.recovered", "monitor.up"},
    Same(model::kIncidentPublished),
    Same(model::kMaintenanceScheduled),
    Same(model::kMaintenanceStarted),
    Same(model::kMaintenanceCompleted),
    Same(model::kMaintenanceCancelled),
};
// is0k.md 5.3
constexpr std::array kIs0k = {
    Same("monitor.down"),          Same("monitor.up"),
    Same("monitor.degraded"),      Same(model::kIncidentCreated),
    Same(model::kIncidentUpdated), Same(model::kIncidentResolved),
};

std::string Quoted(std::string_view word) { return "'" + Ellipsize(word, 60) + "'"; }

}  // namespace

std::span<const std::string_view> WebhookFormats() { return kFormats; }

bool IsWebhookEvent(std::string_view event) {
  return std::any_of(kPharos.begin(), kPharos.end(),
                     [&](const WebhookEvent& row) { return row.event == event; });
}

std::span<const WebhookEvent> WebhookEvents(std::string_view format) {
  if (format == "pharos") return kPharos;
  if (format == "kener_classic" || format == "kener_v3") return kKener;
  if (format == "kodo") return kKodo;
  if (format == "is0k") return kIs0k;
  return {};
}

Result<std::vector<std::string>> ReadWebhookEvents(std::string_view format,
                                                   std::span<const std::string> words) {
  const auto known = WebhookEvents(format);
  std::string all;
  if (known.empty()) {
    for (const std::string_view name : kFormats)
      all += (all.empty() ? "" : ", ") + std::string(name);
    return Error::Field("format", Quoted(format) + " is not a format; there are: " + all);
  }
  for (const WebhookEvent& row : known) all += (all.empty() ? "" : ", ") + std::string(row.word);
  std::vector<std::string> events;
  for (const std::string& word : words) {
    const auto row = std::find_if(known.begin(), known.end(),
                                  [&](const WebhookEvent& each) { return each.word == word; });
    if (row == known.end()) {
      return Error::Field("event", Quoted(word) + " is not an event of " + std::string(format) +
                                       "; it has: " + all);
    }
    events.emplace_back(row->event);
  }
  if (events.empty()) {
    return Error::Field("event",
                        "name at least one event; " + std::string(format) + " has: " + all);
  }
  return events;
}

std::string_view WebhookEventWord(std::string_view format, std::string_view event) {
  for (const WebhookEvent& row : WebhookEvents(format)) {
    if (row.event == event) return row.word;
  }
  return event;
}

}  // namespace pharos::service
