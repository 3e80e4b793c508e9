#include "probe/dns/dns_probe.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/dns/dns_query.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;

constexpr Duration kCanaryTimeout = Seconds(2);
constexpr size_t kMaxValues = 50;
constexpr size_t kMaxShownRecords = 20;
constexpr size_t kShownBytes = 120;

const std::vector<FieldSpec>& DnsFields() {
  static const std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "host",
       .required = true,
       .min = 1,
       .max = 253,
       .help = "Name to look up; for PTR also an address."},
      {.name = "record_type",
       .type = FieldType::kChoice,
       .fallback = "A",
       .choices = RecordTypeNames(),
       .help = "Type of the records to ask for."},
      {.name = "values",
       .type = FieldType::kTextList,
       .fallback = Value::List{},
       .max = static_cast<double>(kMaxValues),
       .help = "Expected values; empty: any record of the type will do."},
      {.name = "match",
       .type = FieldType::kChoice,
       .fallback = "any",
       .choices = {"any", "all"},
       .help = "Whether one of the values is enough or all must be there."},
      {.name = "name_server",
       .fallback = "",
       .max = 260,
       .help = "Server to ask, host or host:port; empty: those of this server's system."},
      {.name = "transport",
       .type = FieldType::kChoice,
       .fallback = "udp",
       .choices = {"udp", "tcp", "tls"},
       .help = "UDP falls back to TCP when an answer does not fit; tls needs name_server."},
      {.name = "tls_port",
       .type = FieldType::kInt,
       .fallback = 853,
       .min = 1,
       .max = 65535,
       .help = "Port for transport tls, unless name_server has one."},
      {.name = "tls_server_name",
       .fallback = "",
       .max = 253,
       .help = "Name to ask for and to verify; empty: the name server's host."},
      {.name = "verify_tls",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A certificate that is not trusted or for another name is a failure."},
  });
  return rows;
}

struct DnsSpec {
  CommonSpec common;
  std::string host;
  std::string type;
  bool all = false;
  std::vector<std::string> values;  // normal form
};

DnsSpec ReadSpec(const SpecReader& reader, const Value& spec) {
  DnsSpec out{ReadCommon(spec),
              reader.Text("host"),
              reader.Text("record_type"),
              reader.Text("match") == "all",
              {}};
  for (const Value& value : reader.List("values")) {
    const std::string text = value.IsString() ? NormalDnsValue(value.AsString()) : std::string();
    if (!text.empty()) out.values.push_back(text);
  }
  return out;
}

bool IsThere(const DnsReply& reply, const std::string& value) {
  return std::any_of(reply.records.begin(), reply.records.end(), [&](const DnsRecord& record) {
    return std::any_of(record.forms.begin(), record.forms.end(),
                       [&](const std::string& form) { return NormalDnsValue(form) == value; });
  });
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return Ellipsize(SanitizeUtf8(all), kShownBytes);
}

std::vector<std::string> ShownRecords(const DnsReply& reply) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(reply.records.size(), kMaxShownRecords); ++i) {
    shown.push_back(Ellipsize(reply.records[i].forms.front(), 500));
  }
  return shown;
}

// What is wrong with the answer; empty when it is as expected.
std::string JudgeReply(const DnsSpec& spec, const DnsReply& reply) {
  if (reply.code == 3) return "the name " + spec.host + " does not exist";
  if (reply.code != 0) return "the name server answered " + DnsCodeName(reply.code);
  if (reply.answers == 0) return "no " + spec.type + " records for " + spec.host;
  if (reply.records.empty()) {
    return "no " + spec.type + " records for " + spec.host + ", only others";
  }
  std::vector<std::string> missing;
  for (const std::string& value : spec.values) {
    if (!IsThere(reply, value)) missing.push_back(value);
  }
  const bool fits = spec.all ? missing.empty() : missing.size() < spec.values.size();
  if (spec.values.empty() || fits) return {};
  const std::string start = spec.type + " records of " + spec.host;
  if (spec.all) return start + " lack " + Joined(missing);
  return start + " are " + Joined(ShownRecords(reply)) + ", expected " + Joined(spec.values);
}

Value FactsOf(const DnsSpec& spec, const DnsOutcome& outcome) {
  Value dns;
  dns.Set("server", outcome.server);
  dns.Set("transport", outcome.transport);
  dns.Set("type", spec.type);
  dns.Set("code", DnsCodeName(outcome.reply.code));
  Value::List records;
  const std::vector<std::string> shown = ShownRecords(outcome.reply);
  for (size_t i = 0; i < shown.size(); ++i) {
    Value record;
    record.Set("value", shown[i]);
    record.Set("ttl_s", static_cast<int64_t>(outcome.reply.records[i].ttl_s));
    records.push_back(std::move(record));
  }
  dns.Set("records", std::move(records));
  Value facts;
  facts.Set("dns", std::move(dns));
  return facts;
}

