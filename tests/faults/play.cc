#include "play.h"

#include <openssl/ssl.h>
#include <zlib.h>

#include "base/json.h"

namespace pharos::faults {
namespace {

// A PEM text as it stands inside a JSON string.
std::string InJson(const std::string& text) {
  const std::string json = WriteJson(Value(text));
  return json.substr(1, json.size() - 2);
}

Target With(std::unique_ptr<ScriptedServer> server) {
  Target target;
  target.words["url"] = server->Url();
  target.words["port"] = std::to_string(server->port());
  target.server = std::move(server);
  return target;
}

// `feed` hands over pieces until an empty one.
std::string Deflate(const std::function<std::string_view()>& feed) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out;
  std::string buffer(64 * 1024, '\0');
  bool more = true;
  while (more) {
    const std::string_view piece = feed();
    more = !piece.empty();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, more ? Z_NO_FLUSH : Z_FINISH);
      out.append(buffer, 0, buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string_view LayerName(Layer layer) {
  switch (layer) {
    case Layer::kReachability:
      return "reachability";
    case Layer::kNames:
      return "name service";
    case Layer::kTransport:
      return "transport and TLS";
    case Layer::kHttp:
      return "HTTP";
    case Layer::kContent:
      return "content";
  }
  return "";
}

std::vector<Fault> AllFaults() {
  std::vector<Fault> all;
  for (auto part : {ReachabilityFaults(), NameFaults(), TransportFaults(), FramingFaults(),
                    HttpFaults(), ContentFaults()}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

Script After(std::function<void(ScriptedConnection&)> then) {
  return [then = std::move(then)](ScriptedConnection& connection) {
    if (!connection.ReadRequest().empty()) then(connection);
  };
}

Script Sends(std::string answer) { return ScriptedServer::Answer(std::move(answer)); }

std::string Answer(std::string_view status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

Script Endless(std::string_view head, std::string piece) {
  return After([head = std::string(head), piece = std::move(piece)](ScriptedConnection& c) {
    c.Send(head);
    c.SendForever(piece);
  });
}

Script Repeats(std::string head, std::string piece, int times, std::string tail) {
  return After([=](ScriptedConnection& connection) {
    if (!connection.Send(head)) return;
    for (int i = 0; i < times; ++i) {
      if (!connection.Send(piece)) return;
    }
    connection.Send(tail);
  });
}

Script Redirects(std::string location, std::string status) {
  return Sends(Answer(status, "", "Location: " + location + "\r\n"));
}

Script Routes(std::map<std::string, std::string> answers) {
  return [answers = std::move(answers)](ScriptedConnection& connection) {
    const std::string request = connection.ReadRequest();
    const std::string line = request.substr(0, request.find(" HTTP/"));
    const auto found = answers.find(line);
    connection.Send(found != answers.end() ? found->second : Answer("404 Not Found", "no"));
  };
}

std::string Gzip(std::string_view text) {
  bool given = false;
  return Deflate([&]() { return std::exchange(given, true) ? std::string_view() : text; });
}

std::string GzipOfZeros(size_t mib) {
  // Members behind each other count as one; packing a gigabyte takes seconds.
  static const std::string member = Gzip(std::string(1024 * 1024, '\0'));
  std::string out;
  for (size_t i = 0; i < mib; ++i) out += member;
  return out;
}

std::string Gzipped(const std::string& packed, size_t announced) {
  return std::string(kHead) +
         "Content-Encoding: gzip\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" +
         packed;
}

std::function<Target()> Http(Script script) {
  return [script = std::move(script)] { return With(std::make_unique<ScriptedServer>(script)); };
}

const Certificates& Authority() {
  static const Certificates made = [] {
    Certificates c;
    c.root = net::MakeTestCertificate({.common_name = "Lab Root", .names = "", .is_ca = true});
    c.intermediate = net::MakeTestCertificate(
        {.common_name = "Lab Intermediate", .names = "", .issuer = &c.root, .is_ca = true});
    return c;
  }();
  return made;
}

std::function<Target()> Https(Script script, const net::TestCertificateOptions& leaf,
                              std::function<void(ssl_ctx_st*)> set_up, bool sends_intermediate) {
  return [=] {
    net::TestCertificateOptions options = leaf;
    options.issuer = &Authority().intermediate;
    const net::TestCertificate own = net::MakeTestCertificate(options);
    const std::string chain =
        own.cert_pem + (sends_intermediate ? Authority().intermediate.cert_pem : "");
    auto server = std::make_unique<ScriptedServer>(script, chain, own.key_pem);
    if (set_up) server->ChangeTls(set_up);
    Target target = With(std::move(server));
    target.words["ca"] = InJson(Authority().root.cert_pem);
    return target;
  };
}

std::function<Target()> SelfSigned(Script script) {
  return [=] {
    const net::TestCertificate own = net::MakeTestCertificate();
    return With(std::make_unique<ScriptedServer>(script, own.cert_pem, own.key_pem));
  };
}

std::function<Target()> Dns(net::DatagramServer::Script script) {
  return [script = std::move(script)] {
    Target target;
    target.datagrams = std::make_unique<net::DatagramServer>(script);
    target.words["port"] = std::to_string(target.datagrams->port());
    return target;
  };
}

}  // namespace pharos::faults
