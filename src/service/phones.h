#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "model/delivery.h"
#include "model/principal.h"
#include "model/record.h"
#include "service/context.h"
#include "service/direct_send.h"

namespace pharos::service {

// How somebody hears of incidents.
enum class Contact : uint8_t { kPhone, kMail };

struct SubscriberPreferences {
  bool all_incidents = true;
  bool critical_only = false;
  std::vector<std::string> services;  // uids; empty = all
  bool resolutions = true;
  bool maintenance = false;

  bool operator==(const SubscriberPreferences&) const = default;
};

struct Subscriber {
  std::string uid;
  Contact contact = Contact::kPhone;
  std::string address;  // E.164, or an e-mail address in lower case
  std::string page;     // uid of the page that was subscribed to; empty = all
  bool verified = false;
  SubscriberPreferences preferences;
  Timestamp created_at{};
  Timestamp updated_at{};
};

// People who asked to be told by SMS or e-mail (kodo.md 19, 20). A number gets a code of six
// digits, an address a secret for its link; only who confirms is told anything. Thread-safe; blocks
// on the store. Errors: kNotFound ("Subscriber not found"), kConflict (exists and is verified),
// kInvalid with fields "phone", "email", "code".
class PhoneSubscriberService {
 public:
  static constexpr int kMaxSubscribers = 50'000;
  static constexpr int kMaxTries = 5;  // wrong codes before a new one is needed
  // Messages to people who did not ask yet, of all organisations: whoever finds a form on a page
  // shall not send bills or spam through it.
  static constexpr size_t kMaxCodesPerHour = 200;

  PhoneSubscriberService(const Context& context, DirectSend send)
      : context_(context), send_(std::move(send)) {}

  struct Wish {
    Contact contact = Contact::kPhone;
    std::string address;
    std::string page;
    bool verified = false;  // an operator vouches for it; no code is sent
    SubscriberPreferences preferences;
    // Of the page, for the confirmation link of an e-mail; "<base>?subscriber=..&secret=.." is
    // sent.
    std::string link;
  };
  struct Outcome {
    Subscriber subscriber;
    bool code_sent = false;  // false: no channel of that kind is configured, or none is needed
  };
  // Somebody who is there and not verified gets a new code, at most one a minute.
  Result<Outcome> Subscribe(const model::Principal& who, Wish wish);
  // The code of a phone or the secret of a link. Error: kInvalid "code".
  Result<Subscriber> Confirm(const model::Principal& who, std::string_view uid,
                             std::string_view code);

  // The same by number, for people who do not know their uid; nobody learns from the answer whether
  // the number is known.
  Result<Subscriber> ConfirmPhone(const model::Principal& who, std::string_view phone,
                                  std::string_view code);

  Result<std::vector<Subscriber>> List(const model::Principal& who, Contact contact, int limit,
                                       int offset) const;
  Result<Subscriber> Get(const model::Principal& who, std::string_view uid) const;
  Result<Subscriber> PutPreferences(const model::Principal& who, std::string_view uid,
                                    const SubscriberPreferences& preferences);
  Status Delete(const model::Principal& who, std::string_view uid);
  // With the secret that the confirmation link had. Error: kInvalid "code".
  Status Unsubscribe(const model::Principal& who, std::string_view uid, std::string_view secret);

  // A text that came from a phone: STOP and its like end the subscription. True when it did.
  Result<bool> HandleReply(const model::Principal& who, std::string_view phone,
                           std::string_view text);

 private:
  Result<bool> SendCode(const model::Principal& who, const Subscriber& subscriber,
                        const std::string& code, const std::string& link);

  bool MaySendCode();

  Context context_;
  DirectSend send_;
  Guarded<std::deque<Timestamp>> sent_codes_;  // of the last hour
};

// How subscribers are kept; for those who tell them something.
inline constexpr std::string_view kSubscriberCollection = "subscribers";
Subscriber SubscriberOf(const model::Record& record);
// The first enabled channel of the fitting kind, whose account people are told through; for phones
// also the organisation's own account (settings "sms") without a channel.
Result<std::optional<model::Channel>> FindLender(const Context& context, model::OrgId org,
                                                 Contact contact);
// The lender's config with this receiver.
Value ConfigFor(const model::Channel& lender, const Subscriber& subscriber);

}  // namespace pharos::service
