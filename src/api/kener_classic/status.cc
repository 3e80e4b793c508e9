#include "api/kener_classic/status.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "api/body_values.h"
#include "api/kener_classic/envelope.h"
#include "api/kener_classic/monitor_view.h"
#include "api/kener_classic/permissions.h"
#include "api/kener_classic/words.h"
#include "api/signals.h"
#include "base/json.h"
#include "service/incidents.h"
#include "service/keys.h"
#include "service/monitors.h"
#include "service/stats.h"

namespace pharos::api::kener_classic {
namespace {

constexpr int kMaxIncidents = 100;

struct Summary {
  int64_t total = 0, up = 0, down = 0, degraded = 0, maintenance = 0;

  void Count(std::string_view status) {
    ++total;
    if (status == "up") ++up;
    if (status == "down") ++down;
    if (status == "degraded") ++degraded;
    if (status == "maintenance") ++maintenance;
  }

  std::string_view Overall() const {
    if (total > 0 && down == total) return "down";
    if (down > 0 || degraded > 0) return "degraded";
    return maintenance > 0 ? "maintenance" : "up";
  }
};

struct Shown {
  service::MonitorPtr monitor;
  std::string_view status;
};

std::vector<Shown> PublicMonitors(const Call& call) {
  std::vector<Shown> shown;
  for (const service::MonitorPtr& monitor : call.services.monitors.List(*call.who)) {
    if (!monitor->active || monitor->hidden) continue;
    const auto state = call.services.monitors.StateOf(*monitor);
    shown.push_back({monitor, ShownStatus(*monitor, state)});
  }
  std::reverse(shown.begin(), shown.end());  // oldest first
  return shown;
}

Status WriteMonitors(const Call& call, const std::vector<Shown>& shown, JsonWriter& json) {
  std::vector<service::MonitorPtr> monitors;
  monitors.reserve(shown.size());
  for (const Shown& row : shown) monitors.push_back(row.monitor);
  const Timestamp now = call.clock.Now();
  PHAROS_ASSIGN_OR_RETURN(const std::vector<service::WindowStats> month,
                          call.services.stats.Windows(monitors, now - Days(30), now));
  json.Key("monitors").BeginList();
  for (size_t i = 0; i < shown.size(); ++i) {
    json.BeginObject();
    json.Key("id").String(MonitorIdText(shown[i].monitor->id));
    json.Key("name").String(shown[i].monitor->name);
    json.Key("status").String(shown[i].status);
    json.Key("uptime");
    WriteNumber(json, month[i].uptime);
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

Status WriteIncidents(const Call& call, JsonWriter& json) {
  service::IncidentQuery query;
  query.open_only = true;
  query.drafts = false;
  query.limit = kMaxIncidents;
  PHAROS_ASSIGN_OR_RETURN(const std::vector<model::Incident> incidents,
                          call.services.incidents.List(*call.who, query));
  json.Key("incidents").BeginList();
  for (const model::Incident& incident : incidents) {
    json.BeginObject();
    json.Key("id").Int(incident.id.value());
    json.Key("title").String(incident.title);
    json.Key("status").String(IncidentWord(incident.state));
    json.Key("impact").String(ImpactWord(incident.severity));
    PutSecondOrNull(json, "createdAt", UnlessNever(incident.created_at));
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

}  // namespace

Result<std::string> ReadMe(Call& call) {
  const auto key = call.services.keys.Find(BearerToken(call.request));
  if (key == nullptr) return Error(ErrorKind::kUnauthenticated, "Invalid API key provided");
  std::string data;
  JsonWriter json(data);
  json.BeginObject();
  json.Key("key_name").String(key->key.name);
  json.Key("permissions").BeginList();
  for (const std::string& word : PermissionsOf(key->key.scopes)) json.String(word);
  json.EndList();
  PutSecondOrNull(json, "created_at", UnlessNever(key->key.created_at));
  if (key->key.expires_at) {
    PutSecondOrNull(json, "expires_at", UnlessNever(*key->key.expires_at));
  }
  json.EndObject();
  return Success(data);
}

Result<std::string> ReadStatus(Call& call) {
  const std::vector<Shown> shown = PublicMonitors(call);
  Summary summary;
  for (const Shown& row : shown) summary.Count(row.status);
  std::string data;
  JsonWriter json(data);
  json.BeginObject().Key("status").String(summary.Overall());
  PHAROS_RETURN_IF_ERROR(WriteMonitors(call, shown, json));
  json.Key("summary").BeginObject();
  json.Key("total").Int(summary.total).Key("up").Int(summary.up);
  json.Key("down").Int(summary.down).Key("degraded").Int(summary.degraded);
  json.Key("maintenance").Int(summary.maintenance);
  json.EndObject();
  PHAROS_RETURN_IF_ERROR(WriteIncidents(call, json));
  PutSecondOrNull(json, "updatedAt", UnlessNever(call.clock.Now()));
  json.EndObject();
  call.headers.push_back({"cache-control", "no-store"});
  return Success(data);
}

}  // namespace pharos::api::kener_classic
