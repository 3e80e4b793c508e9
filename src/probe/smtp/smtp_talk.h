#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "probe/conversation.h"

namespace pharos::probe {

// One reply of a mail server: a code and its lines without the codes.
struct SmtpReply {
  int code = 0;
  std::vector<std::string> lines;
  // "554 5.7.1 no", cut for messages.
  std::string Shown() const;
};
enum class SmtpRead : uint8_t { kReply, kMore, kNonsense };
// Reads the reply at `at` and moves it on. At most 100 lines of 1 KiB.
SmtpRead ReadSmtpReply(std::string_view bytes, size_t& at, SmtpReply& reply);

enum class SmtpSecurity : uint8_t { kNone, kStartTls, kTls };

struct SmtpWish {
  SmtpSecurity security = SmtpSecurity::kNone;
  bool require_starttls = true;
  bool verify_tls = true;
  std::string ehlo_name;
  std::string greeting;                   // must be part of the greeting
  std::vector<std::string> capabilities;  // "SIZE", "AUTH LOGIN"
  std::string user;
  std::string password;
};

// Whether an EHLO answer has a line for `wanted`: its first word, and each further one somewhere.
bool HasCapability(const std::vector<std::string>& lines, std::string_view wanted);

// Greeting, EHLO, STARTTLS, EHLO, AUTH, QUIT, each when wanted. Never sends mail.
class SmtpTalk : public Conversation {
 public:
  explicit SmtpTalk(SmtpWish wish) : wish_(std::move(wish)) {}
  net::DialTurn Next(const net::DialHeard& heard) override;

  const std::string& greeting() const { return greeting_; }
  const std::vector<std::string>& capabilities() const { return capabilities_; }
  bool secured() const { return secured_; }
  bool logged_in() const { return logged_in_; }

 private:
  enum class Step : uint8_t { kGreeting, kEhlo, kStartTls, kAuth, kLoginUser, kLoginPassword };

  net::DialTurn Take(const SmtpReply& reply);
  net::DialTurn TakeGreeting(const SmtpReply& reply);
  net::DialTurn TakeEhlo(const SmtpReply& reply);
  net::DialTurn TakeAuth(const SmtpReply& reply);
  net::DialTurn SayEhlo();
  net::DialTurn SayAuth();
  net::DialTurn SayIn(Step step, std::string line, std::string_view awaited);
  net::DialTurn Close();

  const SmtpWish wish_;
  Step step_ = Step::kGreeting;
  size_t at_ = 0;
  bool secured_ = false;
  bool logged_in_ = false;
  std::string greeting_;
  std::vector<std::string> capabilities_;
};

}  // namespace pharos::probe
