#include "service/phones.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "service/organisations.h"
#include "service/phone_numbers.h"
#include "service/records.h"
#include "store/delivery_store.h"

namespace pharos::service {
namespace {

constexpr std::string_view kSubscribers = kSubscriberCollection;
constexpr std::string_view kMissing = "Subscriber not found";
constexpr Duration kCodeLife = Minutes(15);
constexpr Duration kLinkLife = Days(2);
constexpr Duration kBetweenCodes = Minutes(1);

std::string_view FieldOf(Contact contact) { return contact == Contact::kPhone ? "phone" : "email"; }

void Store(const Subscriber& s, Value& data) {
  Value preferences;
  preferences.Set("all_incidents", s.preferences.all_incidents);
  preferences.Set("critical_only", s.preferences.critical_only);
  preferences.Set("resolutions", s.preferences.resolutions);
  preferences.Set("maintenance", s.preferences.maintenance);
  Value::List services;
  for (const std::string& uid : s.preferences.services) services.push_back(uid);
  preferences.Set("services", std::move(services));
  data.Set("address", s.address);
  data.Set("page", s.page);
  data.Set("verified", s.verified);
  data.Set("preferences", std::move(preferences));
}

// Six digits that are equally likely.
std::string RandomCode() {
  while (true) {
    const std::string bytes = RandomBytes(4);
    uint32_t number = 0;
    for (const char c : bytes) number = number * 256 + static_cast<unsigned char>(c);
    if (number >= 4'294'000'000U) continue;  // the rest of the division would favour low codes
    const std::string digits = std::to_string(number % 1'000'000);
    return std::string(6 - digits.size(), '0') + digits;
  }
}

// A code for another subscriber is worth nothing here, so the uid is hashed with it.
std::string HashCode(std::string_view uid, std::string_view code) {
  return HashKeyText(std::string(uid) + ":" + std::string(code));
}

Error WrongCode() { return Error::Field("code", "Invalid or expired code"); }

}  // namespace

Subscriber SubscriberOf(const model::Record& record) {
  const Value& data = record.data;
  Subscriber s;
  s.uid = record.uid;
  s.contact = record.parent == "email" ? Contact::kMail : Contact::kPhone;
  s.address = data.StringOr("address", "");
  s.page = data.StringOr("page", "");
  s.verified = data.BoolOr("verified", false);
  s.created_at = record.created_at;
  s.updated_at = record.updated_at;
  const Value* stored = data.Find("preferences");
  if (stored == nullptr) return s;
  SubscriberPreferences& p = s.preferences;
  p.all_incidents = stored->BoolOr("all_incidents", true);
  p.critical_only = stored->BoolOr("critical_only", false);
  p.resolutions = stored->BoolOr("resolutions", true);
  p.maintenance = stored->BoolOr("maintenance", false);
  if (const Value* services = stored->Find("services"); services != nullptr && services->IsList()) {
    for (const Value& uid : services->AsList()) p.services.push_back(uid.AsString());
  }
  return s;
}

Result<std::optional<model::Channel>> FindLender(const Context& context, model::OrgId org,
                                                 Contact contact) {
  const bool is_phone = contact == Contact::kPhone;
  const std::string_view kind = is_phone ? "sms" : "email";
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context.store.Read());
    PHAROS_ASSIGN_OR_RETURN(auto channels, context.store.deliveries().ListChannels(*session, org));
    for (model::Channel& channel : channels) {
      if (channel.enabled && channel.kind == kind) return std::optional(std::move(channel));
    }
  }
  if (!is_phone) return std::optional<model::Channel>();
  PHAROS_ASSIGN_OR_RETURN(const Value settings, OrganisationService(context).Settings(org));
  const Value* sms = settings.Find("sms");
  if (sms == nullptr || !sms->BoolOr("enabled", false)) return std::optional<model::Channel>();
  model::Channel account;
  account.org = org;
  account.kind = kind;
  account.config = Value(Value::Object());
  return std::optional(std::move(account));
}

Value ConfigFor(const model::Channel& lender, const Subscriber& subscriber) {
  return subscriber.contact == Contact::kPhone ? WithPhoneNumber(lender.config, subscriber.address)
                                               : WithMailAddress(lender.config, subscriber.address);
}

