#include "probe/domain/whois.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "probe/dial_common.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxBytes = 64 * 1024;
constexpr size_t kMaxLines = 2000;
constexpr size_t kMaxKeyBytes = 60;
constexpr size_t kMaxRemarkBytes = 200;  // longer lines are prose, not verdicts

enum class Key : uint8_t {
  kNone,
  kExpires,
  kCreated,
  kUpdated,
  kRegistrar,
  kRegistrarUrl,
  kNameServer,
  kStatus,
  kReferral,
};

struct KeyWord {
  std::string_view word;  // lower case
  Key key;
};

constexpr KeyWord kKeyWords[] = {
    {"registry expiry date", Key::kExpires},
    {"registrar registration expiration date", Key::kExpires},
    {"expiration date", Key::kExpires},
    {"expiration time", Key::kExpires},
    {"expiry date", Key::kExpires},
    {"expiry", Key::kExpires},
    {"expires", Key::kExpires},
    {"expires on", Key::kExpires},
    {"expire", Key::kExpires},
    {"expire date", Key::kExpires},
    {"expire-date", Key::kExpires},
    {"domain expires", Key::kExpires},
    {"domain expiration date", Key::kExpires},
    {"record expires on", Key::kExpires},
    {"paid-till", Key::kExpires},
    {"renewal date", Key::kExpires},
    {"valid until", Key::kExpires},
    {"validity", Key::kExpires},
    {"exp date", Key::kExpires},
    {"creation date", Key::kCreated},
    {"created", Key::kCreated},
    {"created on", Key::kCreated},
    {"created date", Key::kCreated},
    {"registered", Key::kCreated},
    {"registered on", Key::kCreated},
    {"registered date", Key::kCreated},
    {"registration date", Key::kCreated},
    {"registration time", Key::kCreated},
    {"domain registered", Key::kCreated},
    {"domain registration date", Key::kCreated},
    {"domain create date", Key::kCreated},
    {"updated date", Key::kUpdated},
    {"updated", Key::kUpdated},
    {"changed", Key::kUpdated},
    {"modified", Key::kUpdated},
    {"last update", Key::kUpdated},
    {"last-update", Key::kUpdated},
    {"last updated", Key::kUpdated},
    {"last updated on", Key::kUpdated},
    {"last modified", Key::kUpdated},
    {"registrar", Key::kRegistrar},
    {"registrar name", Key::kRegistrar},
    {"registrar organization", Key::kRegistrar},
    {"sponsoring registrar", Key::kRegistrar},
    {"registrar url", Key::kRegistrarUrl},
    {"registrar website", Key::kRegistrarUrl},
    {"referral url", Key::kRegistrarUrl},
    {"name server", Key::kNameServer},
    {"name servers", Key::kNameServer},
    {"nameserver", Key::kNameServer},
    {"nameservers", Key::kNameServer},
    {"nserver", Key::kNameServer},
    {"domain nameservers", Key::kNameServer},
    {"domain status", Key::kStatus},
    {"status", Key::kStatus},
    {"state", Key::kStatus},
    {"eppstatus", Key::kStatus},
    {"registrar whois server", Key::kReferral},
    {"whois server", Key::kReferral},
    {"refer", Key::kReferral},
    {"whois", Key::kReferral},
};

constexpr std::string_view kNotFound[] = {
    "no match for",     "not found",
    "no entries found", "no data found",
    "no object found",  "nothing found",
    "not registered",   "is free",
    "status: free",     "status: available",
    "no match",         "is available for",
    "domain not found", "object does not exist",
};

constexpr std::string_view kLimited[] = {
    "limit exceeded", "quota exceeded", "too many requests",    "too many queries",
    "rate limit",     "access denied",  "exceeded the maximum",
};

Key KeyOf(std::string_view word) {
  if (word.empty() || word.size() > kMaxKeyBytes) return Key::kNone;
  const std::string lower = AsciiLower(word);
  const auto found = std::find_if(std::begin(kKeyWords), std::end(kKeyWords),
                                  [&](const KeyWord& row) { return row.word == lower; });
  return found == std::end(kKeyWords) ? Key::kNone : found->key;
}

