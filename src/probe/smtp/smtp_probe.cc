#include "probe/smtp/smtp_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/certificate.h"
#include "probe/conversation.h"
#include "probe/smtp/smtp_talk.h"

namespace pharos::probe {
namespace {

using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr int64_t kMaxHours = 24 * 366 * 10;
constexpr size_t kMaxCapabilities = 20;
constexpr size_t kShownCapabilities = 50;

const std::vector<FieldSpec>& SmtpFields() {
  static const std::vector<FieldSpec> rows = [] {
    std::vector<FieldSpec> all = WithCommonFields({
        {.name = "host", .required = true, .min = 1, .max = 253, .help = "Name or address."},
        {.name = "port",
         .type = FieldType::kInt,
         .min = 1,
         .max = 65535,
         .help = "Port. Empty: 25, with starttls 587, with tls 465."},
        {.name = "security",
         .type = FieldType::kChoice,
         .fallback = "none",
         .choices = {"none", "starttls", "tls"},
         .help = "Plain text, STARTTLS after the greeting, or TLS from the first byte."},
        {.name = "require_starttls",
         .type = FieldType::kBool,
         .fallback = true,
         .help = "With starttls: a server that does not offer it is down."},
        {.name = "ehlo_name",
         .fallback = "pharos.invalid",
         .min = 1,
         .max = 253,
         .help = "Name to introduce ourselves with."},
        {.name = "greeting",
         .fallback = "",
         .max = 255,
         .help = "Text that the greeting must contain."},
        {.name = "capabilities",
         .type = FieldType::kTextList,
         .fallback = Value::List{},
         .max = static_cast<double>(kMaxCapabilities),
         .help = "What EHLO must offer: SIZE, AUTH LOGIN, ..."},
        {.name = "user", .fallback = "", .max = 255, .help = "User to log in; empty: no log-in."},
        {.name = "password",
         .fallback = "",
         .max = 1024,
         .secret = true,
         .help = "Password of user. $NAME is replaced by a secret."},
        {.name = "degraded_below_hours",
         .type = FieldType::kInt,
         .fallback = 168,
         .min = 0,
         .max = kMaxHours,
         .help = "With no more than this many hours left the certificate is degraded."},
        {.name = "down_below_hours",
         .type = FieldType::kInt,
         .fallback = 24,
         .min = 0,
         .max = kMaxHours,
         .help = "With no more than this many hours left it is down; 0: once it has expired."},
        IpVersionRow(),
    });
    for (FieldSpec& row : TlsRows()) all.push_back(std::move(row));
    return all;
  }();
  return rows;
}

SmtpSecurity SecurityOf(const SpecReader& reader) {
  const std::string text = reader.Text("security");
  return text == "tls"        ? SmtpSecurity::kTls
         : text == "starttls" ? SmtpSecurity::kStartTls
                              : SmtpSecurity::kNone;
}

uint16_t DefaultPort(SmtpSecurity security) {
  switch (security) {
    case SmtpSecurity::kNone:
      return 25;
    case SmtpSecurity::kStartTls:
      return 587;
    case SmtpSecurity::kTls:
      return 465;
  }
  return 25;
}

// One attempt, from its spec to the observation.
struct Attempt {
  CommonSpec common;
  int64_t degraded_below_hours = 0;
  int64_t down_below_hours = 0;
  bool verify_tls = true;
  Timestamp now{};
  std::shared_ptr<SmtpTalk> talk;
  std::shared_ptr<SecretExpander> secrets;
  Login login;
};

void AddFacts(const Attempt& attempt, const net::DialAnswer& answer, Observation& observation) {
  if (answer.chain) {
    observation.facts = ChainFacts(*answer.chain, attempt.now);
    AddChainEvidence(*answer.chain, attempt.now, observation.evidence);
  }
  const SmtpTalk& talk = *attempt.talk;
  if (talk.greeting().empty()) return;
  observation.evidence.emplace_back("greeting", ShownText(talk.greeting()));
  Value smtp;
  smtp.Set("greeting", ShownText(talk.greeting()));
  Value::List capabilities;
  std::string joined;
  for (size_t i = 0; i < std::min(talk.capabilities().size(), kShownCapabilities); ++i) {
    const std::string one = ShownText(talk.capabilities()[i]);
    joined += (joined.empty() ? "" : ", ") + one;
    capabilities.emplace_back(one);
  }
  if (!joined.empty()) observation.evidence.emplace_back("capabilities", Ellipsize(joined, 200));
  smtp.Set("capabilities", std::move(capabilities));
  smtp.Set("encrypted", talk.secured());
  smtp.Set("logged_in", talk.logged_in());
  observation.facts.Set("smtp", std::move(smtp));
}

Observation Judge(const Attempt& attempt, const net::DialAnswer& answer) {
  Observation observation = JudgeConversation(attempt.common, answer);
  const bool watches = attempt.verify_tls && answer.chain && !answer.chain->certificates.empty();
  if (observation.status == Status::kUp && watches) {
    const Observation expiry =
        JudgeExpiry(answer.chain->certificates.front(), attempt.degraded_below_hours,
                    attempt.down_below_hours, attempt.now);
    observation.status = expiry.status;
    observation.message = expiry.message;
  }
  AddFacts(attempt, answer, observation);
  HideLogin(*attempt.secrets, attempt.login, observation);
  return observation;
}

class SmtpProbe : public Probe {
 public:
  SmtpProbe() {
    descriptor_.kind = "smtp";
    descriptor_.title = "Mail server (SMTP)";
    descriptor_.posture =
        "The target gets EHLO, STARTTLS, AUTH when wanted, and QUIT; never mail. What was said "
        "before STARTTLS is forgotten; a password goes out encrypted and after the certificate was "
        "judged, or not at all. At most 256 KiB and a hundred lines per reply are read, texts cut, "
        "secrets taken out of messages and evidence. The address passes the policy.";
    descriptor_.fields = SmtpFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, SmtpFields());
    ValidateHost(reader, "host", problems);
    ValidateHost(reader, "ehlo_name", problems);
    ValidateTlsRows(reader, problems);
    if (reader.Int("degraded_below_hours") < reader.Int("down_below_hours")) {
      problems.push_back({"degraded_below_hours", "must not be less than down_below_hours"});
    }
    if (reader.Text("user").empty() != reader.Text("password").empty()) {
      problems.push_back({reader.Text("user").empty() ? "user" : "password",
                          "user and password must be given together"});
    }
    if (!reader.Text("user").empty() && SecurityOf(reader) == SmtpSecurity::kNone) {
      problems.push_back({"security", "must be starttls or tls to log in"});
    }
    for (const Value& wanted : reader.List("capabilities")) {
      if (wanted.IsString() && Trim(wanted.AsString()).empty()) {
        problems.push_back({"capabilities", "must not hold an empty text"});
        break;
      }
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, SmtpFields());
    Attempt attempt;
    attempt.common = ReadCommon(spec);
    attempt.degraded_below_hours = reader.Int("degraded_below_hours");
    attempt.down_below_hours = reader.Int("down_below_hours");
    attempt.verify_tls = reader.Bool("verify_tls");
    attempt.now = tools.clock->Now();
    attempt.secrets = std::make_shared<SecretExpander>(tools.secrets);
    SmtpWish wish;
    wish.security = SecurityOf(reader);
    wish.require_starttls = reader.Bool("require_starttls");
    wish.verify_tls = attempt.verify_tls;
    wish.ehlo_name = reader.Text("ehlo_name");
    wish.greeting = reader.Text("greeting");
    for (const Value& wanted : reader.List("capabilities")) {
      if (wanted.IsString()) wish.capabilities.push_back(wanted.AsString());
    }
    wish.user = attempt.secrets->Expand(reader.Text("user"));
    wish.password = attempt.secrets->Expand(reader.Text("password"));
    attempt.login = {wish.user, wish.password};
    net::DialRequest request = MakeDialRequest(reader, spec, purpose, attempt.now);
    if (request.port == 0) request.port = DefaultPort(wish.security);
    if (wish.security == SmtpSecurity::kTls) request.transport = net::Transport::kTls;
    attempt.talk = std::make_shared<SmtpTalk>(std::move(wish));
    const auto talk = attempt.talk;
    Converse(*tools.dialer, std::move(request), talk,
             [attempt = std::move(attempt), done = std::move(done)](const net::DialAnswer& answer) {
               done(Judge(attempt, answer));
             });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeSmtpProbe() { return std::make_unique<SmtpProbe>(); }

}  // namespace pharos::probe
