#include "probe/evidence.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "probe/common_fields.h"
#include "probe/secrets.h"

namespace pharos::probe {
namespace {

constexpr size_t kShortestSecret = 4;
constexpr size_t kMaxKnown = 1200;  // as many as a check may look up, in all forms
constexpr size_t kDigestChars = 16;
constexpr size_t kMaxValue = 16 * 1024;
constexpr size_t kMaxHeaders = 40;
constexpr size_t kMaxHeaderName = 80;
constexpr size_t kMaxHeaderValue = 256;
constexpr std::string_view kMask = "***";
constexpr std::array<std::string_view, 12> kSensitive = {
    "authorization", "cookie",  "token",   "secret",     "password", "passwd",
    "passphrase",    "api-key", "api_key", "credential", "apikey",   "session"};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool EndsValue(char c) {
  return c == '"' || c == '\'' || c == '&' || c == ';' || c == ',' || c == '<' || c == '>' ||
         c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == '}' || c == ')';
}

// Where the value of "name=value", "name: value" or "name":"value" begins, for the sensitive word
// that ends at `at`; npos when nothing of that kind follows.
size_t ValueAfter(std::string_view text, size_t at) {
  while (at < text.size() && IsWordByte(text[at])) ++at;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size() || (text[at] != '=' && text[at] != ':')) return std::string_view::npos;
  ++at;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  for (const std::string_view scheme : {"Bearer ", "Basic ", "Token "}) {
    if (EqualsIgnoreCase(text.substr(at, scheme.size()), scheme)) at += scheme.size();
  }
  return at;
}

// Calls `take` with the place and length of each value that the text itself calls a credential. In
// linear time: strangers write these texts.
template <class Take>
void FindCredentials(std::string_view text, const Take& take) {
  const std::string lower = AsciiLower(text);
  std::array<size_t, kSensitive.size()> next{};  // where each word comes next
  size_t from = 0;
  for (size_t i = 0; i < next.size(); ++i) next[i] = lower.find(kSensitive[i]);
  while (true) {
    size_t first = 0;
    for (size_t i = 0; i < next.size(); ++i) {
      if (next[i] < from) next[i] = lower.find(kSensitive[i], from);
      if (next[i] < next[first]) first = i;
    }
    if (next[first] == std::string::npos) return;
    const size_t end = next[first] + kSensitive[first].size();
    const size_t begin = ValueAfter(text, end);
    from = end;
    if (begin == std::string_view::npos) continue;
    size_t stop = begin;
    while (stop < text.size() && !EndsValue(text[stop])) ++stop;
    if (stop > begin) take(begin, stop - begin);
    from = std::max(stop, end);
  }
}

// "user:password" of "scheme://user:password@host"; empty when there is none.
std::string_view UserInfo(std::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = text.substr(scheme + 3);
  const size_t end = rest.find_first_of("/?# ");
  const size_t at = rest.substr(0, end).rfind('@');
  return at == std::string_view::npos ? std::string_view() : rest.substr(0, at);
}

std::string MaskHeader(std::string_view name, const std::string& value) {
  if (EqualsIgnoreCase(name, "set-cookie")) {
    const size_t equals = value.find('=');
    return Ellipsize(SanitizeUtf8(value.substr(0, equals == std::string::npos ? 0 : equals)), 60) +
           "=" + std::string(kMask);
  }
  return std::string(kMask);
}

model::CheckEvidence::Certificate CertificateOf(const net::PeerCertificate& one) {
  return {one.subject, one.issuer, one.fingerprint, one.valid_from, one.valid_to};
}

void AddWay(const std::vector<net::TriedAddress>& addresses, const net::Phases& phases,
            model::CheckEvidence& out) {
  for (const net::TriedAddress& tried : addresses) {
    out.addresses.push_back({tried.address.ToString(), net::TriedText(tried)});
  }
  const auto add = [&out](const char* name, int64_t us) {
    if (us >= 0) out.phases.emplace_back(name, us);
  };
  add("resolve", phases.resolve_us);
  add("connect", phases.connect_us);
  add("tls", phases.tls_us);
  add("first_byte", phases.first_byte_us);
  add("total", phases.total_us);
}

}  // namespace

