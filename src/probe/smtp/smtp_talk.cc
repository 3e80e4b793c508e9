#include "probe/smtp/smtp_talk.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pharos::probe {
namespace {

constexpr size_t kMaxLines = 100;
constexpr size_t kMaxLineBytes = 1024;
constexpr size_t kShownReply = 100;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool Holds(const std::vector<std::string_view>& words, std::string_view wanted) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return EqualsIgnoreCase(word, wanted); });
}

}  // namespace

std::string SmtpReply::Shown() const {
  return ShownText(std::to_string(code) + " " + (lines.empty() ? "" : lines.back()), kShownReply);
}

SmtpRead ReadSmtpReply(std::string_view bytes, size_t& at, SmtpReply& reply) {
  reply = {};
  size_t next = at;
  while (reply.lines.size() < kMaxLines) {
    const std::string_view rest = bytes.substr(next);
    for (size_t i = 0; i < std::min<size_t>(rest.size(), 3); ++i) {
      if (!IsDigit(rest[i])) return SmtpRead::kNonsense;
    }
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      return rest.size() > kMaxLineBytes ? SmtpRead::kNonsense : SmtpRead::kMore;
    }
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() < 3 || line.size() > kMaxLineBytes) return SmtpRead::kNonsense;
    const bool is_last = line.size() == 3 || line[3] == ' ';
    if (!is_last && line[3] != '-') return SmtpRead::kNonsense;
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    reply.lines.emplace_back(line.substr(std::min<size_t>(line.size(), 4)));
    next += end + 1;
    if (is_last) {
      at = next;
      return SmtpRead::kReply;
    }
  }
  return SmtpRead::kNonsense;
}

bool HasCapability(const std::vector<std::string>& lines, std::string_view wanted) {
  const std::vector<std::string_view> asked = Words(wanted);
  if (asked.empty()) return true;
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    const std::vector<std::string_view> words = Words(line);
    return !words.empty() && EqualsIgnoreCase(words[0], asked[0]) &&
           std::all_of(asked.begin() + 1, asked.end(),
                       [&](std::string_view word) { return Holds(words, word); });
  });
}

net::DialTurn SmtpTalk::SayIn(Step step, std::string line, std::string_view awaited) {
  step_ = step;
  return Say(std::move(line) + "\r\n", awaited);
}

net::DialTurn SmtpTalk::SayEhlo() {
  return SayIn(Step::kEhlo, "EHLO " + wish_.ehlo_name, "the answer to EHLO");
}

net::DialTurn SmtpTalk::Close() { return Finish("QUIT\r\n"); }

net::DialTurn SmtpTalk::Next(const net::DialHeard& heard) {
  using When = net::DialHeard::When;
  if (heard.when != When::kReceived) {
    at_ = 0;
    secured_ = heard.chain != nullptr;
    const std::string trouble = wish_.verify_tls ? ChainTrouble(heard.chain) : std::string();
    if (!trouble.empty()) return Wrong(trouble);
    // What the server said in plain text no longer counts.
    if (heard.when == When::kSecured) return SayEhlo();
    step_ = Step::kGreeting;
    Await("the greeting");
    return WaitMore();
  }
  SmtpReply reply;
  switch (ReadSmtpReply(heard.received, at_, reply)) {
    case SmtpRead::kMore:
      return WaitMore();
    case SmtpRead::kNonsense:
      return Wrong("this is no mail server: it said \"" +
                   ShownText(heard.received.substr(at_), 60) + "\"");
    case SmtpRead::kReply:
      break;
  }
  return Take(reply);
}

net::DialTurn SmtpTalk::Take(const SmtpReply& reply) {
  switch (step_) {
    case Step::kGreeting:
      return TakeGreeting(reply);
    case Step::kEhlo:
      return TakeEhlo(reply);
    case Step::kStartTls: {
      if (reply.code != 220) return Wrong("the server refuses STARTTLS: " + reply.Shown());
      net::DialTurn turn;
      turn.start_tls = true;
      return turn;
    }
    case Step::kAuth:
    case Step::kLoginUser:
    case Step::kLoginPassword:
      return TakeAuth(reply);
  }
  return WaitMore();
}

net::DialTurn SmtpTalk::TakeGreeting(const SmtpReply& reply) {
  for (const std::string& line : reply.lines) greeting_ += (greeting_.empty() ? "" : " ") + line;
  if (reply.code != 220) return Wrong("the server refuses this connection: " + reply.Shown());
  if (greeting_.find(wish_.greeting) == std::string::npos) {
    return Wrong("the greeting is \"" + ShownText(greeting_, 60) + "\", expected \"" +
                 ShownText(wish_.greeting, 60) + "\"");
  }
  return SayEhlo();
}

net::DialTurn SmtpTalk::TakeEhlo(const SmtpReply& reply) {
  if (reply.code != 250) return Wrong("the server refuses EHLO: " + reply.Shown());
  capabilities_ = reply.lines;
  if (!capabilities_.empty()) capabilities_.erase(capabilities_.begin());  // its name
  const bool wants_tls = wish_.security == SmtpSecurity::kStartTls && !secured_;
  if (wants_tls && HasCapability(capabilities_, "STARTTLS")) {
    return SayIn(Step::kStartTls, "STARTTLS", "the answer to STARTTLS");
  }
  if (wants_tls && wish_.require_starttls) return Wrong("the server does not offer STARTTLS");
  for (const std::string& wanted : wish_.capabilities) {
    if (!HasCapability(capabilities_, wanted)) {
      return Wrong("the server does not offer " + ShownText(wanted, 60));
    }
  }
  return wish_.user.empty() ? Close() : SayAuth();
}

net::DialTurn SmtpTalk::SayAuth() {
  if (!secured_) return Wrong("the password is not sent without encryption");
  if (HasCapability(capabilities_, "AUTH PLAIN")) {
    std::string plain(1, '\0');
    plain += wish_.user + '\0' + wish_.password;
    return SayIn(Step::kAuth, "AUTH PLAIN " + Base64Encode(plain), "the answer to AUTH");
  }
  if (HasCapability(capabilities_, "AUTH LOGIN")) {
    return SayIn(Step::kLoginUser, "AUTH LOGIN", "the answer to AUTH");
  }
  return Wrong("the server offers neither AUTH PLAIN nor AUTH LOGIN");
}

net::DialTurn SmtpTalk::TakeAuth(const SmtpReply& reply) {
  if (reply.code == 235) {
    logged_in_ = true;
    return Close();
  }
  if (reply.code == 334 && step_ == Step::kLoginUser) {
    return SayIn(Step::kLoginPassword, Base64Encode(wish_.user), "the answer to AUTH");
  }
  if (reply.code == 334 && step_ == Step::kLoginPassword) {
    return SayIn(Step::kAuth, Base64Encode(wish_.password), "the answer to AUTH");
  }
  return Wrong("the server refuses the user or the password: " + reply.Shown());
}

}  // namespace pharos::probe
