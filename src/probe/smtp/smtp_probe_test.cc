#include "probe/smtp/smtp_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"
#include "net/testing/dialer_fixture.h"
#include "net/testing/scripted_server.h"
#include "net/testing/test_certificate.h"
#include "probe/smtp/smtp_talk.h"
#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::Status;
using testing::ElementsAre;
using testing::HasSubstr;

// How a mail server of a test behaves: what it says to each command.
struct Manners {
  std::string greeting = "220 mail.test ESMTP ready\r\n";
  std::string ehlo = "250-mail.test\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 8BITMIME\r\n";
  std::string ehlo_secured = "250-mail.test\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000\r\n";
  std::string starttls = "220 go ahead\r\n";
  std::string auth = "235 welcome\r\n";
};

net::ScriptedServer::Script Server(const Manners& manners) {
  return [manners](net::ScriptedConnection& peer) {
    peer.Send(manners.greeting);
    bool secured = false;
    for (std::string line = peer.ReadLine(); !line.empty(); line = peer.ReadLine()) {
      if (line.starts_with("EHLO")) peer.Send(secured ? manners.ehlo_secured : manners.ehlo);
      if (line.starts_with("AUTH PLAIN")) peer.Send(manners.auth);
      if (line.starts_with("AUTH LOGIN")) {
        peer.Send("334 VXNlcm5hbWU6\r\n");
        peer.ReadLine();
        peer.Send("334 UGFzc3dvcmQ6\r\n");
        peer.ReadLine();
        peer.Send(manners.auth);
      }
      if (line.starts_with("STARTTLS")) {
        peer.Send(manners.starttls);
        if (manners.starttls.starts_with("220") && !peer.StartTls()) return;
        secured = true;
      }
      if (line.starts_with("QUIT")) peer.Send("221 bye\r\n");
    }
  };
}

class SmtpProbeNet : public testing::Test {
 protected:
  static Value Spec(uint16_t port, std::string_view more = "{}") {
    Value spec = ParseSpec(more);
    spec.Set("host", "127.0.0.1");
    spec.Set("port", static_cast<int>(port));
    return spec;
  }
  Observation Check(const Value& spec) { return bench_.CheckSpec(spec, "smtp"); }

  const net::TestCertificate leaf_ = net::MakeTestCertificate({.valid_until = Days(60)});
  void SetUp() override { bench_.tools.clock = &clock_; }

  const SystemClock clock_;  // certificates of these tests count from now
  RealDialer net_;
  ProbeBench bench_{*net_.dialer};
};

TEST_F(SmtpProbeNet, PlainConversationsAreJudged) {
  const struct {
    Manners manners;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {{}, "{}", Status::kUp, ""},
      {{},
       R"({"greeting":"ESMTP","capabilities":["SIZE","starttls","SIZE 1000"]})",
       Status::kUp,
       ""},
      {{},
       R"({"greeting":"Postfix"})",
       Status::kDown,
       "the greeting is \"mail.test ESMTP ready\", expected \"Postfix\""},
      {{}, R"({"capabilities":["SIZE","DSN"]})", Status::kDown, "the server does not offer DSN"},
      {{.greeting = "554 5.7.1 no service for you\r\n"},
       "{}",
       Status::kDown,
       "the server refuses this connection: 554 5.7.1 no service for you"},
      {{.greeting = "421-too\r\n421 busy\r\n"},
       "{}",
       Status::kDown,
       "the server refuses this connection: 421 busy"},
      {{.greeting = "HTTP/1.1 400 Bad Request\r\n"},
       "{}",
       Status::kDown,
       "this is no mail server: it said \"HTTP/1.1 400 Bad Request\""},
      {{.ehlo = "502 unknown command\r\n"},
       "{}",
       Status::kDown,
       "the server refuses EHLO: 502 unknown command"},
      {{.ehlo = "250-mail.test\r\nhello\r\n"}, "{}", Status::kDown, "this is no mail server"},
      {{.ehlo = "250 mail.test\r\n"},
       R"({"security":"starttls"})",
       Status::kDown,
       "the server does not offer STARTTLS"},
      {{.ehlo = "250 mail.test\r\n"},
       R"({"security":"starttls","require_starttls":false})",
       Status::kUp,
       ""},
      {{.starttls = "454 not now\r\n"},
       R"({"security":"starttls"})",
       Status::kDown,
       "the server refuses STARTTLS: 454 not now"},
      {{.starttls = "454 not now\r\n"},
       R"({"security":"tls"})",
       Status::kDown,
       "the other side does not speak TLS"},
      {{.ehlo = "250 mail.test\r\n"},
       R"({"security":"starttls","require_starttls":false,"user":"u","password":"secret-1"})",
       Status::kDown,
       "the password is not sent without encryption"},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server(Server(row.manners));
    const Observation seen = Check(Spec(server.port(), row.more));
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message));
    EXPECT_EQ(seen.outcome, CheckOutcome::kAnswered);
  }
}

