#include "targets.h"

#include <utility>

#include "net/testing/test_certificate.h"

namespace pharos::talk {
namespace {

using net::ScriptedServer;

std::unique_ptr<ScriptedServer> TlsServer() {
  net::TestCertificateOptions options;
  options.common_name = "localhost";
  options.valid_until = Days(20) + Hours(1);
  const net::TestCertificate certificate = net::MakeTestCertificate(options);
  return std::make_unique<ScriptedServer>(
      [](net::ScriptedConnection& connection) { connection.WaitForClose(); }, certificate.cert_pem,
      certificate.key_pem);
}

Result<std::unique_ptr<ScriptedServer>> Make(const std::string& kind) {
  if (kind == "tls") return TlsServer();
  if (kind == "web") {
    return std::make_unique<ScriptedServer>(ScriptedServer::Answer(ScriptedServer::Ok("fine")));
  }
  if (kind == "broken" || kind == "closed") {
    return std::make_unique<ScriptedServer>(ScriptedServer::Answer(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  }
  if (kind == "mute") {
    return std::make_unique<ScriptedServer>(
        ScriptedServer::Answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  }
  return Error(ErrorKind::kInvalid, "no kind of target: " + kind);
}

}  // namespace

Result<Targets> Targets::Open(const Session& session, Variables& variables) {
  Targets targets;
  for (const auto& [variable, kind] : session.targets) {
    PHAROS_ASSIGN_OR_RETURN(std::unique_ptr<ScriptedServer> server, Make(kind));
    variables[variable] = std::to_string(server->port());
    // The port of a server that is gone is one that nobody listens on.
    if (kind != "closed") targets.servers_.push_back(std::move(server));
  }
  return targets;
}

}  // namespace pharos::talk