Result<PhoneSubscriberService::Outcome> PhoneSubscriberService::Subscribe(
    const model::Principal& who, Wish wish) {
  const bool is_phone = wish.contact == Contact::kPhone;
  if (!is_phone) wish.address = AsciiLower(wish.address);
  if (!(is_phone ? IsPhoneNumber(wish.address) : IsMailAddress(wish.address))) {
    return Error::Field(std::string(FieldOf(wish.contact)),
                        is_phone ? "Expected E.164 format" : "Invalid email");
  }
  const Timestamp now = context_.clock.Now();
  const std::string code = is_phone ? RandomCode() : HexLower(RandomBytes(24));
  bool send = !wish.verified;
  Outcome outcome;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        auto& records = context_.store.records();
        const std::string key = std::string(FieldOf(wish.contact)) + ":" + wish.address;
        PHAROS_ASSIGN_OR_RETURN(auto record, records.FindByKey(tx, who.org, kSubscribers, key));
        const bool fresh = !record;
        if (fresh) {
          PHAROS_ASSIGN_OR_RETURN(const int64_t count, records.Count(tx, who.org, kSubscribers));
          if (count >= kMaxSubscribers) {
            return Error(ErrorKind::kTooLarge, "There are too many subscribers");
          }
          record = NewRecord(who.org, kSubscribers, Value(Value::Object()), now);
          record->key = key;
          record->parent = FieldOf(wish.contact);
        } else if (record->data.BoolOr("verified", false)) {
          return Error(ErrorKind::kConflict, "This subscriber already exists");
        }
        Subscriber subscriber = SubscriberOf(*record);
        subscriber.contact = wish.contact;
        subscriber.address = wish.address;
        subscriber.page = wish.page;
        subscriber.verified = wish.verified;
        subscriber.preferences = wish.preferences;
        Store(subscriber, record->data);
        const auto last = TimeMember(record->data, "code_sent_at");
        if (last && now < *last + kBetweenCodes) send = false;
        if (send) {
          record->data.Set("code_hash", HashCode(record->uid, code));
          record->data.Set("code_until", ToUnixMicros(now + (is_phone ? kCodeLife : kLinkLife)));
          record->data.Set("code_sent_at", ToUnixMicros(now));
          record->data.Set("tries", 0);
        }
        record->updated_at = now;
        if (fresh) {
          PHAROS_ASSIGN_OR_RETURN(*record, records.Insert(tx, std::move(*record)));
        } else {
          PHAROS_RETURN_IF_ERROR(records.Update(tx, *record));
        }
        outcome.subscriber = SubscriberOf(*record);
        return MakeAudit(who, fresh ? "subscriber.created" : "subscriber.updated",
                         {"subscriber", record->uid}, now);
      }));
  if (send && !MaySendCode()) {
    return Error(ErrorKind::kRateLimited, "Too many confirmations were asked for");
  }
  if (send) {
    PHAROS_ASSIGN_OR_RETURN(outcome.code_sent, SendCode(who, outcome.subscriber, code, wish.link));
  }
  return outcome;
}

bool PhoneSubscriberService::MaySendCode() {
  const Timestamp now = context_.clock.Now();
  return sent_codes_.Write([&](std::deque<Timestamp>& sent) {
    while (!sent.empty() && sent.front() <= now - Hours(1)) sent.pop_front();
    if (sent.size() >= kMaxCodesPerHour) return false;
    sent.push_back(now);
    return true;
  });
}

Result<bool> PhoneSubscriberService::SendCode(const model::Principal& who,
                                              const Subscriber& subscriber, const std::string& code,
                                              const std::string& link) {
  const bool is_phone = subscriber.contact == Contact::kPhone;
  PHAROS_ASSIGN_OR_RETURN(const auto lender, FindLender(context_, who.org, subscriber.contact));
  if (!lender) return false;
  std::string text;
  if (is_phone) {
    text = "Your confirmation code is " + code + ". Reply STOP to end.";
  } else {
    text = "Confirm that you want to hear of incidents: " + link +
           (link.find('?') == std::string::npos ? "?" : "&") + "subscriber=" + subscriber.uid +
           "&secret=" + code;
  }
  send_(lender->kind, ConfigFor(*lender, subscriber),
        PlainMessage(who.org, "subscriber.confirm", RandomUuid(), "Confirm your subscription", text,
                     context_.clock.Now()),
        [](const notify::SendOutcome&) {});
  return true;
}

