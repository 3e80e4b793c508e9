#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "fault.h"
#include "net/testing/test_certificate.h"

namespace pharos::faults {

using net::ScriptedConnection;
using net::ScriptedServer;
using Script = ScriptedServer::Script;

inline constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\n";
inline constexpr std::string_view kChunkedHead =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// A script that reads the request and then does what `then` does.
Script After(std::function<void(ScriptedConnection&)> then);
Script Sends(std::string answer);
// Status line, length and body.
std::string Answer(std::string_view status, std::string_view body, std::string_view headers = "");
Script Endless(std::string_view head, std::string piece);
Script Repeats(std::string head, std::string piece, int times, std::string tail);
Script Redirects(std::string location, std::string status = "302 Found");
// Answers requests by their method and path ("GET /next"), anything else with 404.
Script Routes(std::map<std::string, std::string> answers);
std::string Gzip(std::string_view text);
std::string GzipOfZeros(size_t mib);
std::string Gzipped(const std::string& packed, size_t announced);

// Targets of one server; the words are {url}, {port} and, with TLS, {ca}.
std::function<Target()> Http(Script script);
struct Certificates {
  net::TestCertificate root;
  net::TestCertificate intermediate;
};
const Certificates& Authority();
std::function<Target()> Https(Script script, const net::TestCertificateOptions& leaf = {},
                              std::function<void(ssl_ctx_st*)> set_up = {},
                              bool sends_intermediate = true);
std::function<Target()> SelfSigned(Script script);
// A name server for monitors of kind dns; the word is {port}.
std::function<Target()> Dns(net::DatagramServer::Script script);

}  // namespace pharos::faults