Observation Judge(const DnsSpec& spec, const DnsOutcome& outcome) {
  Observation observation;
  const bool has_reply = outcome.problem.empty() && outcome.dial.failure == net::DialFailure::kNone;
  if (!outcome.problem.empty()) {
    observation = MakeObservation(CheckOutcome::kAnswered, Status::kDown, outcome.problem);
  } else if (!has_reply) {
    observation = JudgeDialFailure(outcome.dial);
    if (observation.outcome == CheckOutcome::kTimeout) {
      observation.message = ShortMessage("no answer from name server " + outcome.server);
    }
  } else {
    const std::string wrong = JudgeReply(spec, outcome.reply);
    observation = MakeObservation(CheckOutcome::kAnswered,
                                  wrong.empty() ? Status::kUp : Status::kDown, wrong);
    observation.latency_ms = RoundedMillis(outcome.took_us);
    JudgeLatency(spec.common, observation);
    observation.facts = FactsOf(spec, outcome);
  }
  observation.evidence = DialEvidence(outcome.dial);
  observation.evidence.emplace_back("name server", outcome.server + " over " + outcome.transport);
  if (has_reply) {
    observation.evidence.emplace_back("code", DnsCodeName(outcome.reply.code));
    observation.evidence.emplace_back("records", Joined(ShownRecords(outcome.reply)));
  }
  return observation;
}

bool IsSilence(const DnsOutcome& outcome) {
  return outcome.dial.failure == net::DialFailure::kTimeout ||
         outcome.dial.failure == net::DialFailure::kRefused;
}

// Our own name servers were silent about one name. Whether they are silent about every name is
// asked with one that always exists; then it is not the name's trouble (architecture D17).
void AskForAnything(DnsQuestion canary, const Tools& tools, Observation seen, Done done) {
  canary.name = "org";
  canary.type = RecordType::kNs;
  canary.timeout = kCanaryTimeout;
  AskDns(std::move(canary), tools,
         [seen = std::move(seen), done = std::move(done)](const DnsOutcome& outcome) mutable {
           if (!IsSilence(outcome)) return done(std::move(seen));
           done(MakeObservation(CheckOutcome::kBlind, Status::kNoData,
                                "Monitor was blind: our own name service does not answer"));
         });
}

class DnsProbe : public Probe {
 public:
  DnsProbe() {
    descriptor_.kind = "dns";
    descriptor_.title = "DNS";
    descriptor_.posture =
        "The name server, and whoever can forge datagrams, controls every byte of the answer. Only "
        "a datagram from the asked address with our random number and question counts; names may "
        "point backwards only; at most 64 KiB and a hundred records are read, every text is cut. "
        "The server's address passes the outbound policy.";
    descriptor_.fields = DnsFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, DnsFields());
    std::string host = reader.Text("host");
    if (host.ends_with('.')) host.pop_back();
    if (!reader.Text("host").empty() && !MakeDnsQuery(0, host, RecordType::kA)) {
      problems.push_back({"host", "must be a name that can be looked up"});
    } else if (!host.empty() && !IsHost(host)) {
      problems.push_back({"host", "must be a host name, nothing else"});
    }
    const std::string server = reader.Text("name_server");
    if (!server.empty() && !SplitServer(server, 53)) {
      problems.push_back({"name_server", "must be a host name or address, with a port or without"});
    }
    if (server.empty() && reader.Text("transport") == "tls") {
      problems.push_back({"name_server", "is needed for transport tls"});
    }
    ValidateHost(reader, "tls_server_name", problems);
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.dialer == nullptr) return done(NoDialer());
    const SpecReader reader(spec, DnsFields());
    DnsSpec wanted = ReadSpec(reader, spec);
    DnsQuestion question;
    question.type = RecordTypeOf(wanted.type).value_or(RecordType::kA);
    question.name = wanted.host;
    if (question.type == RecordType::kPtr) {
      question.name = ReverseName(wanted.host).value_or(wanted.host);
    }
    const std::string transport = reader.Text("transport");
    question.transport = transport == "tcp"   ? DnsTransport::kTcp
                         : transport == "tls" ? DnsTransport::kTls
                                              : DnsTransport::kUdp;
    question.servers = {reader.Text("name_server")};
    if (question.servers[0].empty()) question.servers = tools.dialer->NameServers();
    if (question.servers.empty()) {
      return done(MakeObservation(CheckOutcome::kBlind, Status::kNoData,
                                  "this server knows no name server to ask"));
    }
    question.tls_port = static_cast<uint16_t>(reader.Int("tls_port"));
    question.tls_server_name = reader.Text("tls_server_name");
    question.verify_tls = reader.Bool("verify_tls");
    question.timeout = wanted.common.timeout;
    question.purpose = purpose;
    const bool uses_ours = reader.Text("name_server").empty();
    DnsQuestion canary = question;
    AskDns(std::move(question), tools,
           [wanted = std::move(wanted), done = std::move(done), canary = std::move(canary),
            uses_ours, tools](const DnsOutcome& outcome) mutable {
             Observation seen = Judge(wanted, outcome);
             if (!uses_ours || !IsSilence(outcome)) return done(std::move(seen));
             AskForAnything(std::move(canary), tools, std::move(seen), std::move(done));
           });
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeDnsProbe() { return std::make_unique<DnsProbe>(); }

}  // namespace pharos::probe