bool IsSensitiveName(std::string_view name) {
  const std::string lower = AsciiLower(name);
  return std::any_of(kSensitive.begin(), kSensitive.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string MaskCredentials(std::string_view text) {
  std::string out;
  size_t done = 0;
  FindCredentials(text, [&](size_t at, size_t size) {
    out += text.substr(done, at - done);
    out += kMask;
    done = at + size;
  });
  out += text.substr(done);
  const std::string_view user = UserInfo(out);
  if (user.empty()) return out;
  const auto at = static_cast<size_t>(user.data() - out.data());
  return out.replace(at, user.size(), kMask);
}

SecretLookup Redactor::Recording(std::shared_ptr<Redactor> redactor, SecretLookup lookup) {
  return [redactor = std::move(redactor), lookup = std::move(lookup)](std::string_view name) {
    std::optional<std::string> value = lookup(name);
    if (value) redactor->Learn(*value, "$" + std::string(name));
    return value;
  };
}

void Redactor::Learn(std::string_view value, std::string_view shown) {
  if (value.size() < kShortestSecret || value.size() > kMaxValue) return;
  const std::lock_guard lock(mutex_);
  for (std::string& form : FormsOf(std::string(value))) {
    const auto same = [&](const auto& one) { return one.first == form; };
    if (known_.size() >= kMaxKnown) return;
    if (std::any_of(known_.begin(), known_.end(), same)) continue;
    const auto place = std::find_if(known_.begin(), known_.end(), [&](const auto& one) {
      return one.first.size() < form.size();
    });
    known_.emplace(place, std::move(form), std::string(shown));
  }
}

void Redactor::LearnText(std::string_view text) {
  FindCredentials(text, [&](size_t at, size_t size) { Learn(text.substr(at, size), kMask); });
  const std::string_view user = UserInfo(text);
  if (user.empty()) return;
  Learn(user, kMask);
  if (const size_t colon = user.find(':'); colon != std::string_view::npos) {
    Learn(user.substr(colon + 1), kMask);
  }
}

void Redactor::LearnValue(const Value& value) {
  if (value.IsString()) return LearnText(value.AsString());
  if (value.IsList()) {
    for (const Value& item : value.AsList()) LearnValue(item);
    return;
  }
  if (!value.IsObject()) return;
  const std::string name = value.StringOr("name", "");
  for (const auto& [key, member] : value.AsObject()) {
    const bool is_secret = IsSensitiveName(key) || (key == "value" && IsSensitiveName(name));
    if (is_secret && member.IsString()) {
      const std::string_view text = member.AsString();
      Learn(text, kMask);
      const size_t blank = text.find(' ');  // behind "Bearer"
      if (blank != std::string_view::npos) Learn(text.substr(blank + 1), kMask);
    }
    LearnValue(member);
  }
}

void Redactor::LearnSpec(const Value& spec, const std::vector<model::FieldSpec>& fields) {
  for (const model::FieldSpec& field : fields) {
    if (!field.secret) continue;
    const Value* value = spec.Find(field.name);
    if (value != nullptr && value->IsString()) Learn(value->AsString(), kMask);
  }
  LearnValue(spec);
}

std::string Redactor::Redact(std::string text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [value, shown] : known_) {
    for (size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + shown.size())) {
      text.replace(at, value.size(), shown);
    }
    // Its beginning would tell too much.
    HideCutValue(text, value, kMask, kShortestSecret);
  }
  return text;
}