Result<Subscriber> PhoneSubscriberService::Confirm(const model::Principal& who,
                                                   std::string_view uid, std::string_view code) {
  const Timestamp now = context_.clock.Now();
  Subscriber subscriber;
  bool right = false;
  // A wrong try is written too, so it ends as a success of the transaction.
  PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
    PHAROS_ASSIGN_OR_RETURN(
        auto record, RequireRecord(context_.store, tx, who.org, kSubscribers, uid, kMissing));
    Value& data = record.data;
    const int64_t tries = data.IntOr("tries", 0);
    const auto until = TimeMember(data, "code_until");
    right = until && now < *until && tries < kMaxTries &&
            ConstantTimeEquals(data.StringOr("code_hash", ""), HashCode(uid, code));
    if (right) {
      data.Set("verified", true);
      data.Remove("code_until");
      // The secret of a link also ends the subscription later.
      if (record.parent == "email") data.Set("secret_hash", data.StringOr("code_hash", ""));
      data.Remove("code_hash");
    } else {
      data.Set("tries", tries + 1);
    }
    record.updated_at = now;
    subscriber = SubscriberOf(record);
    return context_.store.records().Update(tx, record);
  }));
  if (!right) return WrongCode();
  return subscriber;
}

Result<Subscriber> PhoneSubscriberService::ConfirmPhone(const model::Principal& who,
                                                        std::string_view phone,
                                                        std::string_view code) {
  std::string uid;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto record,
                            context_.store.records().FindByKey(*session, who.org, kSubscribers,
                                                               "phone:" + std::string(phone)));
    if (!record) return WrongCode();
    uid = record->uid;
  }
  return Confirm(who, uid, code);
}

Result<std::vector<Subscriber>> PhoneSubscriberService::List(const model::Principal& who,
                                                             Contact contact, int limit,
                                                             int offset) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto records,
                          context_.store.records().List(
                              *session, who.org, kSubscribers,
                              {.parent = FieldOf(contact), .limit = limit, .offset = offset}));
  std::vector<Subscriber> subscribers;
  for (const model::Record& record : records) subscribers.push_back(SubscriberOf(record));
  return subscribers;
}

Result<Subscriber> PhoneSubscriberService::Get(const model::Principal& who,
                                               std::string_view uid) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto record, RequireRecord(context_.store, *session, who.org,
                                                           kSubscribers, uid, kMissing));
  return SubscriberOf(record);
}

Result<Subscriber> PhoneSubscriberService::PutPreferences(
    const model::Principal& who, std::string_view uid, const SubscriberPreferences& preferences) {
  const Timestamp now = context_.clock.Now();
  Subscriber subscriber;
  PHAROS_RETURN_IF_ERROR(
      WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
        PHAROS_ASSIGN_OR_RETURN(
            auto record, RequireRecord(context_.store, tx, who.org, kSubscribers, uid, kMissing));
        subscriber = SubscriberOf(record);
        subscriber.preferences = preferences;
        subscriber.updated_at = now;
        Store(subscriber, record.data);
        record.updated_at = now;
        PHAROS_RETURN_IF_ERROR(context_.store.records().Update(tx, record));
        return MakeAudit(who, "subscriber.updated", {"subscriber", record.uid}, now);
      }));
  return subscriber;
}

Status PhoneSubscriberService::Delete(const model::Principal& who, std::string_view uid) {
  return WriteAudited(context_, [&](store::Transaction& tx) -> Result<model::AuditEntry> {
    PHAROS_RETURN_IF_ERROR(RequireRecord(context_.store, tx, who.org, kSubscribers, uid, kMissing));
    PHAROS_RETURN_IF_ERROR(context_.store.records().Delete(tx, who.org, kSubscribers, uid));
    return MakeAudit(who, "subscriber.deleted", {"subscriber", std::string(uid)},
                     context_.clock.Now());
  });
}

Status PhoneSubscriberService::Unsubscribe(const model::Principal& who, std::string_view uid,
                                           std::string_view secret) {
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto record, RequireRecord(context_.store, *session, who.org,
                                                             kSubscribers, uid, kMissing));
    const std::string known =
        record.data.StringOr("secret_hash", record.data.StringOr("code_hash", ""));
    if (known.empty() || !ConstantTimeEquals(known, HashCode(uid, secret))) return WrongCode();
  }
  return Delete(who, uid);
}

Result<bool> PhoneSubscriberService::HandleReply(const model::Principal& who,
                                                 std::string_view phone, std::string_view text) {
  constexpr std::array<std::string_view, 6> kStopWords = {"stop",   "stopall", "unsubscribe",
                                                          "cancel", "end",     "quit"};
  const std::string word = AsciiLower(Trim(text));
  if (std::find(kStopWords.begin(), kStopWords.end(), word) == kStopWords.end()) return false;
  std::string uid;
  {
    PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
    PHAROS_ASSIGN_OR_RETURN(const auto record,
                            context_.store.records().FindByKey(*session, who.org, kSubscribers,
                                                               "phone:" + std::string(phone)));
    if (!record) return false;
    uid = record->uid;
  }
  PHAROS_RETURN_IF_ERROR(Delete(who, uid));
  return true;
}

}  // namespace pharos::service