bool Mentions(std::string_view line, std::span<const std::string_view> phrases) {
  if (line.size() > kMaxRemarkBytes) return false;
  const std::string lower = AsciiLower(line);
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
    return lower.find(phrase) != std::string::npos;
  });
}

std::string HostOf(std::string_view text) {
  text = Trim(text);
  for (const std::string_view scheme : {"whois://", "https://", "http://"}) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  }
  text = text.substr(0, text.find_first_of("/: \t"));
  return IsHost(text) ? AsciiLower(text) : std::string();
}

// First come, first kept: later blocks describe contacts and registrars, not the domain.
void Take(Key key, std::string_view value, WhoisReply& reply) {
  Registration& out = reply.registration;
  const auto keep_date = [value](std::optional<Timestamp>& date) {
    if (!date) date = ParseRegistryDate(value);
  };
  switch (key) {
    case Key::kNone:
      return;
    case Key::kExpires:
      return keep_date(out.expires);
    case Key::kCreated:
      return keep_date(out.created);
    case Key::kUpdated:
      return keep_date(out.updated);
    case Key::kRegistrar:
      if (out.registrar.empty()) out.registrar = RegistryText(value.substr(0, value.find(" [Tag")));
      return;
    case Key::kRegistrarUrl:
      if (out.registrar_url.empty()) out.registrar_url = RegistryText(value);
      return;
    case Key::kNameServer:
      return AddNameServer(value, out);
    case Key::kStatus:
      return AddStatus(value, out);
    case Key::kReferral:
      if (reply.referral.empty()) reply.referral = HostOf(value);
      return;
  }
}

struct Line {
  std::string_view key;
  std::string_view value;
  bool has_key = false;
};

// "key: value", "key....: value" and "[key] value".
Line TakeApart(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {{}, text, false};
    return {Trim(text.substr(1, close - 1)), Trim(text.substr(close + 1)), true};
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {{}, text, false};
  std::string_view key = Trim(text.substr(0, colon));
  while (key.ends_with('.')) key.remove_suffix(1);
  return {Trim(key), Trim(text.substr(colon + 1)), true};
}

bool IsRemark(std::string_view line) {
  return line.starts_with('%') || line.starts_with('#') || line.starts_with(">>>");
}

}  // namespace

WhoisReply ParseWhois(std::string_view text) {
  WhoisReply reply;
  bool denied = false;
  Key section = Key::kNone;  // "Registrar:" with its value on the lines below
  size_t lines = 0;
  for (std::string_view rest = text.substr(0, kMaxBytes); !rest.empty() && lines < kMaxLines;
       ++lines) {
    const size_t end = rest.find('\n');
    const std::string_view line = Trim(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) {
      section = Key::kNone;
      continue;
    }
    denied = denied || Mentions(line, kNotFound);
    reply.limited = reply.limited || Mentions(line, kLimited);
    if (IsRemark(line)) continue;
    const Line parts = TakeApart(line);
    const Key key = parts.has_key ? KeyOf(parts.key) : Key::kNone;
    if (key != Key::kNone) {
      section = parts.value.empty() ? key : Key::kNone;
      if (!parts.value.empty()) Take(key, parts.value, reply);
    } else if (section != Key::kNone && !parts.has_key) {
      Take(section, line, reply);
    } else if (section == Key::kRegistrar && AsciiLower(parts.key) == "url") {
      Take(Key::kRegistrarUrl, parts.value, reply);
    }
  }
  // Terms of use speak of names that are not registered, too: facts beat phrases.
  reply.not_found = denied && reply.IsEmpty();
  reply.limited = reply.limited && reply.IsEmpty() && !reply.not_found;
  return reply;
}

std::string WhoisQuestion(std::string_view server, std::string_view domain) {
  std::string question;
  if (server == "whois.denic.de") question = "-T dn,ace ";
  if (server == "whois.jprs.jp") return std::string(domain) + "/e\r\n";
  return question + std::string(domain) + "\r\n";
}

}  // namespace pharos::probe
