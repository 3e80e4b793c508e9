#include "model/check_evidence.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pharos::model {
namespace {

constexpr size_t kMaxAddresses = 16;
constexpr size_t kMaxCertificates = 6;
constexpr size_t kMaxHeaders = 40;
constexpr size_t kMaxRedirects = 10;
constexpr size_t kMaxAttempts = 10;
constexpr size_t kMaxFacts = 30;
constexpr size_t kMaxName = 80;
constexpr size_t kMaxText = 200;
constexpr size_t kMaxLocation = 300;

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

// The end of `text` without a character that was cut in two.
std::string_view WholeCharacters(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto c = static_cast<unsigned char>(text[text.size() - back]);
    if (c < 0x80) break;
    if (c < 0xc0) continue;
    if (c > 0xf4) break;  // begins no character
    const size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (needed > back) text.remove_suffix(back);
    break;
  }
  return text;
}

// What JSON needs for it, with both quotation marks.
size_t TextSize(std::string_view text) {
  size_t size = 2;
  for (const char c : text) size += c == '"' || c == '\\' || c == '\n' || c == '\t' ? 2 : 1;
  return size;
}

size_t WrittenSize(const Value& value) {
  if (value.IsString()) return TextSize(value.AsString());
  size_t size = 2;
  if (value.IsList()) {
    for (const Value& item : value.AsList()) size += 1 + WrittenSize(item);
  } else if (value.IsObject()) {
    for (const auto& [name, member] : value.AsObject()) {
      size += 2 + TextSize(name) + WrittenSize(member);
    }
  } else {
    size = 24;  // the longest number
  }
  return size;
}

template <class T>
void Shorten(std::vector<T>& list, size_t most) {
  if (list.size() > most) list.resize(most);
}

void Clean(std::string& text, size_t most) { text = Printable(text, most); }

void CleanPairs(CheckEvidence::Pairs& pairs) {
  for (auto& [name, value] : pairs) {
    Clean(name, kMaxName);
    Clean(value, kMaxText);
  }
}

Value PairsValue(const CheckEvidence::Pairs& pairs) {
  Value::List list;
  for (const auto& [name, value] : pairs) list.emplace_back(Value::List{name, value});
  return Value(std::move(list));
}

const Value::List& ListOf(const Value& value, std::string_view name) {
  static const Value::List empty;
  const Value* found = value.Find(name);
  return found != nullptr && found->IsList() ? found->AsList() : empty;
}

CheckEvidence::Pairs PairsFrom(const Value& value, std::string_view name) {
  CheckEvidence::Pairs pairs;
  for (const Value& item : ListOf(value, name)) {
    if (!item.IsList() || item.AsList().size() != 2) continue;
    const Value& key = item.AsList()[0];
    const Value& text = item.AsList()[1];
    if (key.IsString() && text.IsString()) pairs.emplace_back(key.AsString(), text.AsString());
  }
  return pairs;
}

// The sizes that the lists and the body may have at each step of making it smaller.
struct Step {
  size_t addresses;
  size_t headers;
  size_t facts;
  size_t redirects;
  size_t body;
  size_t chain;
  size_t attempts;
};
constexpr std::array<Step, 5> kSteps = {{{16, 24, 24, 6, 1024, 4, 6},
                                         {12, 16, 16, 4, 1024, 3, 4},
                                         {8, 12, 12, 3, 512, 2, 3},
                                         {6, 6, 6, 2, 256, 1, 2},
                                         {3, 0, 3, 1, 128, 1, 0}}};

}  // namespace

std::string Printable(std::string_view text, size_t max_bytes) {
  text = text.substr(0, max_bytes);
  const bool is_utf8 = IsValidUtf8(WholeCharacters(text));
  if (is_utf8) text = WholeCharacters(text);
  std::string out(text);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c == '\n' || c == '\t') continue;
    if (c == '\r' && i + 1 < out.size() && out[i + 1] == '\n') {
      out.erase(i--, 1);
      continue;
    }
    const bool is_c1 =
        is_utf8 && c == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    if (is_c1) out.erase(i + 1, 1);
    if (is_c1 || IsControl(c) || (c >= 0x80 && !is_utf8)) out[i] = '.';
  }
  return out;
}

