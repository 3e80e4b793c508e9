#include "notify/email/email_channel.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "notify/email/mail_text.h"
#include "notify/facts.h"
#include "notify/http_post.h"

namespace pharos::notify {
namespace {

using model::FieldType;
using Kind = SendOutcome::Kind;

constexpr Duration kAtMost = Seconds(15);

// What the log shows of a mail: the text part, not its encoded form.
std::string LogOf(const Wording& wording, const std::vector<std::string>& to) {
  std::string log = "To: ";
  for (const std::string& address : to) log += (log.size() > 4 ? ", " : "") + address;
  return log + "\nSubject: " + SubjectLine(wording) + "\n\n" + PlainPartOf(wording);
}

class EmailChannel : public Channel {
 public:
  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& config, std::vector<FieldError>& problems) const override {
    const std::vector<std::string> addresses = TextsIn(config, "emails");
    if (addresses.empty()) problems.push_back({"emails", "needs at least one address"});
    for (const std::string& address : addresses) {
      if (net::IsMailAddress(address)) continue;
      problems.push_back({"emails", "'" + Ellipsize(address, 60) + "' is no mail address"});
    }
  }

  void Send(const Outgoing& outgoing, const Value& config, Duration timeout, const Tools& tools,
            SendDone done) const override {
    if (tools.mail == nullptr) return done({Kind::kRejected, "no mail server is set up"});
    const Wording wording = WordingOf(outgoing);
    Envelope envelope;
    envelope.from = tools.mail->settings().from;
    envelope.to = TextsIn(config, "emails");
    envelope.message_id =
        UuidOf(outgoing.dedup_key) + envelope.from.substr(envelope.from.find('@'));
    envelope.at = tools.clock->Now();
    net::Mail mail;
    mail.to = envelope.to;
    mail.text = MailTextOf(wording, envelope);
    mail.timeout = std::min(timeout, kAtMost);
    tools.mail->Send(std::move(mail), [done = std::move(done), log = LogOf(wording, envelope.to)](
                                          net::MailAnswer answer) mutable {
      SendOutcome outcome;
      outcome.kind = answer.accepted   ? Kind::kSent
                     : answer.is_final ? Kind::kRejected
                                       : Kind::kRetry;
      outcome.error = std::move(answer.error);
      outcome.status_code = answer.code;
      outcome.payload = std::move(log);
      done(std::move(outcome));
    });
  }

 private:
  const Descriptor descriptor_{"email",
                               "E-mail",
                               {{.name = "emails",
                                 .type = FieldType::kTextList,
                                 .required = true,
                                 .max = 100,
                                 .help = "Addresses that get each message."}}};
};

}  // namespace

std::unique_ptr<Channel> MakeEmailChannel() { return std::make_unique<EmailChannel>(); }

}  // namespace pharos::notify
