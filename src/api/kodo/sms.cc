#include "api/kodo/sms.h"

#include <utility>

#include "api/kodo/body.h"
#include "api/kodo/envelope.h"
#include "api/kodo/ids.h"
#include "api/kodo/shapes_more.h"

namespace pharos::api::kodo {
namespace {

using service::Contact;
using service::Subscriber;
using service::SubscriberPreferences;

constexpr std::string_view kWhat = "Subscriber";

void ApplyPreferences(const Value& body, SubscriberPreferences& preferences) {
  const Value* given = body.Find("preferences");
  if (given == nullptr || !given->IsObject()) return;
  Assign(preferences.all_incidents, BoolOf(*given, "all_incidents"));
  Assign(preferences.critical_only, BoolOf(*given, "critical_only"));
  Assign(preferences.resolutions, BoolOf(*given, "resolutions"));
  Assign(preferences.maintenance, BoolOf(*given, "maintenance"));
  Assign(preferences.services, TextsOf(*given, "services"));
}

std::string OneSubscriber(const Subscriber& subscriber) {
  std::string out;
  JsonWriter json(out);
  PrintSubscriber(json, subscriber);
  return out;
}

Result<Subscriber> OfPath(const Call& call) {
  auto found = call.services.phones.Get(*call.who, PathId(call));
  if (!found) return NotFoundAs(std::move(found).error(), kWhat);
  return found;
}

}  // namespace

void PrintSubscriber(JsonWriter& json, const Subscriber& subscriber) {
  const bool is_phone = subscriber.contact == Contact::kPhone;
  json.BeginObject();
  PutText(json, "id", subscriber.uid);
  PutText(json, "type", is_phone ? "sms" : "email");
  PutText(json, is_phone ? "phone" : "email", subscriber.address);
  json.Key("verified").Bool(subscriber.verified);
  json.Key("preferences").BeginObject();
  json.Key("all_incidents").Bool(subscriber.preferences.all_incidents);
  json.Key("critical_only").Bool(subscriber.preferences.critical_only);
  json.Key("services").BeginList();
  for (const std::string& uid : subscriber.preferences.services) json.String(uid);
  json.EndList();
  json.Key("resolutions").Bool(subscriber.preferences.resolutions);
  json.Key("maintenance").Bool(subscriber.preferences.maintenance);
  json.EndObject();
  PutTime(json, "created_at", subscriber.created_at);
  PutTime(json, "updated_at", subscriber.updated_at);
  json.EndObject();
}

Result<std::string> ListSubscribers(Call& call) {
  const Paging paging = ReadPaging(call.request, 50, 200);
  const bool mail = QueryText(call.request, "type") == "email";
  PHAROS_ASSIGN_OR_RETURN(
      const auto subscribers,
      call.services.phones.List(*call.who, mail ? Contact::kMail : Contact::kPhone, paging.limit,
                                paging.offset));
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("subscribers").BeginList();
  for (const Subscriber& subscriber : subscribers) PrintSubscriber(json, subscriber);
  json.EndList().EndObject();
  return out;
}

Result<std::string> CreateSubscriber(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(SubscriberBody(), call.body));
  service::PhoneSubscriberService::Wish wish;
  wish.address = TextOf(call.body, "phone").value_or(std::string());
  wish.verified = call.body.BoolOr("verified", false);
  ApplyPreferences(call.body, wish.preferences);
  PHAROS_ASSIGN_OR_RETURN(const auto made,
                          call.services.phones.Subscribe(*call.who, std::move(wish)));
  return OneSubscriber(made.subscriber);
}

Result<std::string> GetSubscriber(Call& call) {
  PHAROS_ASSIGN_OR_RETURN(const Subscriber subscriber, OfPath(call));
  return OneSubscriber(subscriber);
}

Result<std::string> UpdateSubscriber(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckChange(SubscriberChangeBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const Subscriber subscriber, OfPath(call));
  SubscriberPreferences preferences = subscriber.preferences;
  ApplyPreferences(call.body, preferences);
  auto changed = call.services.phones.PutPreferences(*call.who, subscriber.uid, preferences);
  if (!changed) return NotFoundAs(std::move(changed).error(), kWhat);
  return OneSubscriber(*changed);
}

Result<std::string> DeleteSubscriber(Call& call) {
  if (Status gone = call.services.phones.Delete(*call.who, PathId(call)); !gone) {
    return NotFoundAs(std::move(gone).error(), kWhat);
  }
  return std::string(kSuccess);
}

Result<std::string> TakeSmsReply(Call& call) {
  PHAROS_RETURN_IF_ERROR(CheckCreate(SmsReplyBody(), call.body));
  PHAROS_ASSIGN_OR_RETURN(const bool ended, call.services.phones.HandleReply(
                                                *call.who, TextOf(call.body, "from").value_or(""),
                                                TextOf(call.body, "body").value_or("")));
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Key("success")
      .Bool(true)
      .Key("unsubscribed")
      .Bool(ended)
      .EndObject();
  return out;
}

}  // namespace pharos::api::kodo
