#include "probe/domain/domain_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/url.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/domain/lookup.h"
#include "probe/domain/public_suffixes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr int64_t kMaxDays = 3660;

const std::vector<FieldSpec>& DomainFields() {
  static const std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "domain",
       .required = true,
       .min = 1,
       .max = 253,
       .help = "The registered name: no protocol, no subdomain. International names as xn--."},
      {.name = "degraded_below_days",
       .type = FieldType::kInt,
       .fallback = 60,
       .min = 0,
       .max = kMaxDays,
       .help = "With no more than this many days left the registration is degraded."},
      {.name = "down_below_days",
       .type = FieldType::kInt,
       .fallback = 0,
       .min = 0,
       .max = kMaxDays,
       .help = "With no more than this many days left it is down; 0: once it has expired."},
      {.name = "source",
       .type = FieldType::kChoice,
       .fallback = "auto",
       .choices = {"auto", "rdap", "whois"},
       .help = "Whom to ask: RDAP and then WHOIS, or one of them only."},
      {.name = "rdap_url",
       .fallback = "",
       .max = 2048,
       .help = "Base address of the registry's RDAP service; empty: from the built-in table, "
               "else https://rdap.org/."},
      {.name = "whois_server",
       .fallback = "",
       .max = 260,
       .help = "Host, or host:port, of the registry's WHOIS server; empty: from the built-in "
               "table, else whois.iana.org."},
  });
  return rows;
}

struct DomainSpec {
  CommonSpec common;
  std::string domain;
  int64_t degraded_below_days = 0;
  int64_t down_below_days = 0;
};

std::string DayOf(Timestamp t) { return FormatIsoSeconds(t).substr(0, 10); }

int64_t DaysLeft(Timestamp until, Timestamp now) {
  return FloorDiv((until - now).count(), Days(1).count());
}

std::string DaysText(int64_t days) {
  if (days < 1) return "less than a day";
  return std::to_string(days) + (days == 1 ? " day" : " days");
}

// The registry's states in which a name is lost or no longer resolves (RFC 8056, RFC 5731), without
// blanks and capitals.
const char* TroubleOf(std::string_view status, bool& is_lost) {
  std::string word;
  for (const char c : AsciiLower(status)) {
    if (c >= 'a' && c <= 'z') word += c;
  }
  is_lost = word == "redemptionperiod" || word == "pendingdelete";
  if (is_lost)
    return word[0] == 'r' ? "registration is in redemption" : "registration is being deleted";
  if (word == "clienthold" || word == "serverhold") return "registration is on hold";
  return nullptr;
}

Observation JudgeStatus(const Registration& registration) {
  Observation worst = MakeObservation(CheckOutcome::kAnswered, Status::kUp, "");
  for (const std::string& status : registration.status) {
    bool is_lost = false;
    const char* trouble = TroubleOf(status, is_lost);
    if (trouble == nullptr) continue;
    const Status verdict = is_lost ? Status::kDown : Status::kDegraded;
    if (worst.status == Status::kUp || is_lost) {
      worst = MakeObservation(CheckOutcome::kAnswered, verdict, trouble);
    }
  }
  return worst;
}

Observation JudgeRegistration(const DomainSpec& spec, const Registration& registration,
                              Timestamp now) {
  Observation by_status = JudgeStatus(registration);
  if (!registration.expires) return by_status;
  const Timestamp until = *registration.expires;
  const Duration left = until - now;
  if (left <= Duration::zero()) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown,
                           "registration expired on " + DayOf(until));
  }
  const std::string message =
      "registration expires in " + DaysText(DaysLeft(until, now)) + ", on " + DayOf(until);
  if (left <= Days(spec.down_below_days)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDown, message);
  }
  if (by_status.status != Status::kUp) return by_status;
  if (left <= Days(spec.degraded_below_days)) {
    return MakeObservation(CheckOutcome::kAnswered, Status::kDegraded, message);
  }
  return by_status;
}

