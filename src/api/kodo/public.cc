#include "api/kodo/public.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/page_look.h"
#include "api/kodo/services.h"
#include "api/kodo/shapes_more.h"
#include "api/kodo/status_pages.h"
#include "api/kodo/widget_script.h"
#include "api/kodo/words.h"
#include "base/text.h"
#include "service/incidents.h"
#include "service/maintenances.h"
#include "service/phones.h"
#include "service/site.h"

namespace pharos::api::kodo {
namespace {

using model::Status;
using service::MonitorPtr;

constexpr std::string_view kWhat = "Status page";
constexpr int kMaxShown = 50;

// A page that the world may see; others are as good as absent.
Result<model::Page> PublicPage(const Call& call) {
  const std::string slug = PathId(call, "slug");
  if (slug.empty()) return NotFound(kWhat);
  PHAROS_ASSIGN_OR_RETURN(model::Page page, PageOfSlug(call, slug));
  if (page.visibility != model::PageVisibility::kPublic) return NotFound(kWhat);
  return page;
}

std::vector<MonitorPtr> ShownServices(const Call& call, const model::Page& page) {
  std::vector<MonitorPtr> services;
  const auto add = [&](MonitorPtr one) {
    if (one != nullptr && one->kind == kServiceKind && one->active && !one->hidden) {
      services.push_back(std::move(one));
    }
  };
  if (page.all_monitors) {
    for (MonitorPtr& one : ListServices(call)) add(std::move(one));
  } else {
    for (const model::MonitorId id : page.monitors) {
      add(call.services.monitors.FindById(*call.who, id));
    }
  }
  return services;
}

// Worst service; maintenance only if nothing is worse.
Status Overall(const std::vector<Status>& statuses) {
  Status worst = Status::kUp;
  for (const Status status : statuses) {
    if (model::Severity(status) > model::Severity(worst)) worst = status;
  }
  return worst;
}

std::string_view Describe(Status status) {
  switch (status) {
    case Status::kUp:
    case Status::kNoData:
      return "All systems operational";
    case Status::kDegraded:
      return "Degraded performance";
    case Status::kPartialOutage:
      return "Partial outage";
    case Status::kDown:
      return "Major outage";
    case Status::kMaintenance:
      return "Under maintenance";
  }
  return "";
}

// Whether it names one of these services, or no service at all.
bool Concerns(const Call& call, const std::vector<model::IncidentImpact>& impacts,
              const std::vector<MonitorPtr>& services) {
  if (impacts.empty()) return true;
  return std::any_of(impacts.begin(), impacts.end(), [&](const model::IncidentImpact& impact) {
    const MonitorPtr named = call.services.monitors.FindById(*call.who, impact.monitor);
    return std::any_of(services.begin(), services.end(), [&](const MonitorPtr& service) {
      return service->id == impact.monitor || (named != nullptr && named->service == service->id);
    });
  });
}

pharos::Status PrintIncidents(JsonWriter& json, const Call& call, const model::Page& page,
                              const std::vector<MonitorPtr>& services) {
  service::IncidentQuery query;
  query.open_only = true;
  query.drafts = false;
  query.by_start = true;
  query.limit = kMaxShown;
  PHAROS_ASSIGN_OR_RETURN(const auto found, call.services.incidents.ListDetailed(*call.who, query));
  json.Key("incidents").BeginList();
  for (const service::IncidentDetail& detail : found) {
    const model::Incident& incident = detail.incident;
    const auto& only = incident.pages;
    if (!only.empty() && std::find(only.begin(), only.end(), page.id) == only.end()) continue;
    if (!Concerns(call, incident.impacts, services)) continue;
    json.BeginObject();
    PutText(json, "id", incident.uid);
    PutText(json, "title", incident.title);
    PutText(json, "status", IncidentStateWord(incident.state));
    PutText(json, "severity", SeverityWord(incident.severity));
    PutTime(json, "started_at", incident.started_at);
    PutTextOrNull(json, "message",
                  detail.updates.empty() ? std::string() : detail.updates.front().text);
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

pharos::Status PrintMaintenance(JsonWriter& json, const Call& call,
                                const std::vector<MonitorPtr>& services) {
  service::OccurrenceQuery query;
  query.ends_from = call.clock.Now();
  query.states = {model::OccurrenceState::kScheduled, model::OccurrenceState::kReady,
                  model::OccurrenceState::kOngoing};
  PHAROS_ASSIGN_OR_RETURN(const auto found,
                          call.services.maintenances.Occurrences(*call.who, query));
  json.Key("maintenance").BeginList();
  int shown = 0;
  for (const model::Occurrence& occurrence : found) {
    if (++shown > kMaxShown) break;
    const auto maintenance = call.services.maintenances.Get(*call.who, occurrence.maintenance);
    if (!maintenance || !maintenance->active) continue;
    if (!Concerns(call, maintenance->impacts, services)) continue;
    json.BeginObject();
    PutText(json, "id", maintenance->uid);
    PutText(json, "title", maintenance->title);
    PutText(json, "status", MaintenanceWord(occurrence.state));
    PutTime(json, "scheduled_start", occurrence.starts_at);
    PutTime(json, "scheduled_end", occurrence.ends_at);
    json.EndObject();
  }
  json.EndList();
  return Ok();
}

// The installation's own address; the request's Host is anybody's to choose.
std::string SiteUrl(const Call& call) { return call.services.site.PublicUrl(call.who->org); }

std::string UrlOf(const Call& call, const model::Page& page) {
  return SiteUrl(call) + (page.path.empty() ? "/" : "/status/" + page.path);
}

std::string PlainAnswer(Call& call, std::string_view text) {
  call.content_type = "text/plain; charset=utf-8";
  return std::string(text) + "\n";
}

}  // namespace

Result<std::string> GetPublicStatus(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PublicPage(call));
  PHAROS_ASSIGN_OR_RETURN(const auto running, RunningMaintenance::Load(call));
  const std::vector<MonitorPtr> services = ShownServices(call, page);
  std::vector<Status> statuses;
  for (const MonitorPtr& service : services) {
    statuses.push_back(StatusOfService(call, *service, running));
  }
  const Status overall = Overall(statuses);
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("page").BeginObject();
  PutText(json, "name", page.title.empty() ? page.header : page.title);
  PutText(json, "slug", SlugOf(page));
  PutText(json, "url", UrlOf(call, page));
  json.Key("primary_color").Tree(LookOf(page, "primary_color"));
  json.EndObject();
  PutText(json, "status", ServiceWord(overall));
  PutText(json, "description", Describe(overall));
  json.Key("services").BeginList();
  for (size_t i = 0; i < services.size(); ++i) {
    json.BeginObject();
    PutText(json, "id", services[i]->uid);
    PutText(json, "name", services[i]->name);
    PutText(json, "status", ServiceWord(statuses[i]));
    json.EndObject();
  }
  json.EndList();
  PHAROS_RETURN_IF_ERROR(PrintIncidents(json, call, page, services));
  PHAROS_RETURN_IF_ERROR(PrintMaintenance(json, call, services));
  json.EndObject();
  call.headers.push_back({"cache-control", "public, max-age=30"});
  return out;
}

Result<std::string> SubscribeToPage(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckOptional(MailSubscribeBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const model::Page page, PublicPage(call));
  service::PhoneSubscriberService::Wish wish;
  const auto phone = TextOf(call.body, "phone");
  const auto email = TextOf(call.body, "email");
  if (!phone && !email) return BadField("email", "Required");
  if (const auto code = TextOf(call.body, "code"); phone && code) {
    PHAROS_RETURN_IF_ERROR(call.services.phones.ConfirmPhone(*call.who, *phone, *code));
    return std::string(kSuccess);
  }
  wish.contact = email ? service::Contact::kMail : service::Contact::kPhone;
  wish.address = email ? *email : *phone;
  wish.page = page.uid;
  wish.link = SiteUrl(call) + "/api/public/status/" + SlugOf(page) + "/subscription";
  const auto made = call.services.phones.Subscribe(*call.who, std::move(wish));
  // Who is subscribed already is nobody else's business, so both cases answer the same.
  if (!made && made.error().kind != ErrorKind::kConflict) return made.error();
  return std::string(kSuccess);
}

Result<std::string> FollowSubscriptionLink(Call& call) {
  PHAROS_RETURN_IF_ERROR(PublicPage(call));
  const std::string subscriber = QueryText(call.request, "subscriber");
  const std::string secret = QueryText(call.request, "secret");
  if (QueryText(call.request, "action") == "end") {
    const auto ended = call.services.phones.Unsubscribe(*call.who, subscriber, secret);
    // Who is gone already has what they wanted.
    if (!ended && ended.error().kind != ErrorKind::kNotFound) return ended.error();
    return PlainAnswer(call, "Your subscription has ended.");
  }
  auto confirmed = call.services.phones.Confirm(*call.who, subscriber, secret);
  if (!confirmed) return NotFoundAs(std::move(confirmed).error(), "Subscriber");
  return PlainAnswer(call, "Your subscription is confirmed.");
}

Result<std::string> GetWidget(Call& call) {
  call.content_type = "text/javascript; charset=utf-8";
  call.headers.push_back({"cache-control", "public, max-age=300"});
  return std::string(WidgetScript());
}

}  // namespace pharos::api::kodo