TEST_F(SmtpProbeNet, EncryptedConversationsAreJudged) {
  const struct {
    Manners manners;
    const char* more;
    Status status;
    const char* message;
  } rows[] = {
      {{}, R"({"capabilities":["AUTH LOGIN"]})", Status::kUp, ""},
      {{}, R"({"capabilities":["STARTTLS"]})", Status::kDown, "does not offer STARTTLS"},
      {{}, R"({"user":"ada","password":"correct-horse"})", Status::kUp, ""},
      {{.ehlo_secured = "250-m\r\n250 AUTH LOGIN\r\n"},
       R"({"user":"ada","password":"correct-horse"})",
       Status::kUp,
       ""},
      {{.ehlo_secured = "250-m\r\n250 AUTH GSSAPI\r\n"},
       R"({"user":"ada","password":"correct-horse"})",
       Status::kDown,
       "the server offers neither AUTH PLAIN nor AUTH LOGIN"},
      {{.auth = "535 5.7.8 correct-horse is wrong\r\n"},
       R"({"user":"ada","password":"correct-horse"})",
       Status::kDown,
       "the server refuses the user or the password: 535 5.7.8 *** is wrong"},
      {{.auth = "500 unknown: AUTH PLAIN AGFkYQBjb3JyZWN0LWhvcnNl\r\n"},
       R"({"user":"ada","password":"correct-horse"})",
       Status::kDown,
       "500 unknown: AUTH PLAIN ***"},
      {{}, R"({"degraded_below_hours":2000})", Status::kDegraded, "certificate expires in 5"},
      {{},
       R"({"degraded_below_hours":3000,"down_below_hours":2000})",
       Status::kDown,
       "certificate expires in 5"},
      {{}, R"({"verify_tls":false,"degraded_below_hours":2000})", Status::kUp, ""},
  };
  for (const auto& row : rows) {
    net::ScriptedServer server(Server(row.manners), leaf_.cert_pem, leaf_.key_pem);
    server.LetTlsWait();
    Value spec = Spec(server.port(), row.more);
    spec.Set("security", "starttls");
    spec.Set("ca_pem", leaf_.cert_pem);
    const Observation seen = Check(spec);
    EXPECT_EQ(seen.status, row.status) << row.more << seen.message;
    EXPECT_THAT(seen.message, HasSubstr(row.message));
    EXPECT_THAT(seen.facts.Find("certificate")->StringOr("subject", ""), HasSubstr("CN=test"));
    EXPECT_TRUE(seen.facts.Find("smtp")->BoolOr("encrypted", false));
  }
}

TEST_F(SmtpProbeNet, NothingIsSaidToStrangersAndNothingIsMailed) {
  net::ScriptedServer server(Server({}), leaf_.cert_pem, leaf_.key_pem);
  server.LetTlsWait();
  const Observation seen =
      Check(Spec(server.port(), R"({"security":"starttls","user":"u","password":"secret-1"})"));
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, HasSubstr("self-signed"));
  EXPECT_THAT(server.Requests(), ElementsAre("EHLO pharos.invalid\r\n", "STARTTLS\r\n"));

  net::ScriptedServer at_once(Server({.ehlo = "250-mail.test\r\n250 SIZE 1\r\n"}), leaf_.cert_pem,
                              leaf_.key_pem);
  Value spec = Spec(at_once.port(), R"({"security":"tls","ehlo_name":"watch.test"})");
  spec.Set("ca_pem", leaf_.cert_pem);
  EXPECT_EQ(Check(spec).status, Status::kUp);
  EXPECT_EQ(at_once.Requests()[0], "EHLO watch.test\r\n");
}

// Replies that were slipped in before the handshake do not count (command injection).
TEST_F(SmtpProbeNet, WhatWasSaidInPlainTextIsForgotten) {
  net::ScriptedServer server(Server({.starttls = "220 go ahead\r\n", .auth = "535 no\r\n"}),
                             leaf_.cert_pem, leaf_.key_pem);
  server.LetTlsWait();
  net::ScriptedServer injecting(
      [](net::ScriptedConnection& peer) {
        peer.Send("220 m\r\n");
        peer.ReadLine();
        peer.Send("250-m\r\n250 STARTTLS\r\n");
        peer.ReadLine();
        peer.Send("220 go\r\n250-m\r\n250 AUTH PLAIN\r\n235 welcome\r\n");
        if (!peer.StartTls()) return;
        peer.ReadLine();
        peer.Send("250-m\r\n250 AUTH PLAIN\r\n");
        peer.ReadLine();
        peer.Send("535 no\r\n");
        peer.WaitForClose();
      },
      leaf_.cert_pem, leaf_.key_pem);
  injecting.LetTlsWait();
  Value spec =
      Spec(injecting.port(), R"({"security":"starttls","user":"u","password":"secret-1"})");
  spec.Set("ca_pem", leaf_.cert_pem);
  const Observation seen = Check(spec);
  EXPECT_EQ(seen.status, Status::kDown);
  EXPECT_THAT(seen.message, testing::AnyOf(HasSubstr("refuses the user or the password: 535"),
                                           HasSubstr("does not speak TLS")));
}

