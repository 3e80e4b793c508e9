#include <openssl/ssl.h>

#include "play.h"

namespace pharos::faults {
namespace {

using model::Status;

constexpr const char* kTrusting = R"("url":"{url}","ca_pem":"{ca}")";
constexpr const char* kBare = R"("url":"{url}")";
constexpr const char* kTlsUrl = R"("url":"https://127.0.0.1:{port}/","timeout_ms":{ms})";
constexpr const char* kWatch = R"("host":"127.0.0.1","port":{port},"ca_pem":"{ca}")";

Fault Row(std::string name, std::string spec, std::string text, std::function<Target()> play,
          Status wanted = Status::kDown) {
  return {.name = std::move(name),
          .layer = Layer::kTransport,
          .spec = std::move(spec),
          .wanted = wanted,
          .text = std::move(text),
          .play = std::move(play)};
}

Fault Watched(std::string name, std::string text, std::function<Target()> play,
              Status wanted = Status::kDown) {
  Fault fault = Row(std::move(name), kWatch, std::move(text), std::move(play), wanted);
  fault.kind = "tls";
  return fault;
}

Script Fine() { return Sends(ScriptedServer::Ok("fine")); }

std::function<void(ssl_ctx_st*)> Versions(int oldest, int newest) {
  return [=](ssl_ctx_st* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, oldest);
    SSL_CTX_set_max_proto_version(context, newest);
  };
}

void LowerSecurity(ssl_ctx_st* context) { SSL_CTX_set_security_level(context, 0); }

void WantClientCertificate(ssl_ctx_st* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
}

void OnlyOldCipher(ssl_ctx_st* context) {
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_cipher_list(context, "NULL-SHA256:ECDHE-ECDSA-NULL-SHA");
}

// Plain bytes in answer to the ClientHello.
std::function<Target()> Raw(std::string bytes, bool stays = false) {
  return Http([=](ScriptedConnection& c) {
    if (c.ReadBytes(5).empty()) return;
    c.Send(bytes);
    if (stays) c.WaitForClose();
  });
}

std::string Alert(char description) {
  return std::string("\x15\x03\x03\x00\x02\x02", 6) + description;
}

std::string At(std::string spec, int ms) {
  return spec.replace(spec.find("{ms}"), 4, std::to_string(ms));
}

std::vector<Fault> CertificateFaults() {
  const std::string lead = R"(the certificate of 127\.0\.0\.1 is not valid: )";
  return {
      Row("a good certificate", kTrusting, "", Https(Fine()), Status::kUp),
      Row("expired", kTrusting, lead + ".*expired.*",
          Https(Fine(), {.valid_from = -Days(30), .valid_until = -Days(1)})),
      Row("not valid yet", kTrusting, lead + ".*not yet valid.*",
          Https(Fine(), {.valid_from = Days(1), .valid_until = Days(30)})),
      Row("for another host", kTrusting, R"(the certificate is not for 127\.0\.0\.1)",
          Https(Fine(), {.common_name = "other.test", .names = "DNS:other.test"})),
      Row("self-signed", kBare, lead + ".*self.signed.*", SelfSigned(Fine())),
      Row("issuer that nobody knows", kBare, lead + ".*local issuer certificate.*", Https(Fine())),
      Row("intermediate certificate not sent", kTrusting, lead + ".*local issuer certificate.*",
          Https(Fine(), {}, {}, false)),
      Row("key too short (RSA 1024)", kTrusting, lead + ".*(weak|key too small).*",
          Https(Fine(), {.rsa_bits = 1024}, LowerSecurity)),
      Row("signed with SHA-1", kTrusting, lead + ".*(weak|digest).*",
          Https(Fine(), {.digest = "SHA1"}, LowerSecurity)),
      Row("self-signed, and the monitor does not verify", R"("url":"{url}","verify_tls":false)", "",
          SelfSigned(Fine()), Status::kUp),
      Row(
          "self-signed, and the monitor trusts it", R"("url":"{url}","ca_pem":"{own}")", "",
          [] {
            const net::TestCertificate own = net::MakeTestCertificate();
            Target target = Http(Fine())();
            target.server = std::make_unique<ScriptedServer>(Fine(), own.cert_pem, own.key_pem);
            target.words["url"] = target.server->Url();
            std::string pem;
            for (const char c : own.cert_pem)
              pem += c == '\n' ? std::string("\\n") : std::string(1, c);
            target.words["own"] = pem;
            return target;
          },
          Status::kUp),
      Watched("watched: a good certificate for a year", "",
              Https(Fine(), {.valid_until = Days(365)}), Status::kUp),
      Watched("watched: expires in 5 days", ".*(4|5) days.*",
              Https(Fine(), {.valid_until = Days(5)}), Status::kDegraded),
      Watched("watched: expires in 12 hours", ".*1[12] hours.*",
              Https(Fine(), {.valid_until = Hours(12)})),
      Watched("watched: expired", "certificate expired on .*",
              Https(Fine(), {.valid_from = -Days(30), .valid_until = -Days(1)})),
      Watched(
          "watched: for another host", R"(certificate is for other\.test, not for 127.*)",
          Https(Fine(), {.common_name = "o", .names = "DNS:other.test", .valid_until = Days(365)})),
      Watched("watched: intermediate certificate not sent", ".*chain is incomplete.*",
              Https(Fine(), {.valid_until = Days(365)}, {}, false)),
      Watched("watched: port without TLS",
              R"(TLS handshake with 127\.0\.0\.1:\d+ failed: the other side does not speak TLS)",
              [] {
                Target target = Raw("HTTP/1.1 400 Bad Request\r\n\r\n")();
                target.words["ca"] = "-----BEGIN CERTIFICATE-----";
                return target;
              }),
  };
}

std::vector<Fault> HandshakeFaults() {
  const std::string lead = R"(TLS handshake with 127\.0\.0\.1:\d+ failed: )";
  std::vector<Fault> all = {
      Row("TLS 1.0 only", kTrusting, lead + "no version of TLS in common.*",
          Https(Fine(), {}, Versions(TLS1_VERSION, TLS1_VERSION))),
      Row("TLS 1.2 only, 1.3 wanted", R"("url":"{url}","ca_pem":"{ca}","tls_min_version":"1.3")",
          lead + "no version of TLS in common.*",
          Https(Fine(), {}, Versions(TLS1_2_VERSION, TLS1_2_VERSION))),
      Row("no cipher in common", kTrusting, lead + ".*", Https(Fine(), {}, OnlyOldCipher)),
      Row("wants a client certificate", kTrusting, ".*(handshake|certificate).*",
          Https(Fine(), {}, WantClientCertificate)),
      Row("alert: handshake failure", At(kTlsUrl, 4000),
          lead + "the server says: handshake failure", Raw(Alert(40))),
      Row("alert: unrecognized name", At(kTlsUrl, 4000),
          lead + "the server says: unrecognized name", Raw(Alert(112))),
      Row("alert: internal error", At(kTlsUrl, 4000), lead + ".*internal error.*", Raw(Alert(80))),
      Row("garbage instead of a ServerHello", At(kTlsUrl, 4000),
          lead + "the other side does not speak TLS", Raw(std::string(64, '\x7f'))),
      Row("plain HTTP on the TLS port", At(kTlsUrl, 4000),
          lead + "the other side does not speak TLS",
          Raw("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
      Row("TLS on the plain port", R"("url":"http://127.0.0.1:{port}/")",
          ".*(not HTTP|speaks TLS|closed|reset).*", Https(Fine())),
      Row("closed in the handshake", At(kTlsUrl, 4000),
          R"(connection closed by 127\.0\.0\.1:\d+ during the TLS handshake)", Raw("")),
      Row("reset in the handshake", At(kTlsUrl, 4000),
          R"(connection (closed|reset) by 127\.0\.0\.1:\d+ during the TLS handshake)",
          Http([](ScriptedConnection& c) {
            if (!c.ReadBytes(5).empty()) c.Reset();
          })),
      Row("handshake stalls", At(kTlsUrl, 600), "Request timed out",
          Http([](ScriptedConnection& c) { c.WaitForClose(); })),
      Row("handshake stops after its first record", At(kTlsUrl, 600), "Request timed out",
          Raw(std::string("\x16\x03\x03\x40\x00\x02", 6), true)),
  };
  all[all.size() - 1].waits = all[all.size() - 2].waits = true;
  return all;
}

std::vector<Fault> EncryptedFaults() {
  return {
      Row("TLS: length announced, cut without goodbye", kTrusting, ".*(broken|ends|closed).*",
          Https(After([](ScriptedConnection& c) {
            c.Send(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789");
            c.Drop();
          }))),
      Row("TLS: no length, cut without goodbye", kTrusting, R"(the answer may be cut off: .*)",
          Https(After([](ScriptedConnection& c) {
            c.Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>half a pa");
            c.Drop();
          }))),
      Row("TLS: no length, ended with goodbye", kTrusting, "",
          Https(Sends("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>whole</html>")),
          Status::kUp),
      Row("TLS: chunked, cut without goodbye", kTrusting, ".*(broken|ends|closed|cut).*",
          Https(After([](ScriptedConnection& c) {
            c.Send(std::string(kChunkedHead) + "5\r\nhello\r\n");
            c.Drop();
          }))),
      Row("TLS: plain bytes in the middle of the answer", kTrusting,
          "the answer is broken: the other side does not speak TLS",
          Https(After([](ScriptedConnection& c) {
            c.Send(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789");
            c.SendPlain("not encrypted at all, this");
          }))),
      Row("TLS: reset in the middle of the answer", kTrusting, ".*(reset|broken|ends).*",
          Https(After([](ScriptedConnection& c) {
            c.Send(std::string(kHead) + "Content-Length: 1000\r\n\r\n0123456789");
            c.Reset();
          }))),
  };
}

}  // namespace

std::vector<Fault> TransportFaults() {
  std::vector<Fault> all;
  for (auto part : {CertificateFaults(), HandshakeFaults(), EncryptedFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pharos::faults