Value ToValue(const CheckEvidence& e) {
  Value out{Value::Object{}};
  Value::List addresses;
  for (const auto& one : e.addresses) {
    addresses.emplace_back(Value::Object{{"address", one.address}, {"outcome", one.outcome}});
  }
  if (!addresses.empty()) out.Set("addresses", std::move(addresses));
  if (!e.remote_address.empty()) out.Set("remote_address", e.remote_address);
  Value phases{Value::Object{}};
  for (const auto& [name, us] : e.phases) phases.Set(name, us);
  if (!e.phases.empty()) out.Set("phases_us", std::move(phases));
  Value::List chain;
  for (const auto& one : e.chain) {
    chain.emplace_back(Value::Object{{"subject", one.subject},
                                     {"issuer", one.issuer},
                                     {"fingerprint", one.fingerprint},
                                     {"valid_from", ToUnixSeconds(one.valid_from)},
                                     {"valid_to", ToUnixSeconds(one.valid_to)}});
  }
  if (!chain.empty()) out.Set("chain", std::move(chain));
  if (e.status != 0) out.Set("status", e.status);
  if (!e.http_version.empty()) out.Set("http_version", e.http_version);
  if (!e.headers.empty()) out.Set("headers", PairsValue(e.headers));
  if (e.body_bytes >= 0) out.Set("body_bytes", e.body_bytes);
  if (!e.body_digest.empty()) out.Set("body_digest", e.body_digest);
  if (!e.body.empty()) out.Set("body", e.body);
  Value::List redirects;
  for (const auto& one : e.redirects) {
    redirects.emplace_back(Value::Object{{"status", one.status}, {"location", one.location}});
  }
  if (!redirects.empty()) out.Set("redirects", std::move(redirects));
  if (!e.attempts.empty()) {
    out.Set("attempts", Value::List(e.attempts.begin(), e.attempts.end()));
  }
  if (!e.facts.empty()) out.Set("facts", PairsValue(e.facts));
  return out;
}

CheckEvidence EvidenceFrom(const Value& value) {
  CheckEvidence e;
  for (const Value& one : ListOf(value, "addresses")) {
    e.addresses.push_back({one.StringOr("address", ""), one.StringOr("outcome", "")});
  }
  e.remote_address = value.StringOr("remote_address", "");
  if (const Value* phases = value.Find("phases_us"); phases != nullptr && phases->IsObject()) {
    for (const auto& [name, us] : phases->AsObject()) {
      if (us.IsInt()) e.phases.emplace_back(name, us.AsInt());
    }
  }
  for (const Value& one : ListOf(value, "chain")) {
    e.chain.push_back({one.StringOr("subject", ""), one.StringOr("issuer", ""),
                       one.StringOr("fingerprint", ""), FromUnixSeconds(one.IntOr("valid_from", 0)),
                       FromUnixSeconds(one.IntOr("valid_to", 0))});
  }
  e.status = static_cast<int>(value.IntOr("status", 0));
  e.http_version = value.StringOr("http_version", "");
  e.headers = PairsFrom(value, "headers");
  e.body_bytes = value.IntOr("body_bytes", -1);
  e.body_digest = value.StringOr("body_digest", "");
  e.body = value.StringOr("body", "");
  for (const Value& one : ListOf(value, "redirects")) {
    e.redirects.push_back({static_cast<int>(one.IntOr("status", 0)), one.StringOr("location", "")});
  }
  for (const Value& one : ListOf(value, "attempts")) {
    if (one.IsString()) e.attempts.push_back(one.AsString());
  }
  e.facts = PairsFrom(value, "facts");
  return e;
}

void Bound(CheckEvidence& e) {
  Shorten(e.addresses, kMaxAddresses);
  Shorten(e.chain, kMaxCertificates);
  Shorten(e.headers, kMaxHeaders);
  Shorten(e.redirects, kMaxRedirects);
  Shorten(e.attempts, kMaxAttempts);
  Shorten(e.facts, kMaxFacts);
  Shorten(e.phases, kMaxAttempts);
  for (auto& one : e.addresses) {
    Clean(one.address, kMaxName);
    Clean(one.outcome, kMaxName);
  }
  for (auto& one : e.chain) {
    for (std::string* text : {&one.subject, &one.issuer, &one.fingerprint}) Clean(*text, kMaxText);
  }
  for (auto& one : e.redirects) Clean(one.location, kMaxLocation);
  for (std::string& one : e.attempts) Clean(one, kMaxText);
  CleanPairs(e.headers);
  CleanPairs(e.facts);
  Clean(e.remote_address, kMaxName);
  Clean(e.http_version, kMaxName);
  Clean(e.body_digest, kMaxName);
  Clean(e.body, kMaxEvidenceBody);
  for (const Step& step : kSteps) {
    if (WrittenSize(ToValue(e)) <= kMaxEvidenceBytes) return;
    Shorten(e.addresses, step.addresses);
    Shorten(e.headers, step.headers);
    Shorten(e.facts, step.facts);
    Shorten(e.redirects, step.redirects);
    Shorten(e.chain, step.chain);
    Shorten(e.attempts, step.attempts);
    Clean(e.body, step.body);
  }
}

}  // namespace pharos::model