TEST_F(SmtpProbeNet, SilenceAndEarlyEndsSayWhere) {
  const net::RefusingPort nobody;
  EXPECT_THAT(Check(Spec(nobody.port())).message, HasSubstr("connection refused by 127.0.0.1:"));
  net::ScriptedServer silent([](net::ScriptedConnection& peer) { peer.WaitForClose(); });
  const Observation late = Check(Spec(silent.port(), R"({"timeout_ms":150})"));
  EXPECT_EQ(late.outcome, CheckOutcome::kTimeout);
  EXPECT_THAT(late.message, HasSubstr("in time (waiting for the greeting)"));
  net::ScriptedServer cut([](net::ScriptedConnection& peer) {
    peer.Send("220 m\r\n");
    peer.ReadLine();
    peer.Send("250-m\r\n250-SI");
  });
  EXPECT_THAT(Check(Spec(cut.port())).message,
              HasSubstr("before the answer (waiting for the answer to EHLO)"));
  net::ScriptedServer endless([](net::ScriptedConnection& peer) { peer.SendForever("220-x\r\n"); });
  EXPECT_THAT(Check(Spec(endless.port())).message, HasSubstr("this is no mail server"));
}

TEST(SmtpReply, AreRead) {
  const struct {
    std::string_view bytes;
    SmtpRead read;
    int code;
    size_t lines;
  } rows[] = {
      {"220 ready\r\n", SmtpRead::kReply, 220, 1},
      {"250\r\n", SmtpRead::kReply, 250, 1},
      {"250-a\r\n250-b\r\n250 c\r\n", SmtpRead::kReply, 250, 3},
      {"220 bare\n", SmtpRead::kReply, 220, 1},
      {"", SmtpRead::kMore, 0, 0},
      {"22", SmtpRead::kMore, 0, 0},
      {"250-a\r\n250", SmtpRead::kMore, 0, 0},
      {"hello\r\n", SmtpRead::kNonsense, 0, 0},
      {"22\r\n", SmtpRead::kNonsense, 0, 0},
      {"220x\r\n", SmtpRead::kNonsense, 0, 0},
  };
  for (const auto& row : rows) {
    size_t at = 0;
    SmtpReply reply;
    EXPECT_EQ(ReadSmtpReply(row.bytes, at, reply), row.read) << row.bytes;
    if (row.read != SmtpRead::kReply) continue;
    EXPECT_EQ(reply.code, row.code);
    EXPECT_EQ(reply.lines.size(), row.lines);
    EXPECT_EQ(at, row.bytes.size());
  }
  EXPECT_TRUE(HasCapability({"AUTH PLAIN LOGIN"}, "auth login"));
  EXPECT_FALSE(HasCapability({"AUTH PLAIN"}, "AUTH LOGIN"));
  EXPECT_FALSE(HasCapability({"XAUTH"}, "AUTH"));
}

TEST(SmtpProbe, SpecsAreChecked) {
  const Catalog catalog;
  for (const char* bad :
       {R"({})", R"({"host":"a","security":"ssl"})", R"({"host":"a","user":"u"})",
        R"({"host":"a","user":"u","password":"p"})", R"({"host":"a","ehlo_name":"a b"})",
        R"({"host":"a","ehlo_name":"a\r\nMAIL FROM"})", R"({"host":"a","capabilities":[" "]})",
        R"({"host":"a","degraded_below_hours":1,"down_below_hours":2})"}) {
    EXPECT_FALSE(catalog.ValidateSpec("smtp", ParseSpec(bad))) << bad;
  }
  FakeDialer dialer;
  ProbeBench bench(dialer);
  for (const char* security : {"none", "starttls", "tls"}) {
    Value spec = ParseSpec(R"({"host":"a"})");
    spec.Set("security", security);
    bench.CheckSpec(spec, "smtp");
  }
  EXPECT_EQ(dialer.requests[0].port, 25);
  EXPECT_EQ(dialer.requests[1].port, 587);
  EXPECT_EQ(dialer.requests[2].port, 465);
  EXPECT_EQ(dialer.requests[2].transport, net::Transport::kTls);
}

}  // namespace
}  // namespace pharos::probe