void Redactor::Redact(model::CheckEvidence& e) const {
  const auto clean = [this](std::string& text) { text = MaskCredentials(Redact(std::move(text))); };
  for (auto& [name, value] : e.headers) {
    if (IsSensitiveName(name)) {
      value = MaskHeader(name, value);
    } else {
      clean(value);
    }
    name = Redact(std::move(name));
  }
  for (auto& [name, value] : e.facts) clean(value);
  for (auto& one : e.redirects) clean(one.location);
  for (std::string& one : e.attempts) clean(one);
  for (auto& one : e.chain) {
    clean(one.subject);
    clean(one.issuer);
  }
  clean(e.body);
}

std::shared_ptr<model::CheckEvidence> SeenOf(const net::HttpAnswer& answer) {
  auto seen = std::make_shared<model::CheckEvidence>();
  AddWay(answer.addresses, answer.phases, *seen);
  seen->remote_address = answer.remote_address;
  if (answer.chain != nullptr) {
    for (const auto& one : answer.chain->Read()) seen->chain.push_back(CertificateOf(one));
  }
  seen->status = answer.status;
  seen->http_version = answer.http_version;
  // Cut before anything looks for secrets in them: a stranger decides how long they are.
  for (const auto& [name, value] : answer.headers) {
    if (seen->headers.size() >= kMaxHeaders) break;
    seen->headers.emplace_back(name.substr(0, kMaxHeaderName), value.substr(0, kMaxHeaderValue));
  }
  if (answer.status != 0) seen->body_bytes = static_cast<int64_t>(answer.body_bytes);
  seen->body = answer.body.substr(0, model::kMaxEvidenceBody);
  if (!seen->body.empty()) {
    seen->body_digest = HexLower(Sha256(seen->body)).substr(0, kDigestChars);
  }
  for (const auto& one : answer.redirects_seen) {
    seen->redirects.push_back({one.status, one.location});
  }
  return seen;
}

std::shared_ptr<model::CheckEvidence> SeenOf(const net::DialAnswer& answer) {
  auto seen = std::make_shared<model::CheckEvidence>();
  AddWay(answer.addresses, answer.phases, *seen);
  seen->remote_address = answer.remote_address;
  if (answer.chain) {
    for (const auto& one : answer.chain->certificates) seen->chain.push_back(CertificateOf(one));
  }
  if (!answer.received.empty()) {
    seen->body_bytes = static_cast<int64_t>(answer.received.size());
    seen->body = answer.received.substr(0, model::kMaxEvidenceBody);
    seen->body_digest = HexLower(Sha256(seen->body)).substr(0, kDigestChars);
  }
  return seen;
}

bool IsFailure(const Observation& observation) {
  switch (observation.outcome) {
    case model::CheckOutcome::kAnswered:
    case model::CheckOutcome::kTimeout:
    case model::CheckOutcome::kError:
    case model::CheckOutcome::kBlocked:
      return observation.status != model::Status::kUp;
    case model::CheckOutcome::kBlind:
    case model::CheckOutcome::kNone:
      return false;
  }
  return false;
}

void FinishEvidence(Observation& observation, std::vector<std::string> earlier_tries,
                    const Redactor& redactor) {
  if (observation.seen == nullptr) observation.seen = std::make_shared<model::CheckEvidence>();
  model::CheckEvidence& seen = *observation.seen;
  // What stands in a member of its own is not said twice.
  constexpr std::array<std::string_view, 9> kElsewhere = {
      "remote address", "resolve", "connect",      "tls",      "first byte",
      "total",          "status",  "http version", "redirects"};
  for (const auto& [name, value] : observation.evidence) {
    if (std::find(kElsewhere.begin(), kElsewhere.end(), name) != kElsewhere.end()) continue;
    if (value == observation.message) continue;
    seen.facts.emplace_back(name, value);
  }
  seen.attempts = std::move(earlier_tries);
  redactor.Redact(seen);
  model::Bound(seen);
  for (auto& [name, value] : observation.evidence) value = redactor.Redact(std::move(value));
  observation.message = ShortMessage(redactor.Redact(std::move(observation.message)));
}

}  // namespace pharos::probe
