#include "probe/conversation.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "probe/evidence.h"

namespace pharos::probe {
namespace {

constexpr size_t kReadLimit = 256 * 1024;
constexpr size_t kMinHidden = 4;  // shorter ones protect nothing and would spoil every text

std::string Without(std::string text, const std::string& secret) {
  if (secret.size() < kMinHidden) return text;
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
  }
  return text;
}

using Hide = std::function<void(std::string& text)>;

void HideInValue(Value& value, const Hide& hide) {
  if (value.IsString()) {
    std::string text(value.AsString());
    hide(text);
    value = Value(std::move(text));
  } else if (value.IsList()) {
    for (Value& item : value.AsList()) HideInValue(item, hide);
  } else if (value.IsObject()) {
    for (auto& [name, member] : value.AsObject()) HideInValue(member, hide);
  }
}

}  // namespace

net::DialTurn Conversation::Say(std::string bytes, std::string_view awaited) {
  awaited_ = awaited;
  net::DialTurn turn;
  turn.send = std::move(bytes);
  return turn;
}

net::DialTurn Conversation::Finish(std::string bytes) {
  settled_ = true;
  net::DialTurn turn;
  turn.next = net::DialTurn::Next::kFinish;
  turn.send = std::move(bytes);
  return turn;
}

net::DialTurn Conversation::Wrong(std::string problem) const {
  net::DialTurn turn;
  turn.next = net::DialTurn::Next::kFail;
  turn.problem = std::move(problem);
  return turn;
}

void Converse(net::Dialer& dialer, net::DialRequest request,
              std::shared_ptr<Conversation> conversation,
              std::function<void(net::DialAnswer answer)> done) {
  if (request.read_limit == 0) request.read_limit = kReadLimit;
  request.turn = [conversation](const net::DialHeard& heard) { return conversation->Next(heard); };
  dialer.Start(std::move(request), [conversation, done = std::move(done)](net::DialAnswer answer) {
    const bool broke_off =
        answer.failure == net::DialFailure::kTimeout || answer.failure == net::DialFailure::kReset;
    if (broke_off && conversation->settled()) {
      answer.failure = net::DialFailure::kNone;
      answer.message.clear();
    } else if (broke_off && !conversation->awaited().empty()) {
      answer.message += " (waiting for " + conversation->awaited() + ")";
    }
    done(std::move(answer));
  });
}

std::vector<model::FieldSpec> TlsRows() {
  using model::FieldType;
  return {
      {.name = "verify_tls",
       .type = FieldType::kBool,
       .fallback = true,
       .help = "A certificate that is not trusted or for another name is a failure."},
      {.name = "tls_server_name",
       .fallback = "",
       .max = 253,
       .help = "Name to ask for and to verify; empty: the host."},
      {.name = "ca_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificates to trust in addition to the system's, PEM."},
  };
}

void ValidateTlsRows(const SpecReader& reader, std::vector<FieldError>& problems) {
  ValidateHost(reader, "tls_server_name", problems);
  const std::string anchors = reader.Text("ca_pem");
  if (!anchors.empty() && anchors.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    problems.push_back({"ca_pem", "must be PEM text (-----BEGIN CERTIFICATE-----)"});
  }
}

net::DialTls ReadTls(const SpecReader& reader, Timestamp now) {
  net::DialTls tls;
  tls.server_name = reader.Text("tls_server_name");
  tls.ca_pem = reader.Text("ca_pem");
  tls.now = now;
  return tls;
}

std::string ChainTrouble(const net::PeerChain* chain) {
  std::string wrong;
  if (chain == nullptr) return wrong;
  for (const net::PeerChain::Finding& finding : chain->findings) {
    wrong += (wrong.empty() ? "" : " | ") + finding.text;
  }
  return wrong;
}

net::DialRequest MakeDialRequest(const SpecReader& reader, const Value& spec, net::Purpose purpose,
                                 Timestamp now) {
  net::DialRequest request;
  request.host = reader.Text("host");
  request.port = static_cast<uint16_t>(reader.Int("port"));
  request.ip_version = IpVersionOf(reader);
  request.timeout = ReadCommon(spec).timeout;
  request.purpose = purpose;
  request.tls = ReadTls(reader, now);
  return request;
}

Observation JudgeConversation(const CommonSpec& common, const net::DialAnswer& answer) {
  Observation observation;
  if (answer.failure == net::DialFailure::kNone) {
    observation = MakeObservation(model::CheckOutcome::kAnswered, model::Status::kUp, "");
    observation.latency_ms = RoundedMillis(answer.phases.total_us);
    JudgeLatency(common, observation);
  } else {
    observation = JudgeDialFailure(answer);
  }
  observation.evidence = DialEvidence(answer);
  observation.seen = SeenOf(answer);
  return observation;
}

void HideLogin(const SecretExpander& secrets, const Login& login, Observation& observation) {
  // As SMTP sends them together.
  std::string both;
  if (login.password.size() >= kMinHidden) {
    both.append(1, '\0').append(login.user).append(1, '\0').append(login.password);
    both = Base64Encode(both);
  }
  const Hide hide = [&](std::string& text) {
    text = Without(secrets.Redact(std::move(text)), login.password);
    text = Without(std::move(text), both);
    HideCutValue(text, both, "***", both.size() / 2 + 1);
  };
  hide(observation.message);
  for (auto& [name, text] : observation.evidence) hide(text);
  HideInValue(observation.facts, hide);
  if (observation.seen != nullptr) hide(observation.seen->body);
}

std::string ShownText(std::string_view text, size_t max_bytes) {
  std::string line = SanitizeUtf8(text.substr(0, 4 * max_bytes));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return Ellipsize(Trim(line), max_bytes);
}

}  // namespace pharos::probe