Value DateOrNull(const std::optional<Timestamp>& date) {
  return date ? Value(FormatIsoSeconds(*date)) : Value();
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value ListOf(const std::vector<std::string>& texts) {
  Value::List list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

Value FactsOf(const LookupAnswer& answer, Timestamp now) {
  const Registration& registration = answer.registration;
  Value out;
  out.Set("registrar", TextOrNull(registration.registrar));
  out.Set("registrar_url", TextOrNull(registration.registrar_url));
  out.Set("created_date", DateOrNull(registration.created));
  out.Set("updated_date", DateOrNull(registration.updated));
  out.Set("expiry_date", DateOrNull(registration.expires));
  out.Set("days_until_expiry",
          registration.expires ? Value(DaysLeft(*registration.expires, now)) : Value());
  out.Set("nameservers", ListOf(registration.nameservers));
  out.Set("status", ListOf(registration.status));
  out.Set("source", answer.source);
  Value facts;
  facts.Set("registration", std::move(out));
  return facts;
}

void AddEvidence(const LookupAnswer& answer, Timestamp now, Evidence& evidence) {
  const Registration& registration = answer.registration;
  const auto add = [&evidence](const char* name, const std::string& text) {
    if (!text.empty()) evidence.emplace_back(name, Ellipsize(SanitizeUtf8(text), 200));
  };
  add("source", answer.source);
  if (answer.kind == LookupAnswer::Kind::kFound) {
    add("registrar", registration.registrar);
    add("expiry", registration.expires
                      ? FormatIsoSeconds(*registration.expires) + ", " +
                            std::to_string(DaysLeft(*registration.expires, now)) + " days left"
                      : "not published by the registry");
    std::string servers;
    for (const std::string& name : registration.nameservers) {
      servers += (servers.empty() ? "" : ", ") + name;
    }
    add("name servers", servers);
  }
  add("detail", answer.message);
}

Observation Judge(const DomainSpec& spec, const LookupAnswer& answer, Timestamp now) {
  Observation observation;
  switch (answer.kind) {
    case LookupAnswer::Kind::kFound:
      observation = JudgeRegistration(spec, answer.registration, now);
      observation.facts = FactsOf(answer, now);
      if (const auto& until = answer.registration.expires) {
        observation.code =
            static_cast<int32_t>(std::clamp<int64_t>(DaysLeft(*until, now), -100'000, 100'000));
      }
      break;
    case LookupAnswer::Kind::kNotRegistered:
      observation = MakeObservation(CheckOutcome::kAnswered, Status::kDown,
                                    "domain " + spec.domain + " is not registered");
      break;
    case LookupAnswer::Kind::kUnknown:
      // A registry that does not answer says nothing about the domain (architecture D17).
      observation = MakeObservation(CheckOutcome::kBlind, Status::kNoData,
                                    "registration could not be looked up: " + answer.message);
      break;
    case LookupAnswer::Kind::kBlocked:
      observation = MakeObservation(CheckOutcome::kBlocked, Status::kNoData, answer.message);
      break;
  }
  if (observation.outcome == CheckOutcome::kAnswered && answer.took_us >= 0) {
    observation.latency_ms = RoundedMillis(answer.took_us);
    JudgeLatency(spec.common, observation);
  }
  AddEvidence(answer, now, observation.evidence);
  return observation;
}

bool IsServer(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return IsHost(text);
  const auto port = ParseInt(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535 && IsHost(text.substr(0, colon));
}

class DomainProbe : public Probe {
 public:
  DomainProbe() {
    descriptor_.kind = "domain";
    descriptor_.title = "Domain registration";
    descriptor_.posture =
        "Registries, and whoever can alter unencrypted WHOIS on its way, control every byte of the "
        "answer. RDAP is read from 256 KiB of JSON at most, WHOIS from 64 KiB and 2000 lines by a "
        "parser that never fails; lists and texts are cut. One referral is followed, to port 43, "
        "and its address passes the outbound policy like every other. A registry that does not "
        "answer is no data, never down.";
    descriptor_.fields = DomainFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, DomainFields());
    const std::string domain = reader.Text("domain");
    if (!domain.empty() && !IsRegistrableDomain(domain)) {
      problems.push_back({"domain", "must be a registrable name: no protocol, no subdomain"});
    }
    if (reader.Int("degraded_below_days") < reader.Int("down_below_days")) {
      problems.push_back({"degraded_below_days", "must not be less than down_below_days"});
    }
    if (const std::string url = reader.Text("rdap_url"); !url.empty()) {
      if (auto parsed = net::Url::Parse(url); !parsed) {
        problems.push_back({"rdap_url", parsed.error().message});
      }
    }
    const std::string server = reader.Text("whois_server");
    if (!server.empty() && !IsServer(server)) {
      problems.push_back({"whois_server", "must be a host name, or host:port"});
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    const SpecReader reader(spec, DomainFields());
    DomainSpec wanted{ReadCommon(spec), AsciiLower(reader.Text("domain")),
                      reader.Int("degraded_below_days"), reader.Int("down_below_days")};
    // A spec may be stored before it is complete.
    if (!IsRegistrableDomain(wanted.domain)) {
      return done(MakeObservation(CheckOutcome::kError, Status::kDown, "no domain to look up"));
    }
    LookupRequest request;
    request.domain = wanted.domain;
    const std::string source = reader.Text("source");
    request.source = source == "rdap"    ? RegistrySource::kRdap
                     : source == "whois" ? RegistrySource::kWhois
                                         : RegistrySource::kAuto;
    request.rdap_url = reader.Text("rdap_url");
    request.whois_server = AsciiLower(reader.Text("whois_server"));
    request.timeout = wanted.common.timeout;
    request.purpose = purpose;
    LookUpRegistration(
        std::move(request), tools,
        [wanted = std::move(wanted), now = tools.clock->Now(),
         done = std::move(done)](const LookupAnswer& answer) { done(Judge(wanted, answer, now)); });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeDomainProbe() { return std::make_unique<DomainProbe>(); }

}  // namespace pharos::probe
